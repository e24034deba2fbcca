"""The bytes of a picture: those on the wall, else the file that was left in its place."""

from __future__ import annotations

import os

from cavewall._internal.images import digest
from cavewall._internal.object_store import AnyPath, ObjectPath
from cavewall._internal.open_file import read_at_most
from cavewall.models import Picture

__all__ = ["MissingOriginalError", "original"]


class MissingOriginalError(Exception):
    """There are no bytes to show; the message says why, without a path."""


def original(picture: Picture, most: int) -> bytes:
    """The bytes of a picture, its file's where the wall has none.

    A file is read only where it stood when it was added, no link on the way, and shown only if it
    still holds what it held then: a wall can name any file, but not know what is in it.

    Raises:
        MissingOriginalError: there are none, or not what was added.
    """
    if picture.image is not None:
        return picture.image
    if picture.path is None or picture.sha256 is None:
        raise MissingOriginalError("the wall has no bytes of this picture")
    data = _contents(picture.path, most)
    if digest(data) != picture.sha256:
        raise MissingOriginalError(
            "its file is another one than was added: add its source again to show it"
        )
    return data


def _contents(path: AnyPath, most: int) -> bytes:
    try:
        if not isinstance(path, ObjectPath) and os.path.realpath(path) != str(path):
            raise MissingOriginalError("its file is now reached through a link")
        return read_at_most(path, most)
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or "its name is none"
        raise MissingOriginalError(f"its file cannot be read: {why}") from fault
