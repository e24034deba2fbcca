"""The background of a vector space: the distribution of any term's cosine with its pictures.

For a term t and pictures x with mean μ and covariance Σ, the cosines t·x have the mean t·μ and the
variance tᵀΣt. So two small arrays, made once, give for every term what would take a pass over all
pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall._internal.cache import LRUCache

__all__ = ["Background"]

_BLOCK = 8192
_LEAST_VARIANCE = 1e-9
_KEPT_TERMS = 1024


@dataclass(frozen=True)
class Background:
    """Mean (d,) and covariance (d, d) of the pictures' unit vectors, float64."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    # A product with the covariance is fast, but on a busy machine its threads wait for a core.
    _kept: LRUCache[bytes, tuple[float, float]] = field(
        init=False, repr=False, compare=False, default_factory=lambda: LRUCache(_KEPT_TERMS)
    )

    @classmethod
    def from_vectors(cls, vectors: NDArray[np.float32], *, block_rows: int = _BLOCK) -> Background:
        """One pass over the vectors (n, d), in blocks."""
        count, dimension = vectors.shape
        total = np.zeros(dimension)
        products = np.zeros((dimension, dimension))
        # Shifted by a first guess of the mean, so that squares do not cancel.
        shift = vectors[:block_rows].mean(axis=0, dtype=np.float64) if count else total
        for start in range(0, count, block_rows):
            block = vectors[start : start + block_rows] - shift
            total += block.sum(axis=0)
            products += block.T @ block
        mean = total / max(count, 1)
        return cls(shift + mean, products / max(count, 1) - np.outer(mean, mean))

    def of(self, terms: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each term's cosine: (n, d) to (n,) and (n,)."""
        found = [self._kept.get(term.tobytes(), partial(self._of, term)) for term in terms]
        means, deviations = np.array(found, np.float64).reshape(-1, 2).T
        return means, deviations

    def _of(self, term: NDArray[np.float64]) -> tuple[float, float]:
        variance = float(matmul(term, self.covariance) @ term)
        return float(term @ self.mean), max(variance, _LEAST_VARIANCE) ** 0.5

    @property
    def between_pictures(self) -> tuple[float, float]:
        """Mean and standard deviation of the cosine between two pictures.

        For independent x and y it has the mean μ·μ and the variance tr Σ² + 2 μᵀΣμ.
        """
        variance = float((self.covariance**2).sum() + 2 * self.mean @ self.covariance @ self.mean)
        return float(self.mean @ self.mean), max(variance, _LEAST_VARIANCE) ** 0.5

    def to_folder(self, folder: Path) -> None:
        np.save(folder / "mean.npy", self.mean)
        np.save(folder / "covariance.npy", self.covariance)

    @classmethod
    def from_folder(cls, folder: Path) -> Background:
        return cls(np.load(folder / "mean.npy"), np.load(folder / "covariance.npy"))
