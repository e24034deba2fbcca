"""The layout in which Flickr8k was first given away: `name.jpg#0`, a tab, a caption."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cavewall._internal.object_store import AnyPath
from cavewall.ingest.sources.columns import Columns, Fields
from cavewall.ingest.sources.rows import Row, RowsAsPictures
from cavewall.ingest.sources.source import ImageFolder, Source, not_empty
from cavewall.ingest.sources.textfile import TextFile
from cavewall.models import Reject

__all__ = ["is_token_line", "read_token_file"]

_LINE = re.compile(r"(.+)#\d+\t(.*)", re.DOTALL)


def is_token_line(line: str) -> bool:
    return _LINE.fullmatch(line) is not None


def read_token_file(path: AnyPath, images: AnyPath, columns: Columns) -> Source:
    """The pictures that the lines name, files looked for in `images`.

    Raises:
        SourceError: the file cannot be read, or no line is as it should be.
    """
    text = TextFile(path)

    def rows(_: Sequence[str]) -> Iterator[Row | Reject]:
        for number, line in enumerate(text.lines(), 1):
            found = _LINE.fullmatch(line.strip(" \r\n"))
            if found is not None:
                values = {"image": found[1], "caption": found[2]}
                yield Row(f"line {number}", values)
            elif line.strip():
                reason = f"unreadable: line {number} is not NAME#NUMBER, a tab and a caption"
                yield Reject("", reason, f"{path.absolute()}, line {number}")

    fields = Fields(caption="caption", image="image")
    found = RowsAsPictures(fields, str(path.absolute()), ImageFolder(images)).grouped(rows)
    pictures = not_empty(found, f"{path} is empty")
    return Source(str(path.resolve()), pictures, in_files=True, notices=text.notices)
