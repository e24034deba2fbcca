"""Unit vectors in neighbourhoods, so that a search among many looks at few: an inverted file.

k-means (`index.kmeans`) lays vectors that are near to one another side by side; a query then
looks into the neighbourhoods whose centres are nearest to it (Sivic and Zisserman, *Video Google*,
ICCV 2003; "IVF" elsewhere). It looks along the leading principal axes only, where most of every
product is decided for a third of the reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import cores, single_threaded_blas
from cavewall._internal.files import memory_map
from cavewall.index.kmeans import BLOCK, Progress, centres_of

__all__ = ["ARTIFACT", "MIN_ROWS", "IVFIndex", "Placing", "Progress", "assign"]

Floats = NDArray[np.float32]
Placing = Callable[[Floats, Floats, Progress | None], tuple[NDArray[np.intp], Floats]]

ARTIFACT = "index-2"
# Fewer pictures are looked through as fast as any index answers.
MIN_ROWS = 50_000
# Each holds the products of a block with every centre.
_THREADS = 8
_ROUNDS, _SAMPLED = 4, 32
# The leading axes hold this much of the vectors' squared lengths, and are no fewer than these.
_HELD, _FEWEST_AXES = 0.85, 64


@dataclass(frozen=True)
class IVFIndex:
    """The first n vectors of a wall in c neighbourhoods.

    Attributes:
        centres: (c, d), unit rows.
        starts: (c + 1,): neighbourhood i has the places `starts[i]` to `starts[i + 1]`.
        rows: (n,) which row of the snapshot is in each place.
        axes: (d, r), orthonormal columns: the leading principal axes.
        leading: (n, r) the vectors along these, in the order of the places.
        ids: (16,) digest of the first n ids of the snapshot: see `Snapshot.ids_digest`.
    """

    centres: Floats
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    axes: Floats
    leading: Floats
    ids: NDArray[np.uint8]

    @classmethod
    def of(
        cls,
        vectors: Floats,
        ids: bytes,
        older: IVFIndex | None = None,
        progress: Progress | None = None,
        placing: Placing | None = None,
    ) -> IVFIndex:
        """Those of unit vectors (n, d). The centres of an `older` index are kept if they suit.

        `placing` finds the places elsewhere, as `place` does here: the same bits come out.
        """
        # The work of a search, a product with every centre and one with every vector looked at,
        # then grows with the root of their number.
        count = max(1, round(2 * math.sqrt(len(vectors))))
        if older is not None and count / 2 < len(older.centres) < count * 2:
            centres = np.asarray(older.centres)
        else:
            centres = _centres(vectors, count)
        axes = _leading_axes(_sample(vectors, count))
        if placing is None:
            nearest, leading = assign(vectors, centres, axes, progress)
        else:
            nearest, leading = placing(centres, axes, progress)
        rows = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[rows], np.arange(len(centres) + 1))
        return cls(
            centres,
            starts.astype(np.int64),
            rows.astype(np.int64),
            axes,
            leading[rows],
            np.frombuffer(ids, np.uint8),
        )

    def probe(self, query: Floats, count: int) -> tuple[NDArray[np.int64], Floats, float]:
        """Rows in so many neighbourhoods nearest to a query (d,), nearly their products, the error.

        That is about the standard deviation of what these products leave out. Beyond the leading
        axes a query is `b` long and a vector the root of what they do not hold; in the d - r
        dimensions there two such arrows have a product of b √((1 - held) / (d - r)).
        """
        with single_threaded_blas():
            nearest = np.sort(np.argsort(-(self.centres @ query))[:count])
            starts, ends = self.starts[nearest].tolist(), self.starts[nearest + 1].tolist()
            spans = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
            led = query @ self.axes
            beyond = max(float(query @ query - led @ led), 0.0)
            dimension, axes = self.axes.shape
            return (
                np.concatenate([self.rows[span] for span in spans]),
                np.concatenate([self.leading[span] @ led for span in spans]),
                math.sqrt(beyond * (1 - _HELD) / max(dimension - axes, 1)),
            )

    def to_folder(self, folder: Path) -> None:
        """Write it as files that `from_folder` maps."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def from_folder(cls, folder: Path) -> IVFIndex:
        names = (field.name for field in fields(cls))
        return cls(*(memory_map(folder / f"{name}.npy") for name in names))


def assign(
    vectors: Floats, centres: Floats, axes: Floats, progress: Progress | None = None
) -> tuple[NDArray[np.intp], Floats]:
    """The nearest centre of each vector, (n,), and the vectors along the axes, (n, r).

    Of parts whose lengths are multiples of `BLOCK` the same comes out as of the whole, on any
    number of cores: products of one shape on one thread have the same roundings.
    """
    count = len(vectors)
    nearest = np.empty(count, np.intp)
    leading = np.empty((count, axes.shape[1]), np.float32)

    def place_block(start: int) -> int:
        part = slice(start, start + BLOCK)
        nearest[part] = np.argmax(vectors[part] @ centres.T, axis=1)
        np.matmul(vectors[part], axes, out=leading[part])
        return min(count, start + BLOCK)

    with single_threaded_blas(), ThreadPoolExecutor(min(cores(), _THREADS)) as pool:
        for done in pool.map(place_block, range(0, count, BLOCK)):
            if progress is not None:
                progress(done / count)
    return nearest, leading


def _sample(vectors: Floats, count: int) -> Floats:
    drawn = np.random.default_rng(0).permutation(len(vectors))[: count * _SAMPLED]
    return vectors[np.sort(drawn)]


def _leading_axes(sample: Floats) -> Floats:
    """Those that hold enough of the squared lengths, (d, r)."""
    lengths, axes = np.linalg.eigh(sample.T.astype(np.float64) @ sample)
    held = np.cumsum(lengths[::-1])
    enough = int(np.searchsorted(held, _HELD * held[-1])) + 1
    return np.ascontiguousarray(axes[:, ::-1][:, : max(_FEWEST_AXES, enough)], np.float32)


def _centres(vectors: Floats, count: int) -> Floats:
    sample = _sample(vectors, count)
    start = sample[np.linspace(0, len(sample) - 1, count).astype(np.intp)]
    return centres_of(sample, start, _ROUNDS)
