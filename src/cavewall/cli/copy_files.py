"""Copying the pictures of an answer into a folder: `--copy-to`.

Ids of an untrusted wall cannot choose where files are written: a file name is the last part of an
id without the characters that are special in shells or file systems, and existing files are never
opened.
"""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import UnknownPictureError

if TYPE_CHECKING:
    from cavewall.models import Hits, Picture
    from cavewall.wall import Wall

__all__ = ["Copies", "file_name"]

_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Device names of Windows, with any suffix.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
# File systems allow 255 bytes, including a number and a suffix.
_LONGEST = 200
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif", "HEIF": ".heic", "JPEG2000": ".jp2"}


@dataclass
class Copies:
    """Pictures copied to `folder`, and those left out with the reason; each picture once."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    def take(self, wall: Wall, hits: Hits) -> None:
        """Copy the pictures of an answer, from the wall or from their linked files.

        Raises:
            OSError: the folder cannot be made or written to.
        """
        if hits:
            self.folder.mkdir(parents=True, exist_ok=True)
        for hit in hits:
            if hit.image_id in self.files or hit.image_id in self.left_out:
                continue
            try:
                picture = wall.picture(hit.image_id, version=hits.version)
                with ExitStack() as stack:
                    original, kind = _original(picture, stack)
                    self.files[hit.image_id] = self._write(original, file_name(hit.image_id, kind))
            except _NoPictureError as why:
                self.left_out[hit.image_id] = str(why)
            except UnknownPictureError:
                self.left_out[hit.image_id] = "it is no longer on the wall"

    def to_dict(self, image_ids: Sequence[str]) -> dict[str, Any]:
        """The files and failures of these pictures."""
        files, left_out = self.files, self.left_out
        return {
            "directory": str(self.folder),
            "files": [
                {"image_id": key, "path": str(files[key])} for key in image_ids if key in files
            ],
            "left_out": [
                {"image_id": key, "reason": left_out[key]} for key in image_ids if key in left_out
            ],
        }

    def _write(self, original: BinaryIO, name: str) -> Path:
        file, path = self._new(name)
        try:
            with file:
                shutil.copyfileobj(original, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _new(self, name: str) -> tuple[BinaryIO, Path]:
        """Create a new file: `dog.jpg`, `dog-2.jpg` …"""
        stem, suffix = Path(name).stem, Path(name).suffix
        number = self._numbers.get(name, 1)
        while True:
            path = self.folder / (name if number == 1 else f"{stem}-{number}{suffix}")
            number += 1
            self._numbers[name] = number
            try:
                # Exclusively: an existing file or link is never opened.
                return path.open("xb"), path
            except FileExistsError:
                continue


class _NoPictureError(Exception):
    """There is nothing to copy; the message says why."""


def _original(picture: Picture, stack: ExitStack) -> tuple[BinaryIO, str]:
    """The picture's file, closed by `stack`, and its format as detected from the bytes."""
    from cavewall._internal.images import UnreadableImageError, open_image
    from cavewall._internal.open_file import opened_file

    file: BinaryIO
    if picture.image is not None:
        file = io.BytesIO(picture.image)
    elif picture.path is None:
        raise _NoPictureError("the wall has neither its bytes nor its file")
    else:
        try:
            file = stack.enter_context(opened_file(picture.path))
        except (OSError, ValueError) as fault:
            why = os_error_text(fault)
            raise _NoPictureError(f"{picture.path}: {why}") from None
    try:
        with open_image(file) as found:
            kind = found.format or ""
    except UnreadableImageError as fault:
        raise _NoPictureError(f"{picture.path or 'its bytes'}: {fault}") from None
    file.seek(0)
    return file, kind


def file_name(image_id: str, kind: str) -> str:
    """A safe file name for a picture, with a suffix of its format."""
    from cavewall._internal.images import is_picture_name

    last = re.split(r"[/\\]", image_id.rstrip("/\\"))[-1]
    safe = "".join("_" if unicodedata.category(each)[0] == "C" else each for each in last)
    safe = _FORBIDDEN.sub("_", safe).lstrip(". ").rstrip(". ")
    if not safe or safe.startswith("-") or _DEVICE.match(safe):
        safe = f"_{safe}" if safe else "picture"
    suffix = Path(safe).suffix
    stem = safe.removesuffix(suffix) if suffix else safe
    if not is_picture_name(safe):
        stem, suffix = safe, _SUFFIXES.get(kind, f".{kind.lower()}")
    short = stem.encode()[: _LONGEST - len(suffix.encode())].decode("utf-8", "ignore")
    return short + suffix
