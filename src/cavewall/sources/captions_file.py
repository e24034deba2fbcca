"""Kaggle's layout: a CSV with the header `image,caption`, several rows a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from cavewall.errors import SourceError
from cavewall.pictures import Picture, Reject
from cavewall.sources.source import ImageFolder, Source

__all__ = ["read_captions_file"]

_FIELD_LIMIT = 16 * 1024 * 1024


def read_captions_file(path: Path, images: Path) -> Source:
    """The pictures that the captions file names, in its order, files looked for in `images`."""
    rows = _rows(path)
    try:
        line, names = next(rows)
    except StopIteration:
        raise SourceError(
            f"{path} is empty: a captions file begins with the line image,caption"
        ) from None
    header = [name.strip().lower() for name in names]
    if "image" not in header or "caption" not in header:
        raise SourceError(
            f"{path}, line {line}: expected the header image,caption, "
            f"found {','.join(header)[:80]!r}"
        )
    pictures = list(_pictures(rows, header, ImageFolder(images)))
    if not pictures:
        raise SourceError(f"{path} has a header and no pictures")
    return Source(str(path.resolve()), pictures, in_files=True)


def _pictures(
    rows: Iterator[tuple[int, list[str]]], header: list[str], folder: ImageFolder
) -> Iterator[Picture | Reject]:
    image, caption = header.index("image"), header.index("caption")
    others = {name: index for index, name in enumerate(header) if index not in (image, caption)}
    captions: dict[str, list[str]] = {}
    metadata: dict[str, dict[str, str]] = {}
    nameless: list[int] = []
    for line, row in rows:
        values = _rejoined(row, header) + [""] * (len(header) - len(row))
        image_id = values[image].strip()
        if not image_id:
            nameless.append(line)
            continue
        captions.setdefault(image_id, []).append(values[caption].strip())
        if others:
            metadata[image_id] = {name: values[index] for name, index in others.items()}
    for line in nameless:
        yield Reject("", f"missing: line {line} names no image")
    for image_id, texts in captions.items():
        path = folder.locate(image_id)
        if path is None:
            yield Reject(image_id, f"outside: the path leads out of {folder.folder}")
        else:
            yield Picture(image_id, tuple(texts), path, metadata=metadata.get(image_id, {}))


def _rejoined(row: list[str], header: list[str]) -> list[str]:
    """Commas in a caption that nobody quoted: in a file of two columns they can be told."""
    if len(header) != 2 or len(row) <= 2:
        return row
    if header[0] == "image":
        return [row[0], ",".join(row[1:])]
    return [",".join(row[:-1]), row[-1]]


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line on which it begins."""
    csv.field_size_limit(_FIELD_LIMIT)
    lines = _Lines(_text(path))
    reader = csv.reader(lines)
    while True:
        begin = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise SourceError(f"{path}, line {begin}: {fault}") from fault
        if row and lines.ended:
            raise SourceError(f'{path}, line {begin}: a quote (") is opened and never closed')
        if row:
            yield begin, row


class _Lines:
    """The lines of a text, counted, so that a fault can be traced to where its row began.

    A blank line follows the last: only a quote that is still open takes it into its row.
    """

    def __init__(self, text: str) -> None:
        self._lines: list[str] = [*io.StringIO(text, newline=""), "\n"]
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.ended:
            raise StopIteration
        self.number += 1
        return self._lines[self.number - 1]

    @property
    def ended(self) -> bool:
        return self.number >= len(self._lines)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise SourceError(f"{path} cannot be read: {fault.strerror or fault}") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        # The fault counts from behind the byte order mark, and so does its object.
        lines = io.StringIO(fault.object[: fault.start].decode(), newline="").readlines() or [""]
        here = "" if lines[-1].endswith(("\n", "\r")) else lines[-1]
        line = len(lines) + (here != lines[-1])
        raise SourceError(
            f"{path} is not UTF-8: line {line}, column {len(here) + 1} holds the byte "
            f"0x{fault.object[fault.start]:02x}. Save it as UTF-8 (iconv -t UTF-8, or your editor)"
        ) from fault
