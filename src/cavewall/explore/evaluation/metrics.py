"""Ranking metrics with bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Figure", "bootstrap", "precision_at", "reciprocal_rank"]

Values = NDArray[np.float64]

_RESAMPLES = 2000
_SEED = 20130609
_VALUES_AT_A_TIME = 4_000_000


@dataclass(frozen=True)
class Figure:
    """A mean over `n` questions with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int

    @classmethod
    def from_values(cls, values: Sequence[float] | Values) -> Figure:
        """The mean over at least one value per question."""
        array = np.asarray(values, np.float64)
        low, high = bootstrap(array)
        return cls(float(array.mean()), low, high, len(array))

    def to_dict(self, name: str) -> dict[str, float]:
        return {name: self.mean, f"{name}_low": self.low, f"{name}_high": self.high}


def precision_at(found: Sequence[int], relevant: Collection[int], k: int = 10) -> float:
    """Relevant items among the first k, as a share of min(k, number of relevant items).

    >>> precision_at([7, 1, 2], {1, 2, 3}, k=2)
    0.5
    >>> precision_at([7, 1, 2], {1}, k=10)
    1.0
    """
    if not relevant:
        raise ValueError("precision of a question without a right answer is undefined")
    return sum(at in relevant for at in found[:k]) / min(k, len(relevant))


def reciprocal_rank(found: Sequence[int], relevant: Collection[int]) -> float:
    """The inverse rank of the first relevant item, 0 if there is none.

    >>> reciprocal_rank([7, 1, 2], {2, 1})
    0.5
    """
    return next((1 / place for place, at in enumerate(found, 1) if at in relevant), 0.0)


def bootstrap(values: Values, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of the mean over questions resampled with replacement.

    Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13. The seed is fixed.
    """
    count = len(values)
    if count == 0:
        raise ValueError("the mean of no questions is undefined")
    random = np.random.default_rng(_SEED)
    step = max(1, _VALUES_AT_A_TIME // count)
    means = [
        values[random.integers(0, count, (min(step, _RESAMPLES - start), count))].mean(axis=1)
        for start in range(0, _RESAMPLES, step)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
