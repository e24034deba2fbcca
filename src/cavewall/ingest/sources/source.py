"""What every reader returns, and how names become files without leaving the image folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cavewall._internal.object_store import AnyPath, ObjectPath
from cavewall.errors import SourceError
from cavewall.models import Picture, Reject

__all__ = ["ImageFolder", "Source", "not_empty"]


@dataclass(frozen=True)
class Source:
    """Pictures from one place.

    `name` says which source brought a picture and stays the same from run to run. `in_files`
    tells that the bytes are in files, so that the whole source can be looked over before any
    of them is read; `lasting` that it will be there again, so that what it no longer lists has
    vanished. `notices` are what its owner should know of the whole.

    `look` is there where captions come with the bytes alone: it gives the picture with all that
    these, and what stands beside them, say. Until then the picture has none.
    """

    name: str
    pictures: Iterable[Picture | Reject]
    in_files: bool
    lasting: bool = True
    notices: tuple[str, ...] = ()
    look: Callable[[Picture, bytes], Picture | Reject] | None = None


def not_empty(pictures: Iterator[Picture | Reject], message: str) -> Iterator[Picture | Reject]:
    """The same, the first of them made at once. Raises SourceError where there is none."""
    first = next(pictures, None)
    if first is None:
        raise SourceError(message)
    return chain([first], pictures)


class ImageFolder:
    """The one folder that a source's pictures are read from, symbolic links included.

    In object storage it is all that lies below an address.
    """

    def __init__(self, folder: AnyPath) -> None:
        self.folder = folder
        self._root = "" if isinstance(folder, ObjectPath) else os.path.realpath(folder)
        self._parents: dict[str, bool] = {}

    def locate(self, name: str) -> AnyPath | None:
        """The file of that name, there or not; None where it would lie outside the folder."""
        if isinstance(self.folder, ObjectPath):
            return self.folder.below(name)
        return self._located(self.folder, name)

    def _located(self, folder: Path, name: str) -> Path | None:
        if "\0" in name or (_is_anchored(name) and not self._is_below(folder, Path(name))):
            return None
        path = folder / name
        parent = path if path.name == ".." else path.parent
        if not self._parent_inside(str(parent)):
            return None
        try:
            linked = stat.S_ISLNK(os.lstat(path).st_mode)
        except OSError:
            return path
        return None if linked and not self._inside(os.path.realpath(path)) else path

    def _is_below(self, folder: Path, path: Path) -> bool:
        """Whether a whole path is written as one of this folder, before any disk is asked."""
        return any(path.is_relative_to(root) for root in (self._root, folder.absolute()))

    def _parent_inside(self, parent: str) -> bool:
        if parent not in self._parents:
            self._parents[parent] = self._inside(os.path.realpath(parent))
        return self._parents[parent]

    def _inside(self, real: str) -> bool:
        return real == self._root or real.startswith(self._root.rstrip(os.sep) + os.sep)


def _is_anchored(name: str) -> bool:
    """Whether a name begins anywhere else than here, on any system."""
    return name[:1] in ("/", "\\") or (name[1:2] == ":" and name[:1].isalpha())
