"""Vector arithmetic on NumPy arrays, one vector per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Array",
    "center",
    "cosines",
    "mean_direction",
    "mean_directions",
    "normalise",
    "shrunk_mean",
]

Array = NDArray[np.floating[Any]]


def normalise(vectors: Array) -> Array:
    """Scale rows to unit length: (n, d) or (d,), same shape back, float32 stays float32.

    Raises:
        ValueError: a row is zero or not finite.
    """
    lengths = np.linalg.norm(vectors.astype(np.float64, copy=False), axis=-1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ValueError("a zero or non-finite vector has no direction")
    unit: Array = (vectors / lengths).astype(vectors.dtype, copy=False)
    return unit


def cosines(a: Array, b: Array) -> NDArray[np.float64]:
    """Cosine of every row of `a` (m, d) with every row of `b` (n, d), shape (m, n)."""
    left = normalise(a.astype(np.float64))
    right = normalise(b.astype(np.float64))
    return np.clip(left @ right.T, -1.0, 1.0)


def mean_direction(vectors: Array) -> Array:
    """The unit vector along the mean of unit vectors: (n, d) to (d,).

    Raises:
        ValueError: the vectors cancel out, or there are none.
    """
    if len(vectors) == 0:
        raise ValueError("the mean of no vectors is undefined")
    return normalise(vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype))


def mean_directions(vectors: Array, sizes: Sequence[int]) -> NDArray[np.float32]:
    """`mean_direction` of consecutive groups of rows: (n, d) to (groups, d).

    `sizes` are the numbers of rows per group, each at least 1. A group that cancels out is zero.
    """
    starts = np.cumsum([0, *sizes[:-1]])
    sums = np.add.reduceat(vectors.astype(np.float64), starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means = np.zeros(sums.shape, np.float32)
    np.divide(sums, lengths, out=means, where=lengths > 0, casting="same_kind")
    return means


def shrunk_mean(vectors: Array) -> NDArray[np.float64]:
    """The mean of unit vectors and one zero vector: (n, d) to (d,).

    The zero vector shrinks the mean, so that centring a few or equal vectors leaves more than
    rounding error.
    """
    return np.asarray(vectors.sum(axis=0, dtype=np.float64) / (len(vectors) + 1), np.float64)


def center(vectors: Array, middle: NDArray[np.float64]) -> NDArray[np.float32]:
    """Subtract `middle` (d,) from unit vectors (n, d) and normalise again."""
    found = vectors.astype(np.float64) - middle
    return np.asarray(normalise(found) if len(found) else found, np.float32)
