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
        header = [name.strip().lower() for name in next(rows)[1]]
    except StopIteration:
        raise SourceError(
            f"{path} is empty: a captions file begins with the line image,caption"
        ) from None
    if "image" not in header or "caption" not in header:
        raise SourceError(
            f"{path}, line 1: expected the header image,caption, found {','.join(header)[:80]!r}"
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
        if header == ["image", "caption"] and len(row) > 2:
            row = [row[0], ",".join(row[1:])]  # noqa: PLW2901 -- commas that were not quoted
        values = row + [""] * (len(header) - len(row))
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
        if lines.ended and lines.number > begin and lines.quotes_since(begin) % 2:
            raise SourceError(f'{path}, line {begin}: a quote (") is opened and never closed')
        if row:
            yield begin, row


class _Lines:
    """The lines of a text, counted, so that a fault can be traced to where its row began."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="").readlines()
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

    def quotes_since(self, begin: int) -> int:
        return sum(line.count('"') for line in self._lines[begin - 1 : self.number])


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise SourceError(f"{path} cannot be read: {fault.strerror or fault}") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        raise SourceError(
            f"{path} is not UTF-8: line {line}, column {column} holds the byte "
            f"0x{data[fault.start]:02x}. Save it as UTF-8 (iconv -t UTF-8, or your editor)"
        ) from fault
