"""One version of a wall, with what is made of it: vectors, background, words, captions, maps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache, cached_property
from cavewall._internal.tokenize import TermPattern
from cavewall.encoders import Encoder
from cavewall.index.artifacts import ArtifactStore
from cavewall.index.background import Background
from cavewall.index.clusters import Clusters
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.ivf import ARTIFACT, MIN_ROWS, IVFIndex, Placing, Progress
from cavewall.index.layout import MapLayout
from cavewall.index.lexical import WordIndex
from cavewall.index.pca import Pca2D
from cavewall.index.umap_layout import UMAP_ARTIFACT, UmapLayout
from cavewall.models import Picture
from cavewall.query.filters import Filter
from cavewall.search.calibration import Calibration
from cavewall.storage import VECTOR, ColumnValue, Details, Facets, Snapshot, Store

__all__ = ["CLUSTERS", "UMAP_ARTIFACT", "WallVersion"]

T = TypeVar("T")
D = TypeVar("D", bound=np.generic)

CLUSTERS = "clusters-1"
# Above this share of pictures that an index has not, it is made again.
_NEWER = 0.1
# Filters whose pictures are kept: a byte a picture each.
_FILTERS = 16


class WallVersion:
    """Each part is made, or mapped from the derived artefacts, when it is first asked for.

    `encoder` is called when words of the captions have to be encoded that never were before.
    `calibrated` says whether scores have a background: see `cavewall.search.calibration`.
    """

    calibrated = True

    def __init__(self, store: Store, encoder: Callable[[], Encoder], column: str = VECTOR) -> None:
        self.store = store
        self.column = column
        self._encoder = encoder
        self._lock = threading.RLock()
        self._parts: dict[str, Any] = {}
        self._filtered: LRUCache[Filter, NDArray[np.bool_]] = LRUCache(_FILTERS)
        self._derived = ArtifactStore(store.address, store.metadata.key(column))
        self.version = store.version

    @cached_property
    def snapshot(self) -> Snapshot:
        """The vectors and their ids."""
        return self._made(
            "vectors-2",
            lambda folder: self.store.snapshot(self.version, self.column).to_folder(folder),
            lambda folder: Snapshot.from_folder(folder, self.version),
        )

    @cached_property
    def details(self) -> Details:
        """Captions, paths and sizes, of every row of the table."""
        return self._made(
            "details-2",
            lambda folder: self.store.details(self.version).to_folder(folder),
            Details.from_folder,
        )

    @cached_property
    def background(self) -> Background:
        """Mean and covariance of the vectors."""
        return self._made(
            "background-1",
            lambda folder: Background.from_vectors(self.snapshot.vectors).to_folder(folder),
            Background.from_folder,
        )

    @cached_property
    def words(self) -> WordIndex:
        """The words of the captions."""
        return self._made("words-1", self._build_words, WordIndex.from_folder)

    @cached_property
    def caption_index(self) -> InvertedIndex:
        """Which captions hold which words, and where."""
        return self._made(
            "captions-1",
            lambda folder: InvertedIndex.from_captions(self.captions()).to_folder(folder),
            InvertedIndex.from_folder,
        )

    @cached_property
    def index(self) -> IVFIndex | None:
        """Neighbourhoods of the vectors; None on small walls, where a search looks at everyone.

        One of an older version serves while that is the beginning of this one.
        """
        with self._lock:
            pictures = len(self.snapshot.ids)
            found = self._standing_index()
            known = 0 if found is None else len(found.rows)
            if pictures >= MIN_ROWS and known < (1 - _NEWER) * pictures:
                return self.build_index()
            return found

    @property
    def indexed(self) -> int:
        """How many pictures an index knows that stands already; 0 where none does."""
        found = self._standing_index()
        return 0 if found is None else len(found.rows)

    def _standing_index(self) -> IVFIndex | None:
        found = self._derived.load_latest(self._named(ARTIFACT), IVFIndex.from_folder)
        if found is None or len(found.rows) > len(self.snapshot.ids):
            return None
        same = self.snapshot.ids_digest(len(found.rows)) == found.ids.tobytes()
        return found if same else None

    def build_index(
        self, progress: Progress | None = None, placing: Placing | None = None
    ) -> IVFIndex:
        """Make the index of this version, where it is not there yet; for `placing` see there."""
        vectors = self.snapshot.vectors
        digest = self.snapshot.ids_digest(len(vectors))

        def build(folder: Path) -> None:
            older = self._derived.load_latest(self._named(ARTIFACT), IVFIndex.from_folder)
            IVFIndex.of(vectors, digest, older, progress, placing).to_folder(folder)

        made = self._derived.get(self._named(ARTIFACT), self.version, build, IVFIndex.from_folder)
        self.__dict__["index"] = made
        return made

    @cached_property
    def calibration(self) -> Calibration:
        """What scores are worth on this wall."""
        return Calibration(self.snapshot.vectors, lambda: self.background, lambda: self.words)

    @cached_property
    def pca_layout(self) -> MapLayout:
        """The pictures on the plane in which their vectors differ most."""
        background = self.background
        projection = Pca2D.of(background.mean, background.covariance)
        return MapLayout.flat(self.snapshot.vectors, projection)

    @cached_property
    def umap_layout(self) -> UmapLayout:
        """The UMAP layout, computed or not."""
        snapshot = self.snapshot
        return UmapLayout(
            self._derived,
            self.version,
            snapshot.ids,
            snapshot.ids_digest(len(snapshot.ids)),
            snapshot.vectors,
            lambda: self.pca_layout,
            self._named,
        )

    def layout(self, name: str) -> MapLayout | None:
        """The layout of that name if it is ready, None where UMAP has to be computed first."""
        if name == "pca":
            return self.pca_layout
        found = self._parts.get(UMAP_ARTIFACT) or self.umap_layout.ready()
        if found is not None:
            self._parts[UMAP_ARTIFACT] = found
        return found

    def make_layout(self, name: str, progress: Progress | None = None) -> MapLayout:
        """The same, computed where it is not ready. Raises MissingExtraError."""
        return self.layout(name) or self.umap_layout.make(lambda: self.index, progress)

    @cached_property
    def clusters(self) -> Clusters:
        """Groups of near vectors, named by what their captions say."""
        return self._made(CLUSTERS, self._build_clusters, Clusters.from_folder)

    def filter_mask(self, where: Filter) -> NDArray[np.bool_]:
        """The pictures that a filter is true of, (n,).

        Raises:
            FilterError: it names a field that is not there, or compares unlike kinds.
        """
        return self._filtered.get(
            where,
            lambda: self._of_rows(self.store.evaluate_filter(self.version, where, self._holds)),
        )

    def _holds(self, words: tuple[TermPattern, ...]) -> NDArray[np.bool_]:
        return self._in_table(self.caption_index.match_phrase(words))

    def labels(self, field: str) -> NDArray[np.int64]:
        """A number for the value of that field of each picture, (n,); -1 where it has none.

        Raises:
            FilterError: there is no such field.
        """
        return self._of_rows(self.store.labels(self.version, field))

    def facets(self, field: str, allowed: NDArray[np.bool_] | None, limit: int) -> Facets:
        """How many of the pictures allowed, (n,) or None for all, have which value of a field.

        Raises:
            FilterError: there is no such field.
        """
        if allowed is None:
            allowed = np.ones(len(self.snapshot.ids), np.bool_)
        return self.store.facets(self.version, field, self._in_table(allowed), limit)

    def _in_table(self, pictures: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is said of every picture, as said of every row of the table."""
        rows = self.snapshot.rows
        if rows is None:
            return pictures
        found = np.zeros(self.store.count(), np.bool_)
        found[rows[pictures]] = True
        return found

    def _of_rows(self, found: NDArray[D]) -> NDArray[D]:
        rows = self.snapshot.rows
        return found if rows is None else found[rows]

    def take(self, positions: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
        """Those columns of the pictures at those positions of the snapshot."""
        return self.store.take(self.version, self.snapshot.rows_of(positions), columns)

    def details_of(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """Captions, path, size and source of the pictures at those positions of the snapshot."""
        return self.details.of(self.snapshot.rows_of(positions))

    def picture(self, image_id: str, with_image: bool = True) -> Picture:
        """One whole picture, with or without its bytes. Raises UnknownPictureError."""
        (row,) = self.snapshot.rows_of([self.snapshot.position(image_id)])
        return self.store.picture(self.version, row, with_image)

    def row(self, image_id: str) -> tuple[ColumnValue, ...]:
        """The row of one picture, laid open. Raises UnknownPictureError."""
        (row,) = self.snapshot.rows_of([self.snapshot.position(image_id)])
        return self.store.row(self.version, row)

    def captions(self) -> list[list[str]]:
        """The captions of every picture, in the order of the snapshot."""
        captions = self.details.captions()
        rows = self.snapshot.rows
        return captions if rows is None else [captions[row] for row in rows]

    def _build_words(self, folder: Path) -> None:
        older = self._derived.load_latest(self._named("words-1"), WordIndex.from_folder)
        encode = self._encoder().encode
        WordIndex.from_captions(self.captions(), encode, older).to_folder(folder)

    def _build_clusters(self, folder: Path) -> None:
        older = self._derived.load_latest(self._named(CLUSTERS), Clusters.from_folder)
        found = Clusters.of_vectors(self.snapshot.vectors, self.caption_index, older)
        found.to_folder(folder)

    def _named(self, artefact: str) -> str:
        # One kind keeps one wall's latest: vectors that stand by are of another kind.
        return artefact if self.column == VECTOR else f"{self.column}-{artefact}"

    def _made(self, artefact: str, build: Callable[[Path], None], load: Callable[[Path], T]) -> T:
        with self._lock:
            # Threads that ask at once come here one by one: the first one's part is everyone's.
            if artefact not in self._parts:
                named = self._named(artefact)
                self._parts[artefact] = self._derived.get(named, self.version, build, load)
            part: T = self._parts[artefact]
            return part
