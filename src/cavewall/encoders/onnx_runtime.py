"""Text encoders as ONNX graphs, run by ONNX Runtime in milliseconds and without torch.

An export is a small folder. It has no weights: the graph names each one by file, offset and shape,
and they are memory-mapped from the model's own files, whose digests are checked as always.

    graph.onnx.gz   the operations, from token ids (texts, tokens) to vectors (texts, dimension)
    about.json      the model's digest, where the weights are, and one text with its vector
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import cores
from cavewall._internal.vectors import normalise

__all__ = ["FORMAT", "LEAST_COSINE", "About", "OnnxTextModel", "UnusableExportError"]

FORMAT = 1
# The least cosine between a vector of an export and the model's own.
LEAST_COSINE = 0.9995

_GRAPH, _ABOUT = "graph.onnx.gz", "about.json"
_FLOAT = 1  # ONNX's number for float32
# Tokens of one run: few enough for its arrays to stay in the processor's caches.
_TOKENS_AT_ONCE = 1024
_TEXTS_AT_ONCE = 16_384

Floats = NDArray[np.float32]


class UnusableExportError(Exception):
    """An export that is damaged, of another model, or does not give that model's vectors."""


@dataclass(frozen=True)
class About:
    """The description of an export, `about.json`.

    Attributes:
        model: the digest of the model's files (`EncoderIdentity.digest`).
        graph: the sha256 of the graph.
        longest: how many tokens of a text are read.
        prefix: put before every text.
        weights: the model's file, the offset in bytes and the shape of each; all float32.
        text, vector: one text and the model's own vector of it, to check the export.
    """

    model: str
    graph: str
    longest: int
    prefix: str
    weights: dict[str, tuple[str, int, tuple[int, ...]]]
    text: str
    vector: tuple[float, ...]
    format: int = FORMAT


class OnnxTextModel:
    """An export, ready to encode. Safe to use from several threads."""

    def __init__(self, about: About, graph: bytes, model: Path) -> None:
        """Load a graph, with the weights and the tokenizer in the folder `model`."""
        from tokenizers import Tokenizer

        self._prefix = about.prefix
        self._dimension = len(about.vector)
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(about.longest)
        # ONNX Runtime does not copy the weights: the maps have to live as long as the session.
        self._weights = _mapped(about, model)
        self._session = _session(graph, self._weights)

    @classmethod
    def from_folder(cls, folder: Path, model: Path, digest: str) -> OnnxTextModel:
        """The export that `to_folder` wrote for the model of that digest in the folder `model`.

        Raises:
            FileNotFoundError, NotADirectoryError: there is none.
            UnusableExportError: it is damaged, foreign, or gives other vectors than the model.
        """
        try:
            about = About(**json.loads((folder / _ABOUT).read_bytes()))
            graph = gzip.decompress((folder / _GRAPH).read_bytes())
            if (about.format, about.model) != (FORMAT, digest):
                raise UnusableExportError("it is of another model")
            if hashlib.sha256(graph).hexdigest() != about.graph:
                raise UnusableExportError("its graph is damaged")
            exported = cls(about, graph, model)
            (vector,) = exported.encode([about.text])
        except (FileNotFoundError, NotADirectoryError, UnusableExportError):
            raise
        except Exception as fault:  # ONNX Runtime raises anything for damaged graphs
            raise UnusableExportError(f"{type(fault).__name__}: {fault}") from fault
        if not float(vector @ np.asarray(about.vector, np.float32)) >= LEAST_COSINE:
            raise UnusableExportError("it gives other vectors than the model")
        return exported

    @staticmethod
    def to_folder(folder: Path, about: About, graph: bytes) -> None:
        (folder / _GRAPH).write_bytes(gzip.compress(graph, mtime=0))
        (folder / _ABOUT).write_text(json.dumps(asdict(about)), "utf-8")

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, dimension); a repeated text is encoded once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        distinct = list(places)
        made = np.empty((len(distinct), self._dimension), np.float32)
        for start in range(0, len(distinct), _TEXTS_AT_ONCE):
            part = distinct[start : start + _TEXTS_AT_ONCE]
            made[start : start + len(part)] = self._encode_distinct(part)
        unit = np.asarray(normalise(made), np.float32)
        return unit[[places[text] for text in texts]]

    def _encode_distinct(self, texts: list[str]) -> Floats:
        tokens = [
            found.ids
            for found in self._tokenizer.encode_batch_fast([self._prefix + text for text in texts])
        ]
        made = np.empty((len(texts), self._dimension), np.float32)

        def run(rows: list[int]) -> None:
            ids = np.array([tokens[row] for row in rows], np.int64)
            made[rows] = self._session.run(None, {"input_ids": ids})[0]

        batches = _batches([len(ids) for ids in tokens])
        if len(batches) == 1:
            run(batches[0])
        else:
            # One core and one batch per thread: no thread waits for part of another's product.
            with ThreadPoolExecutor(min(len(batches), cores())) as pool:
                for _ in pool.map(run, batches):
                    pass
        return made


def _batches(lengths: list[int]) -> list[list[int]]:
    """Rows in batches of one length each, the longest first, so that nothing is padded."""
    alike: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        alike.setdefault(length, []).append(row)
    batches = []
    for length in sorted(alike, reverse=True):
        rows, size = alike[length], max(1, _TOKENS_AT_ONCE // max(1, length))
        batches += [rows[start : start + size] for start in range(0, len(rows), size)]
    return batches


def _mapped(about: About, model: Path) -> dict[str, Floats]:
    files: dict[str, Any] = {}
    weights = {}
    for name, (file, offset, shape) in about.weights.items():
        if file not in files:
            files[file] = np.memmap(model / file, np.uint8, "r")
        end = offset + 4 * int(np.prod(shape))
        weights[name] = files[file][offset:end].view(np.float32).reshape(shape)
    return weights


def _session(graph: bytes, weights: dict[str, Floats]) -> Any:
    # ONNX Runtime 1.29 and later send telemetry about machines and models. The variable prevents
    # it; the call below stops it if another package has imported onnxruntime before.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    values = [
        onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(array, _FLOAT)
        for array in weights.values()
    ]
    options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
