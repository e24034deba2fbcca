"""The fields of one version that a filter may name: columns, and names in the metadata's JSON.

Columns are read on demand. Those of metadata are cached: a version never changes, and extracting
a name from the JSON of 200,000 pictures takes a hundred times as long as comparing its values.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from cavewall._internal.cache import cached_property
from cavewall.errors import FilterError
from cavewall.query.filters import Field, ValueKind
from cavewall.storage.column_values import Column, ValuesOfKind, decoded, kind_of_type
from cavewall.storage.expired_versions import scan_batches
from cavewall.storage.sql import sql_text
from cavewall.storage.type_inference import TypeInference, is_value

__all__ = ["TAGS", "FieldCatalog", "FieldSummary"]

TAGS = ("tags", "tag", "keywords", "categories", "labels")
_METADATA = "metadata"
_DERIVED: dict[tuple[str, ...], str] = {("year",): "date", ("month",): "date"}
_ROWS = 8192
_MOST_NAMES = 12
_DEEPEST = 8
_MOST_KEPT = 64


@dataclass(frozen=True)
class FieldSummary:
    """A field that a filter may name: `name` as it is written there.

    `kind` is `list` where a picture may have several values, and `of` what these are. `pictures`
    is how many have a value.
    """

    name: str
    kind: str
    pictures: int
    of: ValueKind

    def to_dict(self) -> dict[str, Any]:
        found = {"name": self.name, "kind": self.kind, "pictures": self.pictures}
        return {**found, "of": self.of} if self.kind == "list" else found


class FieldCatalog:
    """The fields of `dataset`, a version of a table.

    `aliases` are other names for columns; `hidden` are internal columns.
    """

    def __init__(self, dataset: Any, aliases: Mapping[str, str], hidden: tuple[str, ...]) -> None:
        self.version = int(dataset.version)
        self._dataset = dataset
        self._kept: dict[tuple[str, ...], Column] = {}
        schema = dataset.schema
        self._columns = [
            field.name
            for field in schema
            if field.name not in hidden and kind_of_type(field.type) is not None
        ]
        self._names = {name: name for name in self._columns}
        self._names = {**{k: v for k, v in aliases.items() if v in self._names}, **self._names}
        # Metadata of any shape is JSON; a table of somebody else may have it otherwise, or not.
        self._has_metadata = _METADATA in schema.names and isinstance(
            schema.field(_METADATA).type, type(pa.json_())
        )

    @cached_property
    def size(self) -> int:
        return int(self._dataset.count_rows())

    def column(self, name: Field) -> Column:
        """The values of that field.

        Raises:
            FilterError: no picture has one; the nearest names are said.
        """
        found = self._found(name)
        if found is None:
            raise FilterError(self._unknown(name), *(name.place or (None, None)))
        return found

    @property
    def has_captions(self) -> bool:
        """Whether the table has a column of captions."""
        return "captions" in self._names

    def tags(self) -> list[Column]:
        """The columns in which tags are looked for."""
        found = (self._found(Field((name,))) for name in TAGS)
        return [column for column in found if column is not None]

    @cached_property
    def fields(self) -> tuple[FieldSummary, ...]:
        """Everything that a filter may name: columns, what follows from them, metadata."""
        named = [(Field((name,)), self._read(name)) for name in self._columns]
        derived = [(Field(path), self._derived(path)) for path in _DERIVED]
        for name, column in derived:
            if column is not None and self._found(name) is column:
                named.append((name, column))
        found = [
            _summary(name, column.kind, column.listed, int(column.present.sum()))
            for name, column in named
        ]
        metadata = [
            _summary(self._metadata_field(path), tally.kind, tally.listed, tally.pictures)
            for path, tally in self._tallies.items()
        ]
        metadata.sort(key=lambda each: (-each.pictures, each.name))
        return (*found, *metadata)

    def likely_names(self, rows: int = 1000) -> list[str]:
        """Names that a filter may use, those of metadata as the first rows have them.

        Takes as long on a large wall as on a small one; `fields` has them all.
        """
        tallies: dict[tuple[str, ...], TypeInference] = {}
        if self._has_metadata:
            scanner = self._dataset.scanner(columns=[_METADATA], limit=rows)
            for batch in scan_batches(self.version, scanner.to_batches):
                _tally(tallies, batch.column(0))
        named = [str(Field((name,))) for name in self._columns]
        named += [str(self._metadata_field(path)) for path in tallies]
        dated = {(date,) for date in _DERIVED.values()} & tallies.keys()
        return named + [".".join(path) for path in _DERIVED if dated and path not in tallies]

    # Where a name leads.

    def _found(self, name: Field) -> Column | None:
        if not name.metadata and len(name.path) == 1 and name.path[0] in self._names:
            return self._read(self._names[name.path[0]])
        stored = self._metadata(name.path)
        if stored is not None or name.metadata or name.path not in _DERIVED:
            return stored
        return self._derived(name.path)

    def _read(self, column: str) -> Column:
        kind = self._dataset.schema.field(column).type
        return Column.from_arrow(self._scan([column]), kind)

    def _metadata(self, path: tuple[str, ...]) -> Column | None:
        if not self._has_metadata or len(path) > _DEEPEST:
            return None
        column = self._kept.get(path)
        if column is None:
            # A JSON path quotes names as JSON itself does; then the whole is a text of SQL.
            steps = "".join("." + json.dumps(name, ensure_ascii=False) for name in path)
            wanted = {"value": f"json_extract({_METADATA}, {sql_text('$' + steps)})"}
            texts = pa.chunked_array(list(self._scan(wanted)), pa.string())
            column = Column.from_json(texts)
            # Missing names are cached too; the limit keeps queries from filling the memory.
            for oldest in list(self._kept)[: max(0, len(self._kept) + 1 - _MOST_KEPT)]:
                self._kept.pop(oldest, None)
            self._kept[path] = column
        return column if len(column.rows) else None

    def _derived(self, path: tuple[str, ...]) -> Column | None:
        """The year or month of a date, as a number."""
        name = _DERIVED[path]
        if path not in self._made:
            dated = self._found(Field((name,)))
            self._made[path] = None if dated is None else _part_of_date(dated, path[0])
        return self._made[path]

    @cached_property
    def _made(self) -> dict[tuple[str, ...], Column | None]:
        return {}

    def _scan(self, columns: Any) -> Iterator[Any]:
        scanner = self._dataset.scanner(columns=columns, batch_size=_ROWS)
        for batch in scan_batches(self.version, scanner.to_batches):
            yield batch.column(0)

    # Which names there are.

    @cached_property
    def _tallies(self) -> dict[tuple[str, ...], TypeInference]:
        """Every name in the metadata with what it holds."""
        tallies: dict[tuple[str, ...], TypeInference] = {}
        if self._has_metadata:
            for texts in self._scan([_METADATA]):
                _tally(tallies, texts)
        return tallies

    def _metadata_field(self, path: tuple[str, ...]) -> Field:
        return Field(path, metadata=len(path) == 1 and path[0] in self._names)

    def _unknown(self, name: Field) -> str:
        known = [*self._names, *(str(self._metadata_field(path)) for path in self._tallies)]
        known += [path[0] for path in _DERIVED if self._derived(path) is not None]
        folded = {each.casefold(): each for each in known}
        near = difflib.get_close_matches(str(name).casefold(), folded, 3)
        message = f"there is no field {name}{_letters(name)}"
        if near:
            return f"{message}: the nearest are {', '.join(folded[each] for each in near)}"
        if name.path in _DERIVED and not name.metadata:
            return f"{message}: it is read off metadata `date`, and no picture has a date there"
        shown = ", ".join(dict.fromkeys(known[:_MOST_NAMES]))
        return f"{message}: there are {shown}{', …' if len(known) > _MOST_NAMES else ''}"


def _tally(tallies: dict[tuple[str, ...], TypeInference], texts: Any) -> None:
    """Tally the metadata of some rows."""
    for said in decoded(texts.drop_null().to_pylist()):
        if isinstance(said, dict):
            _take(tallies, (), said)


def _take(
    tallies: dict[tuple[str, ...], TypeInference], path: tuple[str, ...], said: dict[str, Any]
) -> None:
    """Tally one picture's metadata, those inside others too."""
    for name, value in said.items():
        if isinstance(value, dict):
            if name and len(path) < _DEEPEST:
                _take(tallies, (*path, name), value)
            continue
        values = list(filter(is_value, value if isinstance(value, list) else (value,)))
        if not values or not name:
            continue
        tally = tallies.get((*path, name))
        if tally is None:
            tally = tallies[(*path, name)] = TypeInference()
        tally.pictures += 1
        tally.listed |= isinstance(value, list)
        for each in values:
            tally.take(each)


def _summary(name: Field, kind: ValueKind, listed: bool, pictures: int) -> FieldSummary:
    return FieldSummary(str(name), "list" if listed else kind, pictures, kind)


def _part_of_date(dated: Column, name: str) -> Column | None:
    dates = dated.reading("date")
    kept = np.ones(len(dates), np.bool_)
    if name == "month" and dates.exact is not None:
        kept = dates.exact
    months = dates.values[kept].astype("M8[M]").astype(np.int64)
    numbers = months % 12 + 1 if name == "month" else months // 12 + 1970
    chosen = np.isin(dated.places, dates.at[kept])
    if not chosen.any():
        return None
    parts: dict[ValueKind, ValuesOfKind] = {"number": ValuesOfKind(dates.at[kept], numbers)}
    return Column(dated.size, dated.rows[chosen], dated.places[chosen], parts, dated.listed)


def _letters(name: Field) -> str:
    """Letters that are not of ASCII, by what they are: some look like others."""
    odd = dict.fromkeys(character for part in name.path for character in part if character > "~")
    said = [f"{each} is {unicodedata.name(each, f'U+{ord(each):04X}')}" for each in odd]
    return f" ({', '.join(said[:3])})" if said else ""
