"""Whoever may be among the best pictures, to be scored exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall.index.ivf import IVFIndex

__all__ = ["MOST_BY_INDEX", "ann_candidates", "candidates", "exact_candidates"]

# Single-precision products may order near-equal scores wrongly: whoever is this close to the
# last place is scored again in double precision. Terms that nearly cancel magnify the error.
_MARGIN = 1e-4
# Longer answers than this want a look at everyone.
MOST_BY_INDEX = 1000
# Neighbourhoods that are looked into, and how many pictures of an answer want one more.
_NEIGHBOURHOODS, _ONE_MORE = 64, 5
# Pictures that are ahead by what their captions say, wherever their vectors are.
_AHEAD = 2000
# A lead is no score: so many times the answer are scored, and some more; and whoever is within so
# many deviations of the last place, as far as they are scored at once. They are many, for who
# answers best does so beyond the leading axes too, and not by chance.
_TIMES, _MORE = 4, 400
_DEVIATIONS, _MOST = 9.0, 4000


def exact_candidates(
    scores: NDArray[np.floating], lipschitz: float, k: int, offset: int = 0
) -> tuple[NDArray[np.intp], int]:
    """The rows that may have one of k places after the first `offset`, and how many are before.

    `scores` are in single precision, minus infinity for those who may not answer. So that a late
    page costs no more than the first, rows that are surely ahead of it are only counted.
    """
    there = int(np.isfinite(scores).sum())
    first, last = len(scores) - 1 - offset, len(scores) - min(offset + k, there)
    if offset >= there:
        return np.empty(0, np.intp), there
    placed = np.partition(scores, [last, first])
    margin = _MARGIN * max(1.0, lipschitz)
    highest = np.inf if offset == 0 else placed[first] + margin
    near = np.flatnonzero((scores >= placed[last] - margin) & (scores <= highest))
    return near, int((scores > highest).sum())


def ann_candidates(
    index: IVFIndex,
    vectors: NDArray[np.float32],
    direction: NDArray[np.float32],
    bias: NDArray[np.floating] | None,
    k: int,
    excluded: Sequence[int] = (),
) -> NDArray[np.intp]:
    """The rows that are likely to be among the k best.

    `direction` (d,) and `bias` (n,) are those of a `LinearBound`, `vectors` (n, d) the wall's.
    Looked at are the pictures near the direction, those that are newer than the index, and those
    that are ahead without their cosines.
    """
    near, products, error = index.probe(direction, _NEIGHBOURHOODS + k // _ONE_MORE)
    others = np.arange(len(index.rows), len(vectors))
    if bias is not None:
        ahead = min(len(bias), max(_AHEAD, _TIMES * k))
        others = np.union1d(others, np.argpartition(-bias, ahead - 1)[:ahead])
    rows = np.concatenate([near, others])
    leads = np.concatenate([products, matmul(vectors[others], direction)])
    if bias is not None:
        leads = leads + bias[rows]
    count = min(len(rows), candidates(leads, k, error) + len(excluded))
    first = np.unique(rows[np.argpartition(leads, len(leads) - count)[len(leads) - count :]])
    return first[~np.isin(first, list(excluded))].astype(np.intp)


def candidates(leads: NDArray[np.floating], k: int, error: float) -> int:
    """How many of the leading ones may be among the k best, if leads are off by that deviation."""
    least = _TIMES * k + _MORE
    if len(leads) <= least:
        return least
    last = np.partition(leads, len(leads) - k)[len(leads) - k]
    near = int((leads >= last - _DEVIATIONS * error).sum())
    return max(least, min(near, _TIMES * k + _MOST))
