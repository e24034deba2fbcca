"""Terms that are no vectors: the share of a keyword that each picture's captions hold.

A keyword is as it were a unit vector in a dimension of its own, orthogonal to all others, in which
each picture has a coordinate from 0 to 1. What takes cosines takes the coordinates in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul, matmul_each
from cavewall._internal.cache import cached_property

__all__ = ["Cosines", "Keywords"]

# Coordinates that are all alike tell no picture from another: they lie no deviation off.
_LEAST_DEVIATION = 1e-6


def _no_places() -> NDArray[np.intp]:
    return np.empty(0, np.intp)


def _no_coordinates() -> NDArray[np.float32]:
    return np.empty((0, 0), np.float32)


@dataclass(frozen=True)
class Keywords:
    """Which terms of a query are keywords, and where the pictures are along them.

    Attributes:
        places: (m,) where the keywords stand among the terms.
        coordinates: (m, pictures), 0 to 1.
    """

    places: NDArray[np.intp] = field(default_factory=_no_places)
    coordinates: NDArray[np.float32] = field(default_factory=_no_coordinates)

    def __len__(self) -> int:
        return len(self.places)

    def at(self, positions: NDArray[np.intp]) -> Keywords:
        """The same over those pictures alone."""
        return Keywords(self.places, self.coordinates[:, positions]) if len(self) else self

    def of(self, terms: Sequence[int]) -> Keywords:
        """The same among some of the terms, in their order."""
        row = {int(place): at for at, place in enumerate(self.places)}
        places = [at for at, term in enumerate(terms) if term in row]
        return Keywords(
            np.array(places, np.intp), self.coordinates[[row[terms[at]] for at in places]]
        )

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The mean of each keyword's coordinates, (m,)."""
        return np.asarray(self.coordinates.mean(axis=1, dtype=np.float64))

    @cached_property
    def deviation(self) -> NDArray[np.float64]:
        """Their standard deviation, (m,); 1 where they are all alike."""
        found = self.coordinates.std(axis=1, dtype=np.float64)
        return np.asarray(np.where(found < _LEAST_DEVIATION, 1.0, found))


class Cosines:
    """The cosines of terms, unit rows (t, d), and pictures, unit rows (n, d), in single precision.

    Each term's take a pass over the pictures, or what costs as much; a sum of them takes one.
    Keywords are zero rows of the terms, and their coordinates stand in the cosines' place.
    """

    def __init__(
        self,
        terms: NDArray[np.float64],
        pictures: NDArray[np.float32],
        keywords: Keywords | None = None,
    ) -> None:
        self._terms = terms
        self._pictures = pictures
        self._keywords = Keywords() if keywords is None else keywords

    @cached_property
    def each(self) -> NDArray[np.float32]:
        """The cosine of each term and every picture, (t, n)."""
        found = matmul_each(self._terms.astype(np.float32), self._pictures)
        if len(self._keywords):
            found[self._keywords.places] = self._keywords.coordinates
        return found

    def summed(self, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """The weighted sum of the terms' cosines for every picture: (t,) to (n,)."""
        if "each" in self.__dict__:
            return np.asarray(matmul(weights.astype(np.float32), self.each), np.float32)
        keywords = self._keywords
        if len(keywords) == len(weights):
            found = np.zeros(len(self._pictures), np.float32)
        else:
            direction = (weights @ self._terms).astype(np.float32)
            found = np.asarray(matmul(self._pictures, direction), np.float32)
        if len(keywords) and weights[keywords.places].any():
            found += weights[keywords.places].astype(np.float32) @ keywords.coordinates
        return found

    def of(self, terms: Sequence[int]) -> Cosines:
        """Those of some terms alone; nothing is computed again."""
        kept = self._keywords.of(terms)
        found = Cosines(self._terms[list(terms)], self._pictures, kept)
        found.__dict__["each"] = self.each[list(terms)]
        return found
