"""What stays on this machine: its paths, and where pictures were taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from cavewall._internal.object_store import AnyPath, is_object_address
from cavewall.errors import FilterError
from cavewall.query.filters import Field, Filter, parse_field, parse_filter
from cavewall.storage import ColumnValue

__all__ = ["Privacy", "relative_path", "source_name"]

_PATHS = frozenset(["path", "source"])
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WHERE = frozenset(
    [
        *("altitude", "coordinate", "coordinates", "coords", "geo", "geohash", "geojson"),
        *("geolocation", "geotag", "gps", "lat", "latitude", "latlng", "latlon", "lng"),
        *("location", "locations", "lon", "long", "longitude"),
    ]
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_BEGINS, _ENDS = ("gps", "geo_"), ("latitude", "longitude")


def says_where(name: str) -> bool:
    """Whether metadata of that name says where a picture was taken."""
    folded = name.casefold()
    if folded.startswith(_BEGINS) or folded.endswith(_ENDS):
        return True
    return any(word.casefold() in _WHERE for word in _WORD.findall(name))


class Privacy:
    """What may be asked and told of metadata, with or without locations."""

    def __init__(self, keep_location: bool) -> None:
        self._keep_location = keep_location

    def hides(self, field: Field) -> bool:
        """Whether nothing is told of a field."""
        if not field.metadata and len(field.path) == 1 and field.path[0] in _PATHS:
            return True
        return not self._keep_location and any(map(says_where, field.path))

    def hides_named(self, name: str) -> bool:
        """The same of a field as it is written in a filter."""
        return self.hides(parse_field(name))

    def filter(self, where: str | None) -> Filter | None:
        """The filter. Raises FilterError where it asks for what is hidden, or does not parse.

        What cannot be seen could be guessed bit by bit with a filter.
        """
        if where is None:
            return None
        condition = parse_filter(where)
        for field in _fields_of(condition):
            self.check(field)
        return condition

    def check(self, field: str | Field) -> None:
        """Raises FilterError for what is hidden."""
        found = parse_field(field) if isinstance(field, str) else field
        if self.hides(found):
            why = (
                "paths stay on this machine"
                if found.path[0] in _PATHS
                else "where pictures were taken is not told without --keep-location"
            )
            raise FilterError(f"there is no field {found} over HTTP: {why}", *(found.place or ()))

    def metadata(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The metadata that is told."""
        return {
            name: self._shown(value)
            for name, value in said.items()
            if self._keep_location or not says_where(str(name))
        }

    def cells(self, row: Iterable[ColumnValue], image_id: str) -> tuple[ColumnValue, ...]:
        """The row of a picture as it is told: of paths what is below their source, or the name.

        The picture's id, which may look like a path, is known to who asks.
        """
        row = tuple(row)
        said = {cell.name: cell.value for cell in row if isinstance(cell.value, str)}
        path, source = said.get("path"), said.get("source")
        shown = {"path": relative_path(path, source), "source": source_name(source)}
        return tuple(
            cell
            if cell.value == image_id
            else replace(cell, value=shown.get(cell.name, self._cell(cell.value)))
            for cell in row
            if cell.name in _PATHS or not self.hides(Field((cell.name,)))
        )

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str) and (Path(value).is_absolute() or _ADDRESS.fullmatch(value)):
            return source_name(value)  # tables of others call paths what they like
        return self._shown(value)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.metadata(value)
        return [self._shown(each) for each in value] if isinstance(value, list) else value


def _fields_of(value: object) -> Iterator[Field]:
    if isinstance(value, Field):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _fields_of(part)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _fields_of(getattr(value, part.name))


def relative_path(path: str | AnyPath | None, source: str | None) -> str | None:
    """Where a picture lies below its source's folder, with `/`; None where it lies elsewhere."""
    if path is None or not source:
        return None
    if is_object_address(source):
        return _below(str(path), source)
    root = Path(source)
    for folder in (root, root.parent):
        # A folder is a source by itself, a file by the folder that holds it.
        if root.is_absolute() and folder != Path(folder.anchor):
            try:
                below = Path(str(path)).relative_to(folder)
            except ValueError:
                continue
            return below.as_posix() if ".." not in below.parts and below.parts else None
    return None


def _below(address: str, source: str) -> str | None:
    """The same in object storage, where a source is what lies below it or one object."""
    for folder in (source, source.rpartition("/")[0]):
        if not folder.endswith("/") and address.startswith(f"{folder}/"):
            below = address[len(folder) + 1 :]
            return None if ".." in below.split("/") else below
    return None


def source_name(source: str | None) -> str | None:
    """The last part of a source's name."""
    return Path(source).name or None if source else None
