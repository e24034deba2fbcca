"""Text of any encoding: in bytes, and in files of any size, a line at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, TextIO

from cavewall._internal.cache import cached_property
from cavewall._internal.object_store import AnyPath
from cavewall._internal.open_file import opened_file
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import SourceError

__all__ = ["LONGEST_LINE", "TextFile", "decoded", "tidied"]

LONGEST_LINE = 16 * 1024 * 1024
_HEAD = 1024
# Fewer bytes cannot distinguish UTF-16 from text with zeros in it.
_MIN_HEAD = 8
_BLOCK = 1024 * 1024
_WESTERN = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANKS = dict.fromkeys([*range(32), *range(127, 160)], " ")


class TextFile:
    """The lines of a file, line ends kept, as often as they are asked for.

    Its encoding is told by a byte order mark, by the zeros of UTF-16, or by being UTF-8
    throughout; whatever else is read as Windows' Western European, and `notices` says so.

    Raises:
        SourceError: the file cannot be read.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path
        with self._opened() as file:
            self._encoding_by_head = _encoding_of_head(file.read(_HEAD))

    @property
    def notices(self) -> tuple[str, ...]:
        if self._encoding != _WESTERN:
            return ()
        return (
            f"{self.path} is not UTF-8: read as Windows-1252 (Western European). Where letters "
            "look wrong, save it as UTF-8 and add it again",
        )

    def lines(self) -> Iterator[str]:
        """Each line. Raises SourceError for one longer than 16 MB."""
        return self._decoded(self._encoding)

    def first_lines(self, count: int) -> list[str]:
        """The first so many lines that are not blank, stripped, to recognise a format by.

        The rest of the file is not looked at: letters beyond ASCII may be wrong.
        """
        lines = (line.strip() for line in self._decoded(self._encoding_by_head or "utf-8"))
        return list(islice(filter(None, lines), count))

    @cached_property
    def _encoding(self) -> str:
        """Found out once, by a look at the whole file where its beginning does not tell."""
        if self._encoding_by_head is not None:
            return self._encoding_by_head
        checked = codecs.getincrementaldecoder("utf-8")()
        try:
            with self._opened() as file:
                while block := file.read(_BLOCK):
                    checked.decode(block)
            checked.decode(b"", final=True)
        except UnicodeDecodeError:
            return _WESTERN
        return "utf-8"

    def _decoded(self, encoding: str) -> Iterator[str]:
        with self._opened() as file:
            text: TextIO = io.TextIOWrapper(file, encoding, errors="replace", newline="")
            number = 0
            while line := text.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise SourceError(
                        f"{self.path}, line {number}: longer than {LONGEST_LINE:,} characters"
                    )
                yield line

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with opened_file(self.path) as file:
                yield file
        except OSError as fault:
            raise SourceError(f"{self.path} cannot be read: {os_error_text(fault)}") from fault


def _encoding_of_head(head: bytes) -> str | None:
    """The encoding if the first bytes show it; None if the whole file has to be read."""
    encoding = _by_mark(head)
    if encoding is not None or len(head) < _MIN_HEAD:
        return encoding
    # Text in Western letters has a zero in every other byte of UTF-16.
    zeros = ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be"))
    return next((order for part, order in zeros if part.count(0) > 0.8 * len(part)), None)


def decoded(data: bytes) -> str:
    """The text: by its byte order mark, else as UTF-8, else as Windows' Western European."""
    encoding = _by_mark(data)
    if encoding is not None:
        return data.decode(encoding, "replace")
    for encoding in ("utf-8", _WESTERN):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _by_mark(data: bytes) -> str | None:
    """The encoding that a byte order mark tells; None without one."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def tidied(text: str) -> str:
    """One line, without control characters and halves of surrogate pairs."""
    text = text.translate(_BLANKS)
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode()
    return " ".join(text.split())
