"""Maps: two-dimensional positions and clusters of pictures, and projections of queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.terminal_text import pluralize
from cavewall._internal.vectors import normalise
from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.index.layout import MapLayout
from cavewall.index.umap_fit import INSTALL, has_umap
from cavewall.query import Expression
from cavewall.query.map_area import Area, check_layout
from cavewall.search.compile import Query, compile_query
from cavewall.search.hits import interpolate, path_hits
from cavewall.search.wall_version import WallVersion

__all__ = [
    "Cluster",
    "Label",
    "LayoutStatus",
    "Map",
    "PathPoint",
    "Projection2D",
    "TermPoint",
    "build_map",
    "inside",
    "layout_statuses",
    "picture_labels",
    "project",
]

Point = tuple[float, float]

# A shorter vector is rounding error of terms that cancel out.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Cluster:
    """A cluster of similar pictures.

    Attributes:
        name: its terms separated by commas, or `group 3` if it has none.
        terms: up to three words that are far more frequent in its captions than in the others.
        pictures: the number of its pictures.
        at: the index in `Map.ids` of the picture nearest to its centre.
        x, y: the position of its name, the median of its pictures.
    """

    name: str
    terms: tuple[str, ...]
    pictures: int
    at: int
    x: float
    y: float

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "terms": list(self.terms)}


@dataclass(frozen=True, eq=False, repr=False)
class Map:
    """All pictures of a version in two dimensions.

    Attributes:
        layout: `pca` or `umap`.
        version: the version of the wall.
        ids: the n pictures.
        positions: float32 (n, 2), from -1 to 1, with equal scales of x and y.
        clusters: uint16 (n,), the index in `names` of each picture's cluster.
        names: the clusters, the largest first.
        variance: the share of the vectors' variance that the map shows, 0 to 1; None for `umap`.
    """

    layout: str
    version: int
    ids: tuple[str, ...]
    positions: NDArray[np.float32]
    clusters: NDArray[np.uint16]
    names: tuple[Cluster, ...]
    variance: float | None

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        groups = pluralize(len(self.names), "group")
        return f"Map({self.layout}, {pluralize(len(self.ids), 'picture')}, {groups})"

    def inside(self, area: Area) -> tuple[str, ...]:
        """The pictures in an area. Raises InputError if it is of another layout."""
        if area.layout != self.layout:
            raise InputError(f"the area is of layout {area.layout}, and this map is {self.layout}")
        return tuple(self.ids[at] for at in np.flatnonzero(area.holds(self.positions)))

    def to_dict(self) -> dict[str, Any]:
        places = zip(self.ids, self.positions.tolist(), self.clusters.tolist(), strict=True)
        return {
            "layout": self.layout,
            "version": self.version,
            "pictures": len(self.ids),
            "variance": self.variance,
            "clusters": [cluster.to_dict() for cluster in self.names],
            "places": [
                {"image_id": image_id, "x": x, "y": y, "cluster": cluster}
                for image_id, (x, y), cluster in places
            ],
        }


@dataclass(frozen=True)
class TermPoint:
    """The position of a term of a query; None if it has no vector, such as `keyword("dog")`."""

    term: str
    weight: float
    place: Point | None


@dataclass(frozen=True)
class PathPoint:
    """A point on a path and the picture shown for it; None if the wall has too few pictures."""

    place: Point
    image_id: str | None


@dataclass(frozen=True)
class Projection2D:
    """The positions of a query, of its terms, and of the path to another query on a map.

    For `pca` these are exact, and may lie outside the map. For `umap` each is the mean position of
    the nearest pictures: see `MapLayout.places`.
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


@dataclass(frozen=True)
class LayoutStatus:
    """The state of a layout of a version.

    Attributes:
        name: `pca` or `umap`.
        state: `ready`, `computing`, `absent` (not being computed), or `missing` (the package that
            computes it is not installed).
        share: the progress, 0 to 1; None unless it is ready or being computed.
        variance: see `Map`.
        install: the command that installs the missing package.
    """

    name: str
    state: str
    share: float | None = None
    variance: float | None = None
    install: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Label:
    """The label of a picture on a map: its index in `Map.ids`, and its first caption."""

    at: int
    image_id: str
    captions: tuple[str, ...]
    width: int | None
    height: int | None

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "captions": list(self.captions)}


def layout_statuses(wall_version: WallVersion) -> tuple[LayoutStatus, ...]:
    """The state of each layout of a version."""
    pca, umap = wall_version.pca_layout, wall_version.layout("umap")
    ready = LayoutStatus("pca", "ready", 1.0, pca.variance)
    if umap is not None:
        return ready, LayoutStatus("umap", "ready", 1.0)
    if not has_umap():
        return ready, LayoutStatus("umap", "missing", install=INSTALL)
    share = wall_version.umap_layout.share()
    return ready, LayoutStatus("umap", "absent" if share is None else "computing", share)


def picture_labels(wanted: Sequence[int | str], wall_version: WallVersion) -> tuple[Label, ...]:
    """Labels of pictures, by their indices in `Map.ids` or by their ids.

    Raises:
        InputError: there is no such index.
        UnknownPictureError: there is no such picture.
    """
    snapshot = wall_version.snapshot
    places = [snapshot.position(each) if isinstance(each, str) else each for each in wanted]
    for place in places:
        if not 0 <= place < len(snapshot.ids):
            raise InputError(
                f"there is no picture at {place}: version {wall_version.version} has "
                f"{pluralize(len(snapshot.ids), 'picture')}, from 0"
            )
    ids = snapshot.ids.take(places).to_pylist() if places else []
    return tuple(
        Label(
            at,
            image_id,
            tuple((details["captions"] or ())[:1]),
            details["width"],
            details["height"],
        )
        for at, image_id, details in zip(places, ids, wall_version.details_of(places), strict=True)
    )


def build_map(wall_version: WallVersion, name: str, layout: MapLayout) -> Map:
    """The map of a version in that layout."""
    clusters, positions = wall_version.clusters, layout.positions
    sizes = np.bincount(clusters.of, minlength=len(clusters.terms))
    names = []
    for at, (terms, middle) in enumerate(zip(clusters.terms, clusters.middles, strict=True)):
        x, y = np.median(positions[clusters.of == at], axis=0).tolist()
        name_of = ", ".join(terms) or f"group {at + 1}"
        names.append(Cluster(name_of, terms, int(sizes[at]), int(middle), x, y))
    return Map(
        name,
        wall_version.version,
        tuple(wall_version.snapshot.ids.to_pylist()),
        positions,
        clusters.of,
        tuple(names),
        layout.variance,
    )


def inside(area: Area, wall_version: WallVersion) -> NDArray[np.bool_]:
    """Mask of the pictures of a version in an area: (n,).

    Raises:
        InputError: the layout of the area has to be computed first.
    """
    return area.holds(require_layout(wall_version, area.layout).positions)


def require_layout(wall_version: WallVersion, name: str) -> MapLayout:
    """A computed layout. Raises InputError if it has to be computed first."""
    found = wall_version.layout(check_layout(name))
    if found is None:
        raise InputError(
            f"the layout {name} of version {wall_version.version} is not made yet: make it with "
            f"`cavewall map --layout {name}`, which takes some time"
        )
    return found


def project(
    expression: Expression,
    wall_version: WallVersion,
    encoder: Encoder,
    name: str,
    to: Expression | None = None,
    steps: int = 5,
) -> Projection2D:
    """Project an expression, and with `to` the path from it to another one in even steps.

    Raises:
        InputError: no such layout, one that is not ready, or a path of too few or many steps.
    """
    layout = require_layout(wall_version, name)
    snapshot = wall_version.snapshot
    query = compile_query(
        expression,
        encoder,
        snapshot,
        lambda: wall_version.caption_index,
        # An image from outside has no vector in the caption space.
        images=lambda _: None,
    )

    def project_all(vectors: NDArray[Any]) -> list[Point]:
        points = layout.places(np.asarray(vectors, np.float32), snapshot.vectors)
        return [(x, y) for x, y in points.tolist()]

    whole = _direction(query)
    with_vector = np.flatnonzero(query.vectors.any(axis=1))
    found = project_all(query.vectors[with_vector]) if len(with_vector) else []
    terms = dict(zip(with_vector.tolist(), found, strict=True))
    path = None if to is None else interpolate(expression, to, steps)
    return Projection2D(
        name,
        wall_version.version,
        None if whole is None else project_all(whole[None])[0],
        tuple(
            TermPoint(str(leaf), float(weight), terms.get(at))
            for at, (leaf, weight) in enumerate(
                zip(query.leaves, query.direction.weights, strict=True)
            )
        ),
        None if path is None else _path(path, wall_version, encoder, project_all),
    )


def _path(
    points: tuple[Expression, ...],
    wall_version: WallVersion,
    encoder: Encoder,
    project_all: Callable[[NDArray[Any]], list[Point]],
) -> tuple[PathPoint, ...]:
    snapshot = wall_version.snapshot
    found = path_hits(points, wall_version, encoder)
    ids = {at: snapshot.ids[ranked.position].as_py() for at, (_, ranked) in found.items()}
    vectors = [compile_query(point, encoder, snapshot).vector for point in points]
    return tuple(
        PathPoint(place, ids.get(at)) for at, place in enumerate(project_all(np.stack(vectors)))
    )


def _direction(query: Query) -> NDArray[np.float32] | None:
    """The unit vector of a query without its keywords; None if nothing else is left."""
    total = query.direction.weights @ query.vectors
    if not total.size or np.linalg.norm(total) < _NOTHING:
        return None
    return np.asarray(normalise(total), np.float32)
