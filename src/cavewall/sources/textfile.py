"""A text file of any size and encoding, a line at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from cavewall.errors import SourceError
from cavewall.sources.regular import opened_file

__all__ = ["LONGEST_LINE", "TextFile"]

LONGEST_LINE = 16 * 1024 * 1024
_HEAD = 1024
# Fewer bytes do not tell UTF-16 from text with zeros in it.
_TELLING = 8
_BLOCK = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"


class TextFile:
    """The lines of a file, line ends kept, as often as they are asked for.

    Its encoding is told by a byte order mark, by the zeros of UTF-16, or by being UTF-8
    throughout; whatever else is read as Windows' Western European, and `notices` says so.

    Raises:
        SourceError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as file:
            self._encoding = _encoding(file)
        self.notices: tuple[str, ...] = ()
        if self._encoding == _WESTERN:
            self.notices = (
                f"{path} is not UTF-8: read as Windows-1252 (Western European). Where letters "
                "look wrong, save it as UTF-8 and add it again",
            )

    def lines(self) -> Iterator[str]:
        """Each line. Raises SourceError for one longer than 16 MB."""
        with self._opened() as file:
            text: TextIO = io.TextIOWrapper(file, self._encoding, errors="replace", newline="")
            number = 0
            while line := text.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise SourceError(
                        f"{self.path}, line {number}: longer than {LONGEST_LINE:,} characters"
                    )
                yield line

    def first_line(self) -> str:
        """The first line that is not blank, stripped; nothing in an empty file."""
        return next((line.strip() for line in self.lines() if line.strip()), "")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with opened_file(self.path) as file:
                yield file
        except OSError as fault:
            raise SourceError(f"{self.path} cannot be read: {fault.strerror or fault}") from fault


def _encoding(file: BinaryIO) -> str:
    head = file.read(_HEAD)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # Text in Western letters has a zero in every other byte of UTF-16.
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):
        if len(head) >= _TELLING and zeros.count(0) > 0.8 * len(zeros):
            return encoding
    checked = codecs.getincrementaldecoder("utf-8")()
    try:
        block = head
        while block:
            checked.decode(block)
            block = file.read(_BLOCK)
        checked.decode(b"", final=True)
    except UnicodeDecodeError:
        return _WESTERN
    return "utf-8"
