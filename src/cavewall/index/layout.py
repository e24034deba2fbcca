"""Where pictures are on a map, and where a vector would be that is no picture."""

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

# Among so many nearest pictures a vector gets its place, each counting e times less for so much
# less cosine than the nearest.
_NEAREST, _COOLING = 15, 0.02


@dataclass(frozen=True)
class Frame:
    """What brings places into -1 to 1 without a change of shape."""

    centre: Doubles
    half: float

    @classmethod
    def around(cls, places: NDArray[np.floating[Any]]) -> Frame:
        """The least one around places (n, 2)."""
        if not len(places):
            return cls(np.zeros(2), 1.0)
        low, high = places.min(axis=0).astype(np.float64), places.max(axis=0).astype(np.float64)
        return cls((low + high) / 2, float((high - low).max() / 2) or 1.0)

    def fit(self, places: NDArray[np.floating[Any]]) -> Floats:
        """Places (n, 2) as they are in the frame."""
        return np.asarray((places - self.centre) / self.half, np.float32)


@dataclass(frozen=True)
class MapLayout:
    """Places of n pictures, float32 (n, 2), from -1 to 1.

    `projection` and `frame` are there where the map is a plane through the vectors' space.
    """

    positions: Floats
    projection: Pca2D | None = None
    frame: Frame | None = None

    @classmethod
    def flat(cls, vectors: Floats, projection: Pca2D) -> MapLayout:
        """The plane of a projection of vectors (n, d)."""
        places = projection.places(vectors)
        frame = Frame.around(places)
        return cls(frame.fit(places), projection, frame)

    @classmethod
    def of_places(cls, places: Floats) -> MapLayout:
        """Places (n, 2) that were found one by one."""
        return cls(Frame.around(places).fit(places))

    @property
    def variance(self) -> float | None:
        """The share of the vectors' variance that a plane shows, None where it is none."""
        return None if self.projection is None else self.projection.variance

    def places(self, wanted: Floats, vectors: Floats) -> Floats:
        """Where unit vectors (m, d) would be among those of the pictures (n, d): (m, 2).

        On a plane that is exact, and may be outside of the map. Elsewhere it is the mean place of
        the nearest pictures, each with weight exp((cos - cos of the nearest) / .02): what is near
        to two far places comes to lie between them, where nothing like it is.
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
        weights = np.exp((cosines[near] - cosines[near].max()).astype(np.float64) / _COOLING)
        return np.asarray(weights @ self.positions[near] / weights.sum(), np.float64)
