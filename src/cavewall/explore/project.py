"""Where a query lies on a map: its terms, the whole of it, and the path to another query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.query import Expression
from cavewall.search.compile import Query, compile_query
from cavewall.search.path import interpolate, path_hits
from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion

__all__ = ["PathPoint", "Projection2D", "TermPoint", "project"]

Point = tuple[float, float]

# Terms that cancel out leave no more than this, by rounding.
_NEAR_ZERO = 1e-6


@dataclass(frozen=True)
class TermPoint:
    """Where a term of a query lies; None where it has no vector, as `keyword("dog")`."""

    term: str
    weight: float
    place: Point | None


@dataclass(frozen=True)
class PathPoint:
    """A way-point, and the picture that stands for it; None where the wall has too few."""

    place: Point
    image_id: str | None


@dataclass(frozen=True)
class Projection2D:
    """Where a query lies on a map, its terms, and the way from it to another one.

    On the flat map these are exact, and may be outside of it. Under `umap` each is the mean of the
    nearest pictures' places: see `MapLayout.places`.
    """

    layout: str
    version: int
    query: Point | None
    terms: tuple[TermPoint, ...]
    path: tuple[PathPoint, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "version": self.version,
            "layout": self.layout,
            "query": None if self.query is None else _point(self.query),
            "terms": [
                {"term": each.term, "weight": each.weight, **_point(each.place)}
                for each in self.terms
            ],
        }
        if self.path is not None:
            found["path"] = [
                {**_point(each.place), "image_id": each.image_id} for each in self.path
            ]
        return found


def _point(place: Point | None) -> dict[str, float | None]:
    x, y = (None, None) if place is None else place
    return {"x": x, "y": y}


def project(
    expression: Expression,
    version: WallVersion,
    name: str,
    to: Expression | None = None,
    steps: int = 5,
    space: str | None = None,
) -> Projection2D:
    """Where an expression lies, and with `to` the way from it to another one in even steps.

    Raises:
        InputError: no such layout, one that is not ready, or a path of too few or many steps.
    """
    layout = version.require_layout(name, space)
    chosen = version.one_space(space)
    snapshot = chosen.snapshot
    query = compile_query(
        expression,
        chosen.texts,
        snapshot,
        lambda: chosen.inverted_index,
        images=chosen.image_vector,
    )

    def placed(vectors: NDArray[Any]) -> list[Point]:
        points = layout.places(np.asarray(vectors, np.float32), snapshot.vectors)
        return [(x, y) for x, y in points.tolist()]

    whole = _direction(query)
    with_vector = np.flatnonzero(query.vectors.any(axis=1))
    found = placed(query.vectors[with_vector]) if len(with_vector) else []
    terms = dict(zip(with_vector.tolist(), found, strict=True))
    path = None if to is None else interpolate(expression, to, steps)
    return Projection2D(
        name,
        version.number,
        None if whole is None else placed(whole[None])[0],
        tuple(
            TermPoint(str(leaf), float(weight), terms.get(at))
            for at, (leaf, weight) in enumerate(
                zip(query.leaves, query.direction.weights, strict=True)
            )
        ),
        None if path is None else _path(path, version, chosen, placed),
    )


def _path(
    points: tuple[Expression, ...],
    version: WallVersion,
    space: VectorSpace,
    placed: Callable[[NDArray[Any]], list[Point]],
) -> tuple[PathPoint, ...]:
    found = path_hits(points, version, space.name)
    ids = {at: version.pictures.ids[row.position].as_py() for at, (_, row) in found.items()}
    vectors = [
        compile_query(point, space.texts, space.snapshot, images=space.image_vector).vector
        for point in points
    ]
    return tuple(
        PathPoint(place, ids.get(at)) for at, place in enumerate(placed(np.stack(vectors)))
    )


def _direction(query: Query) -> NDArray[np.float32] | None:
    """The unit vector of what a query has beside keywords, None where that is nothing."""
    total = query.direction.weights @ query.vectors
    if not total.size or np.linalg.norm(total) < _NEAR_ZERO:
        return None
    return np.asarray(normalise(total), np.float32)
