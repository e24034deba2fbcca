"""Rows of any table as pictures: several rows of one image become one picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cavewall._internal.object_store import any_path
from cavewall.ingest.sources.columns import Fields
from cavewall.ingest.sources.source import ImageFolder
from cavewall.models import Picture, Reject

__all__ = ["Row", "Rows", "RowsAsPictures"]


class Row(NamedTuple):
    """Values by column, and where they stand: `line 7`."""

    place: str
    values: Mapping[str, Any]


@dataclass
class _Image:
    """What the rows of one image say; `row` is the first of them."""

    image_id: str
    row: Row
    captions: list[str]
    metadata: dict[str, Any]

    def take(self, other: _Image) -> None:
        self.captions += other.captions
        self.metadata |= other.metadata


# Gives the rows from the first one each time it is called; a table that can, gives those columns
# alone.
Rows = Callable[[Sequence[str]], Iterable[Row | Reject]]


@dataclass(frozen=True)
class RowsAsPictures:
    """How rows become pictures.

    `place` is what the table is called, `folder` where its files are looked for, None to take
    their paths as they are; `below` stands before every name.
    """

    fields: Fields
    place: str
    folder: ImageFolder | None
    below: str = ""

    def each(self, rows: Iterable[Row | Reject]) -> Iterator[Picture | Reject]:
        """A picture of every row."""
        for row in rows:
            yield row if isinstance(row, Reject) else self._picture(self._begun(row))

    def grouped(self, rows: Rows) -> Iterator[Picture | Reject]:
        """The rows of one image as one picture, in the order in which these end.

        The rows are read twice, so that no more is held than the images whose rows lie apart.
        """
        runs = self._runs(rows)
        waiting: dict[str, _Image] = {}
        current: _Image | None = None
        for row in rows(()):
            if isinstance(row, Reject):
                yield row
                continue
            image = self._begun(row)
            if not image.image_id:
                yield self._picture(image)
            elif current is not None and image.image_id == current.image_id:
                current.take(image)
            else:
                if current is not None:
                    yield from self._ended(current, runs, waiting)
                current = waiting.pop(image.image_id, None)
                if current is None:
                    current = image
                else:
                    current.take(image)
        if current is not None:
            yield from self._ended(current, runs, waiting)
        # A file that changed between the two readings may leave some.
        yield from map(self._picture, waiting.values())

    def _runs(self, rows: Rows) -> Counter[str]:
        """How many times each image comes up, rows that follow one another counted once."""
        fields = self.fields
        named = (fields.image_id,) if fields.image_id else (fields.image, fields.path)
        runs: Counter[str] = Counter()
        last = ""
        for row in rows([name for name in named if name is not None]):
            image_id = "" if isinstance(row, Reject) else self._id(row)
            if image_id and image_id != last:
                runs[image_id] += 1
                last = image_id
        return runs

    def _ended(
        self, image: _Image, runs: Counter[str], waiting: dict[str, _Image]
    ) -> Iterator[Picture | Reject]:
        runs[image.image_id] -= 1
        if runs[image.image_id] > 0:
            waiting[image.image_id] = image
        else:
            yield self._picture(image)

    def _begun(self, row: Row) -> _Image:
        known, values = self.fields.names, row.values
        metadata = {str(name): values[name] for name in values if name not in known}
        return _Image(self._id(row), row, _captions(values.get(self.fields.caption)), metadata)

    def _id(self, row: Row) -> str:
        fields = self.fields
        image_id = row.values.get(fields.image_id) if fields.image_id else None
        if image_id is None:
            image_id = _name(row, fields.image) or _name(row, fields.path) or ""
        found = str(image_id).strip()
        return self.below + found if found else ""

    def _picture(self, found: _Image) -> Picture | Reject:
        image_id, row = found.image_id, found.row
        place = f"{self.place}, {row.place}"
        if not image_id:
            return Reject("", f"missing: {row.place} names no image", place)
        name = _name(row, self.fields.path) or _name(row, self.fields.image)
        image = _bytes(row.values.get(self.fields.image) if self.fields.image else None)
        path = None if name is None else any_path(name)
        if name is not None and image is None and self.folder is not None:
            path = self.folder.locate(self.below + name)
            if path is None:
                reason = f"outside: the path leads out of {self.folder.folder}"
                return Reject(image_id, reason, place)
        return Picture(image_id, tuple(found.captions), path, image, found.metadata)


def _name(row: Row, column: str | None) -> str | None:
    """The name of a file, where the row has one in that column."""
    value = row.values.get(column) if column else None
    if isinstance(value, dict):  # Hugging Face's {"bytes", "path"}
        value = value.get("path")
    return (value.strip() or None) if isinstance(value, str) else None


def _bytes(value: Any) -> bytes | None:
    if isinstance(value, dict):
        value = value.get("bytes")
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def _captions(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return ["" if caption is None else str(caption).strip() for caption in values]
