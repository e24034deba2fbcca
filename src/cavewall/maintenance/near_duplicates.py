"""Groups of rows whose products exceed a threshold, as connected components."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cavewall._internal.progress import ShareProgress

__all__ = ["near_groups", "same_groups"]

# The product of two blocks takes 16 MB.
_BLOCK = 2048
_MANY_PAIRS = 4_000_000

Groups = list[list[int]]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def near_groups(
    rows: NDArray[np.float32],
    threshold: float,
    progress: ShareProgress | None = None,
    *,
    block_rows: int = _BLOCK,
    many_pairs: int = _MANY_PAIRS,
) -> Groups:
    """Connected components of rows with a product of at least `threshold`, of two rows or more.

    `rows` is float32 (n, d) of unit length; n² d / 2 multiplications, in blocks. Identical rows
    are compared once.
    """
    distinct, inverse = _distinct(rows)
    labels = np.arange(len(distinct))
    left: list[NDArray[np.int64]] = []
    right: list[NDArray[np.int64]] = []
    waiting = 0
    for a, b in _near_pairs(rows, distinct, threshold, progress, block_rows):
        left.append(a)
        right.append(b)
        waiting += len(a)
        if waiting > many_pairs:
            # Which group a row is in is all that matters of the pairs so far.
            labels = _joined(labels, left, right)
            left, right, waiting = [], [], 0
    return same_groups(_joined(labels, left, right)[inverse])


def same_groups(labels: NDArray[np.int64]) -> Groups:
    """The positions of equal labels, in groups of two or more, ordered by first position."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [group.tolist() for group in np.split(order, cuts) if len(group) > 1]
    return sorted(groups)


def _distinct(rows: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first position of each distinct row, and for every row the index among those."""
    first: dict[bytes, int] = {}
    places: list[int] = []
    inverse = np.empty(len(rows), np.int64)
    for at, row in enumerate(rows):
        key = row.tobytes()
        if key not in first:
            first[key] = len(places)
            places.append(at)
        inverse[at] = first[key]
    return np.array(places, np.int64), inverse


def _near_pairs(
    rows: NDArray[np.float32],
    places: NDArray[np.int64],
    threshold: float,
    progress: ShareProgress | None,
    block_rows: int,
) -> Iterator[Pairs]:
    starts = range(0, len(places), block_rows)
    done, blocks = 0, len(starts) * (len(starts) + 1) // 2
    for a in starts:
        block = np.ascontiguousarray(rows[places[a : a + block_rows]])
        for b in range(a, len(places), block_rows):
            other = rows[places[b : b + block_rows]]
            near_a, near_b = np.nonzero(block @ other.T >= threshold)
            above = near_a + a < near_b + b
            if above.any():
                yield near_a[above] + a, near_b[above] + b
            done += 1
            if progress is not None:
                progress(done / blocks)


def _joined(
    labels: NDArray[np.int64], left: list[NDArray[np.int64]], right: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """The labels after merging those of each pair."""
    if not left:
        return labels
    a, b = labels[np.concatenate(left)], labels[np.concatenate(right)]
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(labels), len(labels)))
    _, found = connected_components(graph, directed=False)
    joined: NDArray[np.int64] = found.astype(np.int64)[labels]
    return joined
