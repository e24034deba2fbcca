"""A folder of pictures, with captions in text files next to them or inside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cavewall._internal.images import UnreadableImageError, is_picture_name
from cavewall._internal.object_store import AnyPath
from cavewall._internal.open_file import opened_file
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import SourceError
from cavewall.ingest.sources.embedded import Embedded, read_embedded
from cavewall.ingest.sources.sidecar import Sidecars
from cavewall.ingest.sources.source import ImageFolder, Source
from cavewall.models import Picture, Reject

__all__ = ["described", "read_folder"]


def read_folder(folder: Path, captionless: bool = False) -> Source:
    """Every picture in the folder and the folders below it, by name.

    The `image_id` is the path in the folder, with `/`. A picture's captions are the lines of the
    text file beside it; where it has none, what its XMP, IPTC and EXIF say. Date, place and
    camera become metadata. Hidden files and folders are left alone, and no link is followed out
    of the folder. With `captionless`, pictures that nothing is said of are taken too.

    Raises:
        SourceError: the folder cannot be read, or there is no picture in it.
    """
    pictures = _walk(folder, ImageFolder(folder), captionless)
    first = next(pictures, None)
    if first is None:
        raise SourceError(
            f"the folder {folder} holds no captions.txt or captions.csv, and no pictures: "
            "a captions file begins with the line image,caption"
        )
    return Source(str(folder.resolve()), chain([first], pictures), in_files=True)


def _walk(root: Path, folder: ImageFolder, captionless: bool) -> Iterator[Picture | Reject]:
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(root / below) as listed:
                entries = [entry for entry in listed if not entry.name.startswith(".")]
        except OSError as fault:
            if not below:
                raise SourceError(
                    f"the folder {root} cannot be read: {os_error_text(fault)}"
                ) from fault
            yield _reject(root, below, f"unreadable: {os_error_text(fault)}")
            continue
        entries.sort(key=lambda entry: entry.name)
        sidecars = Sidecars(folder, below, entries)
        folders = []
        for entry in entries:
            if entry.is_symlink():
                yield from _linked(root, folder, below + entry.name, sidecars, captionless)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(f"{below}{entry.name}/")
            elif is_picture_name(entry.name):
                yield _picture(root, below + entry.name, sidecars, captionless)
        waiting += reversed(folders)


def _linked(
    root: Path, folder: ImageFolder, image_id: str, sidecars: Sidecars, captionless: bool
) -> Iterator[Picture | Reject]:
    """What a link stands for. Folders have been or will be met in their own place."""
    path = root / image_id
    is_folder = os.path.isdir(path)  # noqa: PTH112 -- says no to what cannot be looked at
    if not is_folder and not is_picture_name(image_id):
        return
    if folder.locate(image_id) is None:
        yield _reject(root, image_id, f"outside: the link leads out of {root}")
    elif is_folder:
        yield _reject(root, image_id + "/", f"duplicate: a link to {os.path.realpath(path)}")
    else:
        yield _picture(root, image_id, sidecars, captionless)


def _picture(root: Path, image_id: str, sidecars: Sidecars, captionless: bool) -> Picture | Reject:
    path = root / image_id
    if _printable(image_id) != image_id:
        reason = "unreadable: the name is not valid Unicode text, so it cannot be stored: rename it"
        return _reject(root, image_id, reason)
    found = described(image_id, path, opened_file(path), sidecars, captionless)
    return _reject(root, image_id, found) if isinstance(found, str) else found


def described(
    image_id: str,
    path: AnyPath,
    opened: AbstractContextManager[BinaryIO],
    sidecars: Sidecars,
    captionless: bool,
) -> Picture | str:
    """The picture with what is said beside it, else inside; why it is rejected, where it is."""
    try:
        captions = sidecars.captions(path.name)
    except OSError as fault:
        return f"no-caption: {os_error_text(fault)}"
    try:
        with opened as file:
            found = read_embedded(file, list(sidecars.xmp(path.name)))
    except FileNotFoundError:
        return f"missing: {path}"
    except (OSError, UnreadableImageError) as fault:
        if not captions:
            return f"unreadable: {os_error_text(fault)}"
        # What is wrong with it is said once its bytes are read.
        found = Embedded()
    captions = captions or found.captions
    if not captions and (found.faults or not captionless):
        nothing = "no text file beside it, and nothing in its EXIF, IPTC or XMP"
        return f"no-caption: {'; '.join(found.faults) or nothing}"
    return Picture(image_id, captions, path, metadata=found.metadata)


def _reject(root: Path, image_id: str, reason: str) -> Reject:
    return Reject(
        _printable(image_id), _printable(reason), _printable(str(root.absolute() / image_id))
    )


def _printable(text: str) -> str:
    """The text, with bytes of names that are no text spelled out: else nothing could store it."""
    return text.encode("utf-8", "backslashreplace").decode()
