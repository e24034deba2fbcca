"""A table with a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from cavewall._internal.object_store import AnyPath
from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.rows import Row, RowsAsPictures
from cavewall.ingest.sources.source import ImageFolder, Source, not_empty
from cavewall.ingest.sources.textfile import TextFile
from cavewall.models import Reject

__all__ = ["read_jsonl"]


def read_jsonl(path: AnyPath, images: AnyPath, columns: Columns, below: str = "") -> Source:
    """The pictures that the lines name, files looked for in `images`.

    The first object tells which columns there are. A line that is none is a reject.

    Raises:
        SourceError: the file cannot be read, or its first object names no image or caption.
    """
    text = TextFile(path)
    first = next((row for row in _rows(text) if isinstance(row, Row)), None)
    if first is None:
        raise SourceError(f"{path} holds no JSON objects: one a line is expected")
    fields = columns.among(list(first.values), f"{path}, {first.place}")

    def rows(_: Sequence[str]) -> Iterator[Row | Reject]:
        return _rows(text)

    as_pictures = RowsAsPictures(fields, str(path.absolute()), ImageFolder(images), below)
    pictures = not_empty(as_pictures.grouped(rows), f"{path} names no pictures")
    return Source(str(path.resolve()), pictures, in_files=True, notices=text.notices)


def _rows(text: TextFile) -> Iterator[Row | Reject]:
    for number, line in enumerate(text.lines(), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            yield Row(place, values)
        else:
            yield Reject(
                "", f"unreadable: {place} is no JSON object", f"{text.path.absolute()}, {place}"
            )
