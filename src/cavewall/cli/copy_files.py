"""Pictures of an answer as files in a folder: `--copy-to`.

Nothing that a wall says decides where a file goes. A name is the last part of an id, of which
everything is taken that means something to a shell or a file system; a file that is there is
never opened, whatever it is.
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

from cavewall.errors import UnknownPictureError

if TYPE_CHECKING:
    from cavewall.models import Hits, Picture
    from cavewall.wall import Wall

__all__ = ["Copies", "file_name"]

_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Devices on Windows, whatever their ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
# File systems take 255 bytes; a number and an ending have to fit too.
_LONGEST = 200
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif", "HEIF": ".heic", "JPEG2000": ".jp2"}


@dataclass
class Copies:
    """What was copied to `folder`, and what was not, with the reason; each picture once."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    def take(self, wall: Wall, hits: Hits) -> None:
        """Copy the pictures of an answer: the bytes on the wall, else the file that it names.

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
        """What became of these pictures."""
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
        """A file that was not there: `dog.jpg`, `dog-2.jpg` …"""
        stem, suffix = Path(name).stem, Path(name).suffix
        number = self._numbers.get(name, 1)
        while True:
            path = self.folder / (name if number == 1 else f"{stem}-{number}{suffix}")
            number += 1
            self._numbers[name] = number
            try:
                # Exclusively: neither a file nor a link that stands there is followed.
                return path.open("xb"), path
            except FileExistsError:
                continue


class _NoPictureError(Exception):
    """There is nothing to copy; the message says why."""


def _original(picture: Picture, stack: ExitStack) -> tuple[BinaryIO, str]:
    """The picture's bytes, which `stack` closes, and their format, by the bytes themselves."""
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
            why = getattr(fault, "strerror", None) or fault
            raise _NoPictureError(f"{picture.path}: {why}") from None
    try:
        with open_image(file) as found:
            kind = found.format or ""
    except UnreadableImageError as fault:
        raise _NoPictureError(f"{picture.path or 'its bytes'}: {fault}") from None
    file.seek(0)
    return file, kind


def file_name(image_id: str, kind: str) -> str:
    """The file name for a picture of that format: harmless, and with an ending of pictures."""
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
