"""Tables as text: CSV and its kin, with a header, several rows an image. Kaggle's layout is one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from cavewall._internal.object_store import AnyPath
from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.rows import Row, RowsAsPictures
from cavewall.ingest.sources.source import ImageFolder, Source, not_empty
from cavewall.ingest.sources.textfile import LONGEST_LINE, TextFile

__all__ = ["read_delimited"]

_DELIMITERS = ",\t;|"


def read_delimited(path: AnyPath, images: AnyPath, columns: Columns, below: str = "") -> Source:
    """The pictures that the rows name, files looked for in `images`.

    Raises:
        SourceError: the file cannot be read, or its header names no images or captions.
    """
    text = TextFile(path)
    delimiter = max(_DELIMITERS, key="".join(text.first_lines(1)).count)
    try:
        line, header = next(_rows(text, delimiter))
    except StopIteration:
        raise SourceError(
            f"{path} is empty: a captions file begins with the line image,caption"
        ) from None
    fields = columns.among(header, f"{path}, line {line}")

    def rows(names: Sequence[str]) -> Iterator[Row]:
        wanted = [(name, header.index(name)) for name in names or header]
        numbered = _rows(text, delimiter)
        next(numbered, None)
        for line, row in numbered:
            values = _whole(row, header, fields.caption, delimiter)
            yield Row(f"line {line}", {name: values[at] for name, at in wanted})

    as_pictures = RowsAsPictures(fields, str(path.absolute()), ImageFolder(images), below)
    pictures = not_empty(as_pictures.grouped(rows), f"{path} has a header and no pictures")
    return Source(str(path.resolve()), pictures, in_files=True, notices=text.notices)


def _whole(row: list[str], header: list[str], caption: str, delimiter: str) -> list[str]:
    """A value for every column.

    Commas in a caption that nobody quoted can be told in a table of two columns.
    """
    if len(row) < len(header):
        return row + [""] * (len(header) - len(row))
    if len(header) != 2 or len(row) == 2:
        return row
    if header[1] == caption:
        return [row[0], delimiter.join(row[1:])]
    return [delimiter.join(row[:-1]), row[-1]]


def _rows(text: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, header first, with the line on which it begins."""
    csv.field_size_limit(LONGEST_LINE)
    lines = _Lines(text.lines())
    reader = csv.reader(lines, delimiter=delimiter)
    is_header = True
    while True:
        begin = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise SourceError(f"{text.path}, line {begin}: {fault}") from fault
        if row and lines.ended:
            raise SourceError(f'{text.path}, line {begin}: a quote (") is opened and never closed')
        if row:
            yield begin, [name.strip() for name in row] if is_header else row
            is_header = False


class _Lines:
    """The lines of a text, counted, so that a fault can be traced to where its row began.

    A blank line follows the last: only a quote that is still open takes it into its row.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.number = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.ended:
            raise StopIteration
        self.number += 1
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            return "\n"
        return line
