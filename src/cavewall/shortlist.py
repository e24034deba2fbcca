"""Whoever may be among the best pictures, to be scored exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall.vector_index import VectorIndex

__all__ = ["MOST_BY_INDEX", "by_index", "by_scores"]

# Single-precision products may order near-equal scores wrongly: whoever is this close to the
# last place is scored again in double precision. Terms that nearly cancel magnify the error.
_MARGIN = 1e-4
# Longer answers than this want a look at everyone.
MOST_BY_INDEX = 1000
# Neighbourhoods that are looked into, and how many pictures of an answer want one more.
_NEIGHBOURHOODS, _ONE_MORE = 48, 10
# Pictures that are ahead by what their captions say, wherever their vectors are.
_AHEAD = 2000
# A lead is no score: so many times the answer are scored, and some more.
_TIMES, _MORE = 4, 200


def by_scores(
    scores: NDArray[np.floating],
    steepness: float,
    k: int,
    excluded: Sequence[int] = (),
    allowed: NDArray[np.bool_] | None = None,
) -> NDArray[np.intp]:
    """The rows that may be among the k best, by everyone's scores in single precision.

    `allowed` (n,) tells who may answer at all; None is everyone.
    """
    everyone = scores.copy() if allowed is None else np.where(allowed, scores, -np.inf)
    everyone[list(excluded)] = -np.inf
    count = min(k, int(np.isfinite(everyone).sum()))
    if count == 0:
        return np.empty(0, np.intp)
    last = np.partition(everyone, len(everyone) - count)[len(everyone) - count]
    return np.flatnonzero(everyone >= last - _MARGIN * max(1.0, steepness))


def by_index(
    index: VectorIndex,
    vectors: NDArray[np.float32],
    direction: NDArray[np.float32],
    beside: NDArray[np.floating] | None,
    k: int,
    excluded: Sequence[int] = (),
) -> NDArray[np.intp]:
    """The rows that are likely to be among the k best.

    `direction` (d,) and `beside` (n,) are those of a `Lead`, and `vectors` (n, d) the wall's.
    Looked at are the pictures near the direction, those that are newer than the index, and those
    that are ahead without their cosines.
    """
    near, products = index.look(direction, _NEIGHBOURHOODS + k // _ONE_MORE)
    others = np.arange(len(index.rows), len(vectors))
    if beside is not None:
        ahead = min(len(beside), max(_AHEAD, _TIMES * k))
        others = np.union1d(others, np.argpartition(-beside, ahead - 1)[:ahead])
    rows = np.concatenate([near, others])
    leads = np.concatenate([products, vectors[others] @ direction])
    if beside is not None:
        leads = leads + beside[rows]
    count = min(len(rows), _TIMES * k + _MORE + len(excluded))
    first = np.unique(rows[np.argpartition(leads, len(leads) - count)[len(leads) - count :]])
    return first[~np.isin(first, list(excluded))].astype(np.intp)
