"""An index of vectors made on a cluster: workers find the places of ranges of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.connect import connected, seats
from cavewall.errors import InputError
from cavewall.index.ivf import Placing, Progress, assign
from cavewall.index.kmeans import BLOCK
from cavewall.search.vector_space import VectorSpace
from cavewall.storage import Store, is_external

__all__ = ["Placer", "placing_on_ray"]

Floats = NDArray[np.float32]

# Rows of a task: whole blocks, so that each product has the shape that it has here.
_ROWS = 8 * BLOCK


@dataclass(frozen=True)
class _Brief:
    """Which vectors, and what they are laid around."""

    address: str
    version: int
    column: str
    centres: Floats
    axes: Floats


class Placer:
    """A worker that reads vectors from the table and says where they belong."""

    def ready(self, made_of: _Brief) -> float:
        """Open the wall; no model is loaded."""
        self._brief = made_of
        self._store = Store.open(made_of.address)
        return 0.0

    def do(
        self, start: int, end: int, kept: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.intp], Floats]:
        """The places of the rows from `start` to before `end`, or of those `kept` of them."""
        brief = self._brief
        vectors = self._store.vectors_between(brief.version, start, end, brief.column)
        vectors = vectors if kept is None else vectors[kept - start]
        return assign(vectors, brief.centres, brief.axes)


def placing_on_ray(space: VectorSpace, address: str | None) -> Placing:
    """What places the vectors of a version by the workers of a cluster: see `connected`.

    Raises:
        InputError: the wall is an adopted table.
    """
    wall = space.version.store.address
    if is_external(wall):
        raise InputError(f"the index of the adopted table {wall} is made on this machine alone")

    def placing(
        centres: Floats, axes: Floats, progress: Progress | None
    ) -> tuple[NDArray[np.intp], Floats]:
        snapshot = space.snapshot
        count = len(snapshot.ids)
        brief = _Brief(wall, space.version.number, space.column, centres, axes)
        nearest = np.empty(count, np.intp)
        leading = np.empty((count, axes.shape[1]), np.float32)

        def calls() -> Iterator[TaskCall[slice]]:
            for at in range(0, count, _ROWS):
                part = slice(at, min(at + _ROWS, count))
                rows = None if snapshot.rows is None else snapshot.rows[part]
                ends = (
                    (part.start, part.stop) if rows is None else (int(rows[0]), int(rows[-1]) + 1)
                )
                yield TaskCall(part, (*ends, rows))

        done = 0
        with connected(address) as ray, ActorPool[slice](ray, Placer, brief, seats(ray)) as crew:
            for part, (found, led) in crew.work(calls()):
                nearest[part], leading[part] = found, led
                done += part.stop - part.start
                if progress is not None:
                    progress(done / count)
        return nearest, leading

    return placing
