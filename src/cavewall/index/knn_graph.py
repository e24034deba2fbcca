"""The nearest others of every vector."""

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

# Products that are looked at together: 64 megabytes.
_PRODUCTS = 2**24
# Neighbourhoods that are looked into around each: more find more of the true neighbours.
_AROUND = 24
# Above every cosine: a vector is its own nearest, whichever equals it.
_ITSELF = 2.0


@dataclass(frozen=True)
class KnnGraph:
    """The k nearest of n vectors, the nearest first and that is itself.

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
        """Those of unit vectors (n, d); `count` is n at most.

        Without an index everyone is compared with everyone; with one, with those in the
        neighbourhoods around it.
        """
        rows = np.empty((len(vectors), count), np.int32)
        distances = np.empty((len(vectors), count), np.float32)
        done = 0
        for some, among in _everyone(vectors) if index is None else _around(vectors, index, count):
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


def _everyone(vectors: Floats) -> Iterator[tuple[Rows, Rows]]:
    everyone = np.arange(len(vectors))
    step = max(1, _PRODUCTS // max(len(vectors), 1))
    for start in range(0, len(vectors), step):
        yield everyone[start : start + step], everyone


def _around(vectors: Floats, index: IVFIndex, count: int) -> Iterator[tuple[Rows, Rows]]:
    """The vectors of each neighbourhood, and those of the ones nearest to it."""
    known, centres = len(index.rows), np.asarray(index.centres)
    labels = np.empty(len(vectors), np.intp)
    labels[index.rows] = np.repeat(np.arange(len(centres)), np.diff(index.starts))
    labels[known:] = nearest_centres(vectors[known:], centres)
    rows = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[rows], np.arange(len(centres) + 1))
    sizes = np.diff(starts)
    for at in np.flatnonzero(sizes):
        order = np.argsort(-(centres @ centres[at]), kind="stable")
        # More than usual where these hold too few.
        looked = max(_AROUND, int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1)
        # Where centres coincide, its own may not be among the first.
        near = np.union1d(order[:looked], [at])
        among = np.concatenate([rows[starts[each] : starts[each + 1]] for each in near])
        members = rows[starts[at] : starts[at + 1]]
        step = max(1, _PRODUCTS // len(among))
        for start in range(0, len(members), step):
            yield members[start : start + step], among


def _best(vectors: Floats, some: Rows, among: Rows, count: int) -> tuple[Rows, Floats]:
    """The nearest of some vectors among those, and their cosines: both (some, count)."""
    # A look at everyone needs no copy of them.
    others = vectors if len(among) == len(vectors) else vectors[among]
    products = vectors[some] @ others.T
    places = some if len(among) == len(vectors) else _places(some, among)
    products[np.arange(len(some)), places] = _ITSELF
    chosen = np.argpartition(-products, count - 1, axis=1)[:, :count]
    found = np.take_along_axis(products, chosen, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    near = np.take_along_axis(chosen, order, axis=1)
    rows = near if len(among) == len(vectors) else among[near]
    return rows, np.take_along_axis(found, order, axis=1)


def _places(some: Rows, among: Rows) -> Rows:
    order = np.argsort(among, kind="stable")
    return order[np.searchsorted(among[order], some)]
