"""Rows of a table, whatever it is kept in, as pictures: several rows of one image are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from cavewall.pictures import Picture, Reject
from cavewall.sources.layout import Fields
from cavewall.sources.source import ImageFolder

__all__ = ["Row", "Rows", "RowsAsPictures"]


class Row(NamedTuple):
    """Values by column, and where they stand: `line 7`."""

    place: str
    values: Mapping[str, Any]


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
            yield row if isinstance(row, Reject) else self._picture(row)

    def grouped(self, rows: Rows) -> Iterator[Picture | Reject]:
        """The rows of one image as one picture, in the order in which these end.

        The rows are read twice, so that no more is held than the images whose rows lie apart.
        """
        fields = self.fields
        named = (fields.image_id,) if fields.image_id else (fields.image, fields.path)
        keys = [name for name in named if name is not None]
        runs: Counter[str] = Counter()
        last = None
        for row in rows(keys):
            image_id = None if isinstance(row, Reject) else self._id(row)
            if image_id and image_id != last:
                runs[image_id] += 1
            last = image_id
        waiting: dict[str, Picture] = {}
        for run in _runs(self.each(rows(()))):
            if isinstance(run, Reject) or not run.image_id:
                yield run
                continue
            first = waiting.pop(run.image_id, None)
            picture = run if first is None else joined(first, run)
            runs[run.image_id] -= 1
            if runs[run.image_id] > 0:
                waiting[run.image_id] = picture
            else:
                yield picture
        yield from waiting.values()

    def _id(self, row: Row) -> str:
        fields = self.fields
        image_id = row.values.get(fields.image_id) if fields.image_id else None
        if image_id is None:
            image_id = _name(row, fields.image) or _name(row, fields.path) or ""
        found = str(image_id).strip()
        return self.below + found if found else ""

    def _picture(self, row: Row) -> Picture | Reject:
        fields = self.fields
        image_id = self._id(row)
        name = _name(row, fields.path) or _name(row, fields.image)
        if not image_id:
            place = f"{self.place}, {row.place}"
            return Reject("", f"missing: {row.place} names no image", place)
        path = None if name is None else Path(name)
        image = _bytes(row.values.get(fields.image) if fields.image else None)
        if name is not None and image is None and self.folder is not None:
            path = self.folder.locate(self.below + name)
            if path is None:
                reason = f"outside: the path leads out of {self.folder.folder}"
                return Reject(image_id, reason, f"{self.place}, {row.place}")
        captions = _captions(row.values.get(fields.caption))
        known = fields.names
        metadata = {str(name): value for name, value in row.values.items() if name not in known}
        return Picture(image_id, captions, path, image, metadata)


def joined(first: Picture, then: Picture) -> Picture:
    """One picture with the captions of both."""
    return replace(
        first,
        captions=first.captions + then.captions,
        metadata={**first.metadata, **then.metadata},
    )


def _runs(pictures: Iterable[Picture | Reject]) -> Iterator[Picture | Reject]:
    """Neighbours of one image as one."""
    run: list[Picture] = []
    for found in pictures:
        if run and (isinstance(found, Reject) or found.image_id != run[0].image_id):
            yield _one(run)
            run = []
        if isinstance(found, Reject):
            yield found
        else:
            run.append(found)
    if run:
        yield _one(run)


def _one(run: list[Picture]) -> Picture:
    if len(run) == 1:
        return run[0]
    captions = tuple(caption for picture in run for caption in picture.captions)
    return replace(joined(run[0], run[-1]), captions=captions)


def _name(row: Row, column: str | None) -> str | None:
    """The name of a file, where the row has one in that column."""
    value = row.values.get(column) if column else None
    if isinstance(value, Mapping):  # Hugging Face's {"bytes", "path"}
        value = value.get("path")
    return (value.strip() or None) if isinstance(value, str) else None


def _bytes(value: Any) -> bytes | None:
    if isinstance(value, Mapping):
        value = value.get("bytes")
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def _captions(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple("" if caption is None else str(caption).strip() for caption in values)
