"""When two pictures are the same to whoever looks: nearly the same look, nearly the same vector."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["BITS", "COSINE", "MAX_HAMMING_DISTANCE", "phash"]

BITS = 64
# So many bits may differ: recompressed, rescaled or slightly brightened pictures do.
MAX_HAMMING_DISTANCE = 4
COSINE = 0.97
_SIDE, _KEPT = 32, 8


def phash(thumbnail: bytes) -> NDArray[np.uint8] | None:
    """The eight bytes of a thumbnail; None where it cannot be read or is of one colour.

    Which of the 64 slowest waves of the grey picture are stronger than their median ("pHash",
    http://www.phash.org; the same bits as `imagehash.phash`). A picture of one colour has no
    waves: its bits would be noise.
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
