"""Encoding many texts at once on a GPU, in half precision."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders.onnx_export import SAMPLE, least_cosine, original
from cavewall.encoders.onnx_runtime import LEAST_COSINE
from cavewall.encoders.protocol import Encode

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["has_gpu", "to_gpu"]

_BATCH = 256
_LOG = logging.getLogger(__name__)


def has_gpu() -> bool:
    """Whether an NVIDIA driver is loaded. Does not import torch."""
    return Path("/proc/driver/nvidia/version").exists()


def to_gpu(load: Callable[[], SentenceTransformer], name: str) -> Encode | None:
    """A function that encodes on the GPU; None without one, or if half precision is too coarse."""
    import torch

    if not torch.cuda.is_available():
        return None
    model = load()
    try:
        half = copy.deepcopy(model).to("cuda").half()
        least = least_cosine(original(model, SAMPLE), original(half, SAMPLE))
    except (
        RuntimeError,
        ValueError,
    ) as fault:  # GPU memory is full, or a module without half precision
        _LOG.warning("%s does not run on the graphics card: %s", name, fault)
        return None
    if not least >= LEAST_COSINE:
        _LOG.warning(
            "%s does not run on the graphics card: in half precision its vectors are others "
            "(cosine %.4f)",
            name,
            least,
        )
        return None

    def encode(texts: list[str]) -> NDArray[np.float32]:
        return original(half, texts, _BATCH)

    return encode
