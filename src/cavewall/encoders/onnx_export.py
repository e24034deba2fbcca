"""From a loaded SentenceTransformers model to an export: see `cavewall.encoders.onnx_runtime`."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.encoders.onnx_runtime import LEAST_COSINE, About, OnnxTextModel, UnusableExportError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["SAMPLE", "export", "least_cosine"]

_KINDS = ["Transformer", "Pooling", "Dense", "Normalize"]
_OPSET = 17  # the first with LayerNormalization, and the last that the exporter writes well
_SMALL = 256  # bytes of a constant that stays in the graph

# Short and long, of several scripts, with what tokenizers trip over: an export must agree on all.
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
    """Unit vectors as the model itself makes them."""
    vectors = model.encode(texts, batch_size=batch, show_progress_bar=False)
    return np.asarray(normalise(np.asarray(vectors, np.float32)), np.float32)


def least_cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The cosine of the row of unit vectors that differs the most; 0 for other shapes."""
    return float(np.einsum("nd,nd->n", a, b).min()) if a.shape == b.shape else 0.0


def _traced(model: SentenceTransformer) -> bytes:
    """The model as ONNX, from token ids without padding to vectors."""
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
    """The graph with each weight that stands in the model's files left there, and where."""
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
    """Without what torch tells developers while it traces."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
