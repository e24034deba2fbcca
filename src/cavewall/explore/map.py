"""Maps: two-dimensional positions and clusters of pictures, and projections of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.terminal_text import pluralize
from cavewall.errors import InputError
from cavewall.index.layout import MapLayout
from cavewall.index.umap_layout import INSTALL, has_umap
from cavewall.query.map_area import Area
from cavewall.search.vector_space import VectorSpace

__all__ = [
    "Cluster",
    "Label",
    "LayoutStatus",
    "Map",
    "build_map",
    "layout_statuses",
    "picture_labels",
]


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


def layout_statuses(space: VectorSpace) -> tuple[LayoutStatus, ...]:
    """Which layouts of a space are ready, and what keeps the others."""
    flat, unfolded = space.pca_layout, space.layout("umap")
    ready = LayoutStatus("pca", "ready", 1.0, flat.variance)
    if unfolded is not None:
        return ready, LayoutStatus("umap", "ready", 1.0)
    if not has_umap():
        return ready, LayoutStatus("umap", "missing", install=INSTALL)
    share = space.umap_layout.share()
    return ready, LayoutStatus("umap", "absent" if share is None else "computing", share)


def picture_labels(wanted: Sequence[int | str], space: VectorSpace) -> tuple[Label, ...]:
    """Pictures by their places in `Map.ids`, or by their ids.

    Raises:
        InputError: there is no such index.
        UnknownPictureError: there is no such picture.
    """
    snapshot, version = space.snapshot, space.version
    places = [snapshot.position(each) if isinstance(each, str) else each for each in wanted]
    for place in places:
        if not 0 <= place < len(snapshot.ids):
            raise InputError(
                f"there is no picture at {place}: version {version.number} has "
                f"{pluralize(len(snapshot.ids), 'picture')}, from 0"
            )
    ids = snapshot.ids.take(places).to_pylist() if places else []
    return tuple(
        Label(at, image_id, tuple((said["captions"] or ())[:1]), said["width"], said["height"])
        for at, image_id, said in zip(places, ids, _details(space, places), strict=True)
    )


def _details(space: VectorSpace, rows: Sequence[int]) -> list[dict[str, Any]]:
    positions = space.positions_at(np.asarray(rows, np.intp))
    return space.version.details_of([int(at) for at in positions])


def build_map(space: VectorSpace, name: str, layout: MapLayout) -> Map:
    """The map of a space in that layout."""
    clusters, positions = space.clusters, layout.positions
    sizes = np.bincount(clusters.of, minlength=len(clusters.terms))
    names = []
    for at, (terms, middle) in enumerate(zip(clusters.terms, clusters.middles, strict=True)):
        x, y = np.median(positions[clusters.of == at], axis=0).tolist()
        name_of = ", ".join(terms) or f"group {at + 1}"
        names.append(Cluster(name_of, terms, int(sizes[at]), int(middle), x, y))
    return Map(
        name,
        space.version.number,
        tuple(space.snapshot.ids.to_pylist()),
        positions,
        clusters.of,
        tuple(names),
        layout.variance,
    )
