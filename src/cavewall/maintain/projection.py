"""Vectors on a flat map: their first two principal components."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["principal_axes"]


def principal_axes(
    batches: Iterable[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (d,) of vectors and the two axes (2, d) along which they differ most.

    The vectors come in batches (n, d) and are looked at once. The largest part of an axis is
    positive, so that the same vectors always give the same map. Axes that there are none of (a
    single vector, one dimension) are zero.
    """
    count, total, squares = 0, np.zeros(1), np.zeros((1, 1))
    for batch in batches:
        exact = batch.astype(np.float64)
        count += len(exact)
        total = total + exact.sum(axis=0)
        squares = squares + exact.T @ exact
    mean = total / max(count, 1)
    covariance = squares / max(count, 1) - np.outer(mean, mean)
    values, directions = np.linalg.eigh(covariance)
    axes = np.zeros((2, len(mean)))
    # What is left of the largest after rounding is no direction at all.
    floor = max(1e-9, 1e-9 * float(values[-1]))
    for place, axis in enumerate(np.argsort(-values)[:2]):
        if values[axis] > floor:
            direction = directions[:, axis]
            axes[place] = direction * np.sign(direction[np.abs(direction).argmax()])
    return mean.astype(np.float32), axes.astype(np.float32)
