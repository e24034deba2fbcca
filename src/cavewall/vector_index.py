"""Unit vectors in neighbourhoods, so that a search among many looks at few: an inverted file.

k-means on the sphere (Dhillon and Modha, *Concept Decompositions for Large Sparse Text Data Using
Clustering*, Machine Learning 42, 2001) lays vectors that are near to one another side by side; a
query then looks into the neighbourhoods whose centres are nearest to it (Sivic and Zisserman,
*Video Google*, ICCV 2003; "IVF" elsewhere). It looks along the leading principal axes only, where
most of every product is decided for a third of the reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall.derived import mapped
from cavewall.threads import on_one_thread
from cavewall.vectors import normalise

__all__ = ["ARTEFACT", "LEAST", "Progress", "VectorIndex"]

Floats = NDArray[np.float32]
Progress = Callable[[float], None]

ARTEFACT = "index-2"
# Fewer pictures are looked through as fast as any index answers.
LEAST = 50_000
_ROUNDS, _SAMPLED = 4, 32
_BLOCK = 8192
# The leading axes hold this much of the vectors' squared lengths, and are no fewer than these.
_HELD, _FEWEST_AXES = 0.85, 64


@dataclass(frozen=True)
class VectorIndex:
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
        older: VectorIndex | None = None,
        progress: Progress | None = None,
    ) -> VectorIndex:
        """Those of unit vectors (n, d). The centres of an `older` index are kept if they suit."""
        # The work of a search, a product with every centre and one with every vector looked at,
        # then grows with the root of their number.
        count = max(1, round(2 * math.sqrt(len(vectors))))
        if older is not None and count / 2 < len(older.centres) < count * 2:
            centres = np.asarray(older.centres)
        else:
            centres = _centres(vectors, count)
        nearest = np.concatenate(list(_nearest(vectors, centres, progress)))
        rows = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[rows], np.arange(len(centres) + 1))
        axes = _leading_axes(_sample(vectors, count))
        return cls(
            centres,
            starts.astype(np.int64),
            rows.astype(np.int64),
            axes,
            (vectors @ axes)[rows],
            np.frombuffer(ids, np.uint8),
        )

    def look(self, query: Floats, count: int) -> tuple[NDArray[np.int64], Floats]:
        """Rows in so many neighbourhoods nearest to a query (d,), with nearly their products."""
        with on_one_thread():
            nearest = np.sort(np.argsort(-(self.centres @ query))[:count])
            starts, ends = self.starts[nearest].tolist(), self.starts[nearest + 1].tolist()
            spans = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
            led = query @ self.axes
            return (
                np.concatenate([self.rows[span] for span in spans]),
                np.concatenate([self.leading[span] @ led for span in spans]),
            )

    def to_folder(self, folder: Path) -> None:
        """Write it as files that `from_folder` maps."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def from_folder(cls, folder: Path) -> VectorIndex:
        names = (field.name for field in fields(cls))
        return cls(*(mapped(folder / f"{name}.npy") for name in names))


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
    centres = sample[np.linspace(0, len(sample) - 1, count).astype(np.intp)]
    for _ in range(_ROUNDS):
        nearest = np.concatenate(list(_nearest(sample, centres)))
        order = np.argsort(nearest, kind="stable")
        there, firsts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(sample[order], firsts, axis=0)
        known = np.linalg.norm(sums, axis=1) > 0
        # A centre that nobody is nearest to stays where it is.
        centres[there[known]] = normalise(sums[known])
    return centres


def _nearest(
    vectors: Floats, centres: Floats, progress: Progress | None = None
) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(vectors), _BLOCK):
        yield np.argmax(vectors[start : start + _BLOCK] @ centres.T, axis=1)
        if progress is not None:
            progress(min(1.0, (start + _BLOCK) / len(vectors)))
