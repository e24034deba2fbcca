"""One version of a wall: its pictures, what is known of them, and its vector spaces by name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache, cached_property
from cavewall._internal.tokenize import TermPattern
from cavewall.encoders import Encoder, ImageEncoder
from cavewall.errors import InputError
from cavewall.index.artifacts import ArtifactStore
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.layout import MapLayout
from cavewall.models import Picture
from cavewall.query.filters import Filter
from cavewall.query.map_area import Area, check_layout
from cavewall.search.vector_space import ImageSpace, VectorSpace
from cavewall.storage import (
    VECTOR,
    ColumnValue,
    Details,
    Facets,
    PictureRows,
    Snapshot,
    Store,
)

__all__ = ["WallVersion"]

T = TypeVar("T")
D = TypeVar("D", bound=np.generic)
Mask = NDArray[np.bool_]

# Filters whose masks are kept: a byte a picture each.
_FILTERS = 16


class WallVersion:
    """The pictures that have a vector in one space or another, by position: 0 to n - 1.

    Each part is built, or mapped from the artifacts of the wall, when it is first used.

    Args:
        store: the table, at this version.
        texts: the encoder of the caption space; called when a text has to be encoded.
        image_encoder: that of the image space, where the wall has one.
        column: the column of the caption space's vectors.
    """

    def __init__(
        self,
        store: Store,
        texts: Callable[[], Encoder],
        image_encoder: Callable[[], ImageEncoder] | None = None,
        column: str = VECTOR,
    ) -> None:
        self.store = store
        self.number = store.version
        self.caption = VectorSpace(self, texts, column)
        self.image = None if image_encoder is None else ImageSpace(self, image_encoder)
        self._lock = threading.RLock()
        self._filtered: LRUCache[Filter, Mask] = LRUCache(_FILTERS)
        self._artifacts = ArtifactStore(store.address, store.metadata.key(column))
        # Artifacts of one name are those of one column: of others they have names of their own.
        self._prefix = "" if column == VECTOR else f"{column}-"

    def __len__(self) -> int:
        return len(self.pictures.ids)

    # Spaces.

    @property
    def spaces(self) -> Mapping[str, VectorSpace]:
        """The vector spaces by name, `caption` first."""
        if self.image is None:
            return {"caption": self.caption}
        return {"caption": self.caption, "image": self.image}

    def chosen(self, space: str | None) -> list[VectorSpace]:
        """The spaces that a request names: one, or `both` or None for all.

        Raises:
            InputError: there is no such space, or this wall does not have it.
        """
        if space not in (None, "caption"):
            self.image_space(space)
        return [each for name, each in self.spaces.items() if space in (None, "both", name)]

    def one_space(self, space: str | None = None) -> VectorSpace:
        """The space of an operation that works in one: None is `caption` if any picture has one.

        Raises:
            InputError: there is no such space, or this wall does not have it.
        """
        if space == "both":
            raise InputError("this works in one space at a time: choose caption or image")
        if space is None and self.image is not None and not len(self.caption):
            return self.image
        return self.chosen(space or "caption")[0]

    def image_space(self, space: str | None = "image") -> ImageSpace:
        """The image space.

        Raises:
            InputError: `space` is no name of one, or this wall has no image space.
        """
        if space not in ("caption", "image", "both"):
            raise InputError(f"there is no space {space!r}: choose one of caption, image, both")
        if self.image is None:
            raise InputError(
                "this wall has no image space: cavewall reencode --space image --encoder NAME "
                "makes one"
            )
        return self.image

    # Pictures.

    @cached_property
    def pictures(self) -> PictureRows:
        """The ids of all pictures that have a vector, and their rows in the table."""
        parts = [space.snapshot for space in self.spaces.values()]
        if len(parts) == 1:
            return PictureRows(parts[0].ids, parts[0].rows)
        return PictureRows.union(parts)

    def positions_of(self, snapshot: Snapshot) -> NDArray[np.intp] | None:
        """The positions of a space's pictures, (n,); None where it has all of them."""
        if len(snapshot.ids) == len(self):
            return None
        return np.searchsorted(self.pictures.table_rows(), snapshot.table_rows())

    @cached_property
    def details(self) -> Details:
        """Captions, paths and sizes of every row of the table."""
        return self._made(
            "details-2",
            lambda folder: self.store.details(self.number).to_folder(folder),
            Details.from_folder,
        )

    @cached_property
    def inverted_index(self) -> InvertedIndex:
        """Which captions hold which words, and where."""
        # Without an image space the pictures are those of the caption space.
        name = "captions-1" if self.image is None else "everyone-captions-1"
        return self._made(
            name,
            lambda folder: InvertedIndex.from_captions(self.captions()).to_folder(folder),
            InvertedIndex.from_folder,
        )

    def captions(self) -> list[list[str]]:
        """The captions of every picture."""
        captions = self.details.captions()
        rows = self.pictures.rows
        return captions if rows is None else [captions[row] for row in rows]

    def take(self, positions: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
        """Those columns of the pictures at those positions."""
        return self.store.take(self.number, self.pictures.rows_of(positions), columns)

    def details_of(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """Captions, path, size and source of the pictures at those positions."""
        return self.details.of(self.pictures.rows_of(positions))

    def picture(self, image_id: str, with_image: bool = True) -> Picture:
        """One whole picture, with or without its bytes. Raises UnknownPictureError."""
        (row,) = self.pictures.rows_of([self.pictures.position(image_id)])
        return self.store.picture(self.number, row, with_image)

    def row(self, image_id: str) -> tuple[ColumnValue, ...]:
        """The table's row of one picture, a value for each column. Raises UnknownPictureError."""
        (row,) = self.pictures.rows_of([self.pictures.position(image_id)])
        return self.store.row(self.number, row)

    # Filters.

    def filter_mask(self, where: Filter) -> Mask:
        """The pictures that a filter is true of, (n,).

        Raises:
            FilterError: it names a field that is not there, or compares unlike kinds.
        """
        return self._filtered.get(
            where,
            lambda: self._of_rows(
                self.store.evaluate_filter(self.number, where, self._match_phrase)
            ),
        )

    def _match_phrase(self, words: tuple[TermPattern, ...]) -> Mask:
        return self._in_table(self.inverted_index.match_phrase(words))

    def area_mask(self, area: Area, space: str | None = None) -> Mask:
        """The pictures inside an area of a map, (n,).

        Raises:
            InputError: the area is one of a layout that has to be computed first.
        """
        chosen = self.one_space(space)
        inside = area.holds(self.require_layout(area.layout, space).positions)
        mask: Mask = chosen.spread(inside, False)
        return mask

    def require_layout(self, name: str, space: str | None = None) -> MapLayout:
        """A layout of the map that is ready.

        Raises:
            InputError: there is no such layout, or it has to be computed first.
        """
        found = self.one_space(space).layout(check_layout(name))
        if found is None:
            raise InputError(
                f"the layout {name} of version {self.number} is not made yet: make it with "
                f"`cavewall map --layout {name}`, which takes some time"
            )
        return found

    def labels(self, field: str) -> NDArray[np.int64]:
        """A number for the value of that field of each picture, (n,); -1 where it has none.

        Raises:
            FilterError: there is no such field.
        """
        return self._of_rows(self.store.labels(self.number, field))

    def facets(self, field: str, allowed: Mask | None, limit: int) -> Facets:
        """How many of the pictures allowed, (n,) or None for all, have which value of a field.

        Raises:
            FilterError: there is no such field.
        """
        if allowed is None:
            allowed = np.ones(len(self), np.bool_)
        return self.store.facets(self.number, field, self._in_table(allowed), limit)

    def _in_table(self, pictures: Mask) -> Mask:
        """A mask of pictures as a mask of the table's rows."""
        rows = self.pictures.rows
        if rows is None:
            return pictures
        found = np.zeros(self.store.count(), np.bool_)
        found[rows[pictures]] = True
        return found

    def _of_rows(self, found: NDArray[D]) -> NDArray[D]:
        rows = self.pictures.rows
        return found if rows is None else found[rows]

    def _made(self, artifact: str, build: Callable[[Path], None], load: Callable[[Path], T]) -> T:
        with self._lock:
            return self._artifacts.get(self._prefix + artifact, self.number, build, load)
