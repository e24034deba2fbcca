"""Bytes that somebody wrote as text, in whatever encoding."""

from __future__ import annotations

import codecs

__all__ = ["decoded", "marked", "tidied"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANKS = dict.fromkeys([*range(32), *range(127, 160)], " ")


def decoded(data: bytes) -> str:
    """The text: by its byte order mark, else as UTF-8, else as Windows' Western European."""
    encoding = marked(data)
    if encoding is not None:
        return data.decode(encoding, "replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def marked(data: bytes) -> str | None:
    """The encoding that a byte order mark tells; None without one."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def tidied(text: str) -> str:
    """One line, without control characters and halves of surrogate pairs."""
    text = text.translate(_BLANKS)
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode()
    return " ".join(text.split())
