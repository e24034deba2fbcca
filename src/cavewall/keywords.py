"""Terms that are no vectors: the share of a keyword that each picture's captions hold.

A keyword is as it were a unit vector in a dimension of its own, orthogonal to all others, in which
each picture has a coordinate from 0 to 1. What takes cosines takes the coordinates in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Keywords"]

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
