"""Building an IVF index on a cluster: workers assign ranges of rows to partitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.connect import connected, resources
from cavewall.errors import InputError
from cavewall.index.ivf import Placing, Progress, assign
from cavewall.index.kmeans import BLOCK
from cavewall.search.vector_space import VectorSpace
from cavewall.storage import Store, is_external

__all__ = ["AssignWorker", "assign_on_ray"]

Floats = NDArray[np.float32]

# Rows of a task: a multiple of the block, so that products have the same shapes as locally.
_ROWS = 8 * BLOCK


@dataclass(frozen=True)
class _AssignSetup:
    """The column and version of the vectors, the centres, and the leading axes."""

    address: str
    version: int
    column: str
    centres: Floats
    axes: Floats


class AssignWorker:
    """A worker that reads vectors from the table and assigns them to partitions."""

    def ready(self, setup: _AssignSetup) -> float:
        """Open the wall; no model is loaded."""
        self._setup = setup
        self._store = Store.open(setup.address)
        return 0.0

    def do(
        self, start: int, end: int, kept: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.intp], Floats]:
        """Assign the rows from `start` to before `end`, or only those in `kept`."""
        setup = self._setup
        vectors = self._store.vectors_between(setup.version, start, end, setup.column)
        vectors = vectors if kept is None else vectors[kept - start]
        return assign(vectors, setup.centres, setup.axes)


def assign_on_ray(space: VectorSpace, address: str | None) -> Placing:
    """A function that assigns the vectors of a version on a cluster: see `connected`.

    Raises:
        InputError: the wall is an attached table.
    """
    wall = space.version.store.address
    if is_external(wall):
        raise InputError(f"the index of the adopted table {wall} is made on this machine alone")

    def assign_all(
        centres: Floats, axes: Floats, progress: Progress | None
    ) -> tuple[NDArray[np.intp], Floats]:
        snapshot = space.snapshot
        count = len(snapshot.ids)
        setup = _AssignSetup(wall, space.version.number, space.column, centres, axes)
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
        with (
            connected(address) as ray,
            ActorPool[slice](ray, AssignWorker, setup, resources(ray)) as pool,
        ):
            for part, (found, led) in pool.work(calls()):
                nearest[part], leading[part] = found, led
                done += part.stop - part.start
                if progress is not None:
                    progress(done / count)
        return nearest, leading

    return assign_all
