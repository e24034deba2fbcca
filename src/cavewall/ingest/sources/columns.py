"""The user's choices for reading a source: its format, and the columns by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cavewall._internal.cache import cached_property
from cavewall.errors import SourceError

__all__ = ["FORMATS", "Columns", "Fields", "Format", "SourceColumns"]

Format = Literal["csv", "jsonl", "parquet", "token", "coco", "imagefolder", "folder"]
FORMATS: tuple[str, ...] = get_args(Format)

_IMAGES = (
    *("image", "file_name", "filename", "image_name"),
    *("image_path", "file_path", "filepath", "path", "file"),
)
_CAPTIONS = ("caption", "captions", "text", "comment", "description", "sentence", "sentences")
_IDS = ("image_id",)
_PATHS = ("path",)


@dataclass(frozen=True)
class Fields:
    """The columns of one table that make a picture; all others are metadata.

    `image` holds names of files or bytes, `path` names of files beside bytes or ids; the id is in
    `image_id`, else it is the name of the file.
    """

    caption: str
    image: str | None = None
    path: str | None = None
    image_id: str | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        found = (self.image_id, self.image, self.path, self.caption)
        return tuple(name for name in found if name is not None)


@dataclass(frozen=True)
class Columns:
    """Which columns hold the image, the caption and the id; None goes by the usual names."""

    image: str | None = None
    caption: str | None = None
    image_id: str | None = None

    def among(self, names: Sequence[str], place: str) -> Fields:
        """The fields of a table with those columns, whatever their case.

        Raises:
            SourceError: a column that was asked for is not there, or nothing goes by a usual name.
        """
        image = self._one(self.image, _IMAGES, names, place)
        image_id = self._one(self.image_id, _IDS, names, place)
        caption = self._one(self.caption, _CAPTIONS, names, place)
        if image is None and image_id is None:
            raise SourceError(_nothing(place, "names images", names, "--image-column"))
        if caption is None:
            raise SourceError(_nothing(place, "holds captions", names, "--caption-column"))
        path = None if self.image else _first(_PATHS, names)
        return Fields(caption, image, None if path == image else path, image_id)

    def _one(
        self, chosen: str | None, usual: Sequence[str], names: Sequence[str], place: str
    ) -> str | None:
        if chosen is None:
            return _first(usual, names)
        found = chosen if chosen in names else _first([chosen.casefold()], names)
        if found is None:
            raise SourceError(f"{place}: there is no column {chosen!r} among {_listed(names)}")
        return found


@dataclass(frozen=True)
class SourceColumns:
    """`format` is one of the `FORMATS`, None to look; `each_caption` makes a picture of each.

    `captionless` takes pictures of a folder that nothing is said of.
    """

    format: str | None = None
    columns: Columns = Columns()
    each_caption: bool = False
    captionless: bool = False


def _first(usual: Sequence[str], names: Sequence[str]) -> str | None:
    folded = {name.casefold(): name for name in reversed(names)}
    return next((folded[name] for name in usual if name in folded), None)


def _nothing(place: str, does: str, names: Sequence[str], option: str) -> str:
    return f"{place}: no column {does} among {_listed(names)}: say which one does with {option}"


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names)
    return (listed if len(listed) <= 120 else listed[:119] + "…") or "none at all"
