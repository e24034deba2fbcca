"""Spherical k-means: unit vectors in groups around centres that are unit vectors too.

Dhillon and Modha, *Concept Decompositions for Large Sparse Text Data Using Clustering*, Machine
Learning 42, 2001. Nothing is random: the same vectors and start always give the same groups.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise

__all__ = ["BLOCK", "Progress", "centres_of", "nearest_centres"]

Floats = NDArray[np.float32]
Progress = Callable[[float], None]

BLOCK = 8192


def centres_of(vectors: Floats, start: Floats, rounds: int) -> Floats:
    """Centres (c, d) of unit vectors (n, d), after `rounds` iterations at most.

    `start` (c, d), unit rows, are the first centres. A centre that is nearest to no vector stays.
    """
    centres, before = start.copy(), None
    for _ in range(rounds):
        nearest = nearest_centres(vectors, centres)
        if before is not None and np.array_equal(nearest, before):
            break
        before = nearest
        order = np.argsort(nearest, kind="stable")
        there, firsts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(vectors[order], firsts, axis=0)
        known = np.linalg.norm(sums, axis=1) > 0
        centres[there[known]] = normalise(sums[known])
    return centres


def nearest_centres(vectors: Floats, centres: Floats) -> NDArray[np.intp]:
    """The nearest of the centres (c, d) to each of the vectors (n, d): (n,)."""
    blocks = (vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK))
    found = [np.argmax(block @ centres.T, axis=1) for block in blocks]
    return np.concatenate([np.empty(0, np.intp), *found])
