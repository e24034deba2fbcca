"""The k-NN graph: the k nearest neighbours of every vector, for the UMAP layout.

Exact without an index, in blocks of a matrix product. With an IVF index approximate: the vectors
of each partition are compared with those of the partitions around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.index.ivf import IVFIndex
from cavewall.index.kmeans import Progress, nearest_centres

__all__ = ["KnnGraph"]

Floats = NDArray[np.float32]
Rows = NDArray[np.integer[Any]]

# Products computed at a time: 64 megabytes.
_PRODUCTS = 2**24
# Partitions that are searched around each one: more find more of the true neighbours.
_AROUND = 24
# Above every cosine, so that a vector comes before its duplicates among its own neighbours.
_ITSELF = 2.0


@dataclass(frozen=True)
class KnnGraph:
    """The k nearest of n vectors to each, in order; the first is the vector itself.

    Attributes:
        rows: (n, k), int32.
        distances: (n, k), float32: 1 - cosine, and 0 to itself.
    """

    rows: NDArray[np.int32]
    distances: Floats

    @classmethod
    def of(
        cls,
        vectors: Floats,
        count: int,
        index: IVFIndex | None = None,
        progress: Progress | None = None,
    ) -> KnnGraph:
        """The graph of unit vectors (n, d); `count` is k, n at most."""
        rows = np.empty((len(vectors), count), np.int32)
        distances = np.empty((len(vectors), count), np.float32)
        done = 0
        for some, among in _all_pairs(vectors) if index is None else _around(vectors, index, count):
            near, products = _best(vectors, some, among, count)
            rows[some] = near
            distances[some] = np.maximum(1 - products, 0)
            distances[some, 0] = 0
            done += len(some)
            if progress is not None:
                progress(done / len(vectors))
        return cls(rows, distances)

    def to_folder(self, folder: Path) -> None:
        np.save(folder / "rows.npy", self.rows)
        np.save(folder / "distances.npy", self.distances)

    @classmethod
    def from_folder(cls, folder: Path) -> KnnGraph:
        return cls(np.load(folder / "rows.npy"), np.load(folder / "distances.npy"))


def _all_pairs(vectors: Floats) -> Iterator[tuple[Rows, Rows]]:
    rows = np.arange(len(vectors))
    step = max(1, _PRODUCTS // max(len(vectors), 1))
    for start in range(0, len(vectors), step):
        yield rows[start : start + step], rows


def _around(vectors: Floats, index: IVFIndex, count: int) -> Iterator[tuple[Rows, Rows]]:
    """The rows of each partition, and those of the partitions around it to compare them with."""
    known, centres = len(index.rows), np.asarray(index.centres)
    labels = np.empty(len(vectors), np.intp)
    labels[index.rows] = np.repeat(np.arange(len(centres)), np.diff(index.starts))
    labels[known:] = nearest_centres(vectors[known:], centres)
    rows = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[rows], np.arange(len(centres) + 1))
    sizes = np.diff(starts)
    for at in np.flatnonzero(sizes):
        order = np.argsort(-(centres @ centres[at]), kind="stable")
        # More partitions if these have fewer than k vectors.
        looked = max(_AROUND, int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1)
        # If centres coincide, the partition's own may not be among the first.
        near = np.union1d(order[:looked], [at])
        among = np.concatenate([rows[starts[each] : starts[each + 1]] for each in near])
        members = rows[starts[at] : starts[at + 1]]
        step = max(1, _PRODUCTS // len(among))
        for start in range(0, len(members), step):
            yield members[start : start + step], among


def _best(vectors: Floats, some: Rows, among: Rows, count: int) -> tuple[Rows, Floats]:
    """The `count` nearest of the rows `among` to each of `some`, and their cosines."""
    # All vectors need no copy.
    others = vectors if len(among) == len(vectors) else vectors[among]
    products = vectors[some] @ others.T
    itself = some if len(among) == len(vectors) else _positions(some, among)
    products[np.arange(len(some)), itself] = _ITSELF
    chosen = np.argpartition(-products, count - 1, axis=1)[:, :count]
    found = np.take_along_axis(products, chosen, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    near = np.take_along_axis(chosen, order, axis=1)
    rows = near if len(among) == len(vectors) else among[near]
    return rows, np.take_along_axis(found, order, axis=1)


def _positions(some: Rows, among: Rows) -> Rows:
    """The position of each of `some` in `among`."""
    order = np.argsort(among, kind="stable")
    return order[np.searchsorted(among[order], some)]
