"""Opening regular files and objects safely: no pipes, devices or folders."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cavewall._internal.object_store import ObjectPath

__all__ = ["opened_file", "read_at_most"]

# Without this, opening a pipe blocks until something writes into it.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def opened_file(path: Path | ObjectPath | str) -> Iterator[BinaryIO]:
    """A regular file or an object, open for reading.

    Raises:
        OSError: it cannot be read, or is a folder, a pipe or a device.
    """
    if isinstance(path, ObjectPath):
        with path.opened() as file:
            yield file
        return
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 -- hot path
        raise _irregular()
    with os.fdopen(os.open(path, os.O_RDONLY | _AT_ONCE), "rb") as file:
        # It may have been replaced between stat and open.
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _irregular()
        yield file


def read_at_most(path: Path | ObjectPath | str, most: int) -> bytes:
    """The bytes of a regular file or an object of at most `most` bytes.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger.
    """
    if isinstance(path, ObjectPath):
        return path.read(most)
    with opened_file(path) as file:
        data = file.read(most + 1)
        if len(data) > most:
            size = os.fstat(file.fileno()).st_size
            raise OSError(errno.EFBIG, f"{size:,} bytes are more than the {most:,} allowed")
    return data


def _irregular() -> OSError:
    return OSError(errno.EINVAL, "this is no regular file")
