"""ONNX exports of text models: made from a loaded model, verified, kept, and found again.

An export (see `cavewall.encoders.onnx_runtime`) encodes without torch, which takes seconds to
import. The packaged model's comes with Cavewall, in `shipped`; others are made once, in the cache.
A model that cannot be exported leaves a refusal there, so that no later run tries again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import shutil
import struct
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.files import atomic_dir, cache_folder
from cavewall._internal.vectors import normalise
from cavewall.encoders.onnx_runtime import (
    FORMAT,
    LEAST_COSINE,
    About,
    OnnxTextModel,
    UnusableExportError,
)

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = [
    "SAMPLE",
    "ExportRefusal",
    "export",
    "find_export",
    "least_cosine",
    "make_export",
    "original",
    "shipped_folder",
]

_REFUSED = "refused.json"
_KINDS = ["Transformer", "Pooling", "Dense", "Normalize"]
_OPSET = 17  # the first with LayerNormalization, and the last that the exporter writes well
_SMALL = 256  # bytes of a constant that stays in the graph

# Short and long texts in several scripts, with what confuses tokenizers: an export has to agree
# with the model on each.
SAMPLE = [
    "dog",
    "a dog runs on sand",
    "Two Men in BLUE jackets, climbing up a snow-covered mountain at 10:30 .",
    "A black-and-white photo of a girl in a man's t-shirt, eating ice cream on the pier.",
    "🐕‍🦺 犬が砂浜を走る",
    "Élan naïf, Straße, Ωμέγα, привет",
    "  white \t space\n",
    " ",
    "<b>dog</b> [MASK] $5 & 50% C++",
    "the old man and the sea and the boat " * 9,
    "a" * 300,
    "dog " * 1000,
]


@dataclass(frozen=True)
class ExportRefusal:
    """Why a model cannot be exported."""

    reason: str


def find_export(source: Path, digest: str) -> OnnxTextModel | ExportRefusal | None:
    """The export of the model in `source`, or its refusal; None if neither was made yet.

    Raises:
        UnusableExportError: the export is damaged or foreign.
    """
    cached = _cached_folder(digest)
    for folder in (shipped_folder(digest), cached):
        try:
            return OnnxTextModel.from_folder(folder, source, digest)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return _refusal(cached)


def make_export(
    model: SentenceTransformer, source: Path, digest: str
) -> OnnxTextModel | ExportRefusal:
    """Export a model into the cache and load the export. A refusal is kept in the same way."""

    def build(aside: Path) -> None:
        _export_or_refuse(model, source, digest, aside)

    # An older one was found unusable, or is the refusal of another torch.
    shutil.rmtree(_cached_folder(digest), ignore_errors=True)
    if atomic_dir(_cached_folder(digest), build):
        with contextlib.suppress(UnusableExportError):
            found = find_export(source, digest)
            if found is not None:
                return found
    # The cache cannot be written to: the export serves this process alone.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        build(Path(temporary))
        refused = _refusal(Path(temporary))
        return refused or OnnxTextModel.from_folder(Path(temporary), source, digest)


def _export_or_refuse(model: SentenceTransformer, source: Path, digest: str, folder: Path) -> None:
    try:
        export(model, source, digest, folder)
    except OSError:
        raise
    except Exception as fault:  # exporters raise anything at what they do not know
        reason = str(fault) if isinstance(fault, UnusableExportError) else repr(fault)
        said = {"reason": reason.partition("\n")[0][:300], "torch": _torch()}
        for path in folder.iterdir():
            path.unlink()
        (folder / _REFUSED).write_text(json.dumps(said), "utf-8")


def shipped_folder(digest: str) -> Path:
    """Where the export of that model would be in the package."""
    return Path(__file__).with_name("shipped") / _name(digest)


def _cached_folder(digest: str) -> Path:
    return cache_folder() / "encoders" / _name(digest)


def _name(digest: str) -> str:
    return f"{digest[:16]}-{FORMAT}"


def _refusal(folder: Path) -> ExportRefusal | None:
    """The refusal kept in a folder, if the same torch refused: another one may succeed."""
    try:
        said = json.loads((folder / _REFUSED).read_bytes())
        return ExportRefusal(str(said["reason"])) if said["torch"] == _torch() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def export(model: SentenceTransformer, source: Path, digest: str, folder: Path) -> None:
    """Write the export of a model, whose files are in `source`, into `folder`, and verify it.

    Raises:
        UnusableExportError: this kind of model cannot be exported, or the export does not give the
            model's vectors.
    """
    kinds = [type(module).__name__ for module in model]
    if kinds[:2] != _KINDS[:2] or not set(kinds[2:]) <= set(_KINDS[2:]):
        raise UnusableExportError(f"a model of {' + '.join(kinds)} is not of a kind that it knows")
    vectors = original(model, SAMPLE)
    graph, weights = _without_weights(_traced(model), source)
    about = About(
        model=digest,
        graph=hashlib.sha256(graph).hexdigest(),
        longest=int(model.max_seq_length or 512),
        prefix=model.prompts.get(model.default_prompt_name or "", ""),
        weights=weights,
        text=SAMPLE[1],
        vector=tuple(float(value) for value in vectors[1]),
    )
    OnnxTextModel.to_folder(folder, about, graph)
    found = OnnxTextModel.from_folder(folder, source, digest).encode(SAMPLE)
    least = least_cosine(vectors, found)
    if not least >= LEAST_COSINE:
        raise UnusableExportError(
            f"its vectors are not the model's (cosine {least:.4f}, at least {LEAST_COSINE} wanted)"
        )


def original(model: SentenceTransformer, texts: list[str], batch: int = 64) -> NDArray[np.float32]:
    """Unit vectors from the model itself."""
    vectors = model.encode(texts, batch_size=batch, show_progress_bar=False)
    return np.asarray(normalise(np.asarray(vectors, np.float32)), np.float32)


def least_cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The cosine of the row of unit vectors that differs the most; 0 for other shapes."""
    return float(np.einsum("nd,nd->n", a, b).min()) if a.shape == b.shape else 0.0


def _traced(model: SentenceTransformer) -> bytes:
    """The model as an ONNX graph, from token ids without padding to vectors."""
    import torch

    class FromIds(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)}
            if "token_type_ids" in model.tokenizer.model_input_names:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            return model(features)["sentence_embedding"]

    file = io.BytesIO()
    with _quietly(), torch.no_grad():
        # The older exporter: 3 s of work where the newer takes 14 and three more packages, and
        # its graphs run faster. Weights must stay as they are in their files: nothing is folded.
        torch.onnx.export(
            FromIds().eval(),
            (torch.arange(21).reshape(3, 7) % 5,),
            file,  # type: ignore[arg-type]
            dynamo=False,
            input_names=["input_ids"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": {0: "texts", 1: "tokens"}},
            opset_version=_OPSET,
            do_constant_folding=False,
        )
    return file.getvalue()


def _without_weights(
    traced: bytes, source: Path
) -> tuple[bytes, dict[str, tuple[str, int, tuple[int, ...]]]]:
    """The graph without the weights that are in the model's files, and where these are.

    Each large float32 tensor is found there by its digest: (file, offset in bytes, shape) by name.
    """
    import onnx
    from onnx.external_data_helper import set_external_data

    known = {digest: (file, offset) for digest, file, offset in _tensors(source)}
    graph = onnx.load_from_string(traced)
    weights = {}
    for tensor in graph.graph.initializer:
        data = onnx.numpy_helper.to_array(tensor)
        place = known.get(hashlib.sha256(data.tobytes()).digest())
        if place is None or data.nbytes <= _SMALL or data.dtype != np.float32:
            continue
        weights[tensor.name] = (*place, tuple(tensor.dims))
        set_external_data(tensor, place[0], place[1], data.nbytes)
        tensor.ClearField("raw_data")
    for node in graph.graph.node:
        node.doc_string = ""
    return graph.SerializeToString(), weights


def _tensors(source: Path) -> Iterator[tuple[bytes, str, int]]:
    """Digest, file and offset of every tensor in a model's safetensors files."""
    for path in sorted(source.rglob("*.safetensors")):
        data = np.memmap(path, np.uint8, "r")
        (length,) = struct.unpack("<Q", data[:8].tobytes())
        header = json.loads(data[8 : 8 + length].tobytes())
        for name, tensor in header.items():
            if name != "__metadata__":
                start, end = (8 + length + offset for offset in tensor["data_offsets"])
                digest = hashlib.sha256(data[start:end].tobytes()).digest()
                yield digest, path.relative_to(source).as_posix(), start


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence torch's warnings to developers while it traces."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
