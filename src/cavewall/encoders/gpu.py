"""A model in half precision on a graphics card, for many texts at once."""

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
    """Whether a driver for NVIDIA's cards is loaded: told without importing torch."""
    return Path("/proc/driver/nvidia/version").exists()


def to_gpu(load: Callable[[], SentenceTransformer], name: str) -> Encode | None:
    """How to encode on the card; None where torch finds none, or half precision is too coarse."""
    import torch

    if not torch.cuda.is_available():
        return None
    model = load()
    try:
        half = copy.deepcopy(model).to("cuda").half()
        least = least_cosine(original(model, SAMPLE), original(half, SAMPLE))
    except (RuntimeError, ValueError) as fault:  # a full card, a module without half precision
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
