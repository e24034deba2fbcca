"""An IVF index (inverted file): finds the vectors near a query without looking at all of them.

k-means (`index.kmeans`) divides the vectors into partitions, stored one after another; a query
probes the partitions whose centres are nearest to it (Sivic and Zisserman, *Video Google*, ICCV
2003). Only the coordinates along the leading principal axes are stored and read: they decide most
of every product, for a third of the bytes. What they leave out is known on average, so that
`probe` returns the standard error of its products with them; the caller recomputes the candidates
that the error cannot rule out.
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
# Comparing a query with fewer pictures is as fast as any index.
MIN_ROWS = 50_000
# Each thread holds the products of a block with every centre.
_THREADS = 8
# k-means: iterations, and vectors in its sample per centre.
_ROUNDS, _SAMPLED = 4, 32
# The leading axes hold this share of the vectors' squared lengths, and are no fewer than these.
_HELD, _FEWEST_AXES = 0.85, 64


@dataclass(frozen=True)
class IVFIndex:
    """The first n vectors of a wall in c partitions; partition i is `starts[i]:starts[i + 1]`.

    Attributes:
        centres: (c, d), unit rows.
        starts: (c + 1,).
        rows: (n,) rows of the snapshot, partition by partition.
        axes: (d, r), orthonormal columns: the leading principal axes.
        leading: (n, r) the vectors of `rows` along these axes.
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
        """Index unit vectors (n, d). The centres of an `older` index are kept if their number fits.

        `placing` replaces `assign`, to run it on other machines; the result has the same bits.
        """
        # With about √n centres, the work of a search (a product with every centre, and one with
        # every vector probed) grows with √n.
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
        """Rows of the `count` partitions nearest to a query (d,), their products, the error.

        The products are along the leading axes only; the error is about the standard deviation of
        what they leave out. In the d - r dimensions beyond, the query has the length b and a vector
        √(1 - held); two such vectors in random directions have a product of the mean 0 and the
        standard deviation b √((1 - held) / (d - r)).
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
        """Write plain arrays, for `from_folder`."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def from_folder(cls, folder: Path) -> IVFIndex:
        """Memory-map what `to_folder` wrote."""
        names = (field.name for field in fields(cls))
        return cls(*(memory_map(folder / f"{name}.npy") for name in names))


def assign(
    vectors: Floats, centres: Floats, axes: Floats, progress: Progress | None = None
) -> tuple[NDArray[np.intp], Floats]:
    """The nearest centre of each vector, (n,), and the vectors along the axes, (n, r).

    Parts whose lengths are multiples of `BLOCK` give the same bits as the whole, on any number of
    cores: products of the same shape on one thread are rounded the same way.
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
    """The fewest principal axes that hold enough of the squared lengths, (d, r)."""
    lengths, axes = np.linalg.eigh(sample.T.astype(np.float64) @ sample)
    held = np.cumsum(lengths[::-1])
    enough = int(np.searchsorted(held, _HELD * held[-1])) + 1
    return np.ascontiguousarray(axes[:, ::-1][:, : max(_FEWEST_AXES, enough)], np.float32)


def _centres(vectors: Floats, count: int) -> Floats:
    sample = _sample(vectors, count)
    start = sample[np.linspace(0, len(sample) - 1, count).astype(np.intp)]
    return centres_of(sample, start, _ROUNDS)
