"""Positions of pictures on a map, and where any other vector would be among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall.index.pca import Pca2D

__all__ = ["Frame", "MapLayout"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# A vector is placed among this many nearest pictures. The weight of each falls by a factor of e
# when its cosine is this much less than the nearest's (measured in decision 18).
_NEAREST, _TEMPERATURE = 15, 0.02


@dataclass(frozen=True)
class Frame:
    """A square around positions: scales them to -1 to 1 and keeps the aspect ratio."""

    centre: Doubles
    half: float

    @classmethod
    def around(cls, places: NDArray[np.floating[Any]]) -> Frame:
        """The smallest frame around positions (n, 2)."""
        if not len(places):
            return cls(np.zeros(2), 1.0)
        low, high = places.min(axis=0).astype(np.float64), places.max(axis=0).astype(np.float64)
        return cls((low + high) / 2, float((high - low).max() / 2) or 1.0)

    def fit(self, places: NDArray[np.floating[Any]]) -> Floats:
        """Positions (n, 2) in the frame's coordinates."""
        return np.asarray((places - self.centre) / self.half, np.float32)


@dataclass(frozen=True)
class MapLayout:
    """Positions of n pictures, float32 (n, 2), from -1 to 1.

    `projection` and `frame` are set if the map is a plane in the vector space (PCA).
    """

    positions: Floats
    projection: Pca2D | None = None
    frame: Frame | None = None

    @classmethod
    def flat(cls, vectors: Floats, projection: Pca2D) -> MapLayout:
        """The layout by a linear projection of vectors (n, d)."""
        places = projection.places(vectors)
        frame = Frame.around(places)
        return cls(frame.fit(places), projection, frame)

    @classmethod
    def of_places(cls, places: Floats) -> MapLayout:
        """The layout of positions (n, 2) that no projection gives (UMAP)."""
        return cls(Frame.around(places).fit(places))

    @property
    def variance(self) -> float | None:
        """The share of the vectors' variance that the plane shows; None if it is not a plane."""
        return None if self.projection is None else self.projection.variance

    def places(self, wanted: Floats, vectors: Floats) -> Floats:
        """Where unit vectors (m, d) would be among those of the pictures (n, d): (m, 2).

        On a plane that is exact, and may be outside of the map. Otherwise it is the mean position
        of the nearest pictures, weighted by exp((cos - cos of the nearest) / .02): a vector near to
        two distant groups lies between them, where no picture is like it.
        """
        if self.projection is not None and self.frame is not None:
            return self.frame.fit(self.projection.places(wanted))
        if not len(vectors):
            return np.zeros((len(wanted), 2), np.float32)
        return np.array([self._among(each, vectors) for each in wanted], np.float32).reshape(-1, 2)

    def _among(self, wanted: Floats, vectors: Floats) -> Doubles:
        cosines = matmul(vectors, wanted)
        count = min(_NEAREST, len(vectors))
        near = np.argpartition(-cosines, count - 1)[:count]
        weights = np.exp((cosines[near] - cosines[near].max()).astype(np.float64) / _TEMPERATURE)
        return np.asarray(weights @ self.positions[near] / weights.sum(), np.float64)
