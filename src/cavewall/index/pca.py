"""Vectors on a plane: their first two principal components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pca2D"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# A smaller variance is rounding: of unit vectors, and relative to the largest variance.
_NOTHING = 1e-9


@dataclass(frozen=True)
class Pca2D:
    """The plane in which vectors vary most.

    Attributes:
        mean: (d,), mapped to (0, 0).
        axes: (2, d), orthonormal rows; the largest component of each is positive, so that the
            same vectors always give the same map. An axis without variance (a single vector, one
            dimension) is zero.
        variance: the share of the vectors' variance that lies along the two, 0 to 1.
    """

    mean: Floats
    axes: Floats
    variance: float

    @classmethod
    def of(cls, mean: Doubles, covariance: Doubles) -> Pca2D:
        """From the mean (d,) and the covariance (d, d) of the vectors."""
        values, directions = np.linalg.eigh(covariance)
        axes = np.zeros((2, len(mean)))
        floor, held = _NOTHING * max(1.0, float(values[-1])), 0.0
        for place, axis in enumerate(np.argsort(-values)[:2]):
            if values[axis] > floor:
                direction = directions[:, axis]
                axes[place] = direction * np.sign(direction[np.abs(direction).argmax()])
                held += float(values[axis])
        share = held / float(np.maximum(values, 0).sum()) if held else 0.0
        return cls(mean.astype(np.float32), axes.astype(np.float32), min(share, 1.0))

    @classmethod
    def of_batches(cls, batches: Iterable[Floats]) -> Pca2D:
        """From vectors in batches (n, d), in one pass."""
        count, total, squares = 0, np.zeros(1), np.zeros((1, 1))
        for batch in batches:
            exact = batch.astype(np.float64)
            count += len(exact)
            total = total + exact.sum(axis=0)
            squares = squares + exact.T @ exact
        mean = total / max(count, 1)
        return cls.of(mean, squares / max(count, 1) - np.outer(mean, mean))

    def places(self, vectors: Floats) -> Floats:
        """Project vectors (n, d) to (n, 2)."""
        return np.asarray(vectors @ self.axes.T - self.mean @ self.axes.T, np.float32)
