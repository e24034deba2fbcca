"""Perceptual hashes, and the thresholds for pictures that look the same."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["BITS", "COSINE", "MAX_HAMMING_DISTANCE", "phash"]

BITS = 64
# Recompressed, rescaled or slightly brightened copies differ in up to this many bits.
MAX_HAMMING_DISTANCE = 4
# Pictures that look the same have vectors with at least this cosine.
COSINE = 0.97
_SIDE, _KEPT = 32, 8


def phash(thumbnail: bytes) -> NDArray[np.uint8] | None:
    """The 64-bit hash of a thumbnail, as 8 bytes; None if it cannot be read or has one colour.

    A bit says whether one of the 64 lowest frequencies of the grey picture's cosine transform is
    stronger than their median ("pHash", http://www.phash.org; the same bits as
    `imagehash.phash`). A picture of one colour has no frequencies: its bits would be noise.
    """
    try:
        with Image.open(io.BytesIO(thumbnail)) as picture:
            picture.draft("L", (2 * _SIDE, 2 * _SIDE))
            grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    except Exception:  # decoders of hostile bytes raise anything
        return None
    from scipy.fft import dctn

    waves = dctn(np.asarray(grey, np.float64), norm="ortho")[:_KEPT, :_KEPT]
    if np.abs(waves.ravel()[1:]).max() < 1.0:
        return None
    return np.packbits(waves > np.median(waves))
