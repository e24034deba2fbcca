"""The store of derived artefacts: everything that can be rebuilt from a wall's table.

    <root>/<artefact>/<wall id>-v<version>/   complete, or absent

An artefact is a folder of plain files (.npy, .arrow, .json) for one version of a wall. It is built
in a temporary folder and renamed, so that no reader sees half of one and two builders cannot
disturb each other; it may be deleted at any time. Its name ends in the number of its format
(`vectors-1`): a program that reads another format builds its own. Building a newer version removes
the older ones of the same wall.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cavewall._internal.files import atomic_dir, cache_folder

__all__ = ["ArtifactStore"]

T = TypeVar("T")

# NumPy parses the header of a .npy file with `ast`, which is not thread-safe in CPython 3.11
# (python/cpython#106905): it raises SystemError now and then.
_LOADING = threading.RLock()
_ABSENT = (FileNotFoundError, NotADirectoryError)
# What loaders raise for damaged files; Arrow's and json's errors are ValueErrors.
_UNREADABLE = (OSError, ValueError, LookupError, EOFError)


class ArtifactStore:
    """The derived artefacts of one wall, in its own folder or else in the user's cache.

    The cache is used for remote walls, and for local ones that cannot be written to.
    """

    def __init__(self, address: str, wall_id: str) -> None:
        self._wall = wall_id[:16]
        cache = cache_folder() / "walls" / hashlib.sha256(address.encode()).hexdigest()[:16]
        self._roots = [cache] if "://" in address else [Path(address) / "derived", cache]

    def get(
        self,
        artefact: str,
        version: int,
        build: Callable[[Path], None],
        load: Callable[[Path], T],
    ) -> T:
        """Load the artefact of that version; build it first if it is absent."""
        for root in self._roots:
            folder = self._folder(root, artefact, version)
            with contextlib.suppress(*_ABSENT):
                return _locked_load(folder, load)
            if atomic_dir(folder, build):
                self._sweep(folder)
                # A process that is a version ahead may have swept it already.
                with contextlib.suppress(*_ABSENT):
                    return _locked_load(folder, load)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary)
            build(folder)
            return _locked_load(folder, load)

    def load_if_present(self, artefact: str, version: int, load: Callable[[Path], T]) -> T | None:
        """Load the artefact of that version; None if it is absent."""
        for root in self._roots:
            with contextlib.suppress(*_ABSENT):
                return _locked_load(self._folder(root, artefact, version), load)
        return None

    def load_latest(self, artefact: str, load: Callable[[Path], T]) -> T | None:
        """Load the newest version of the artefact that loads; None if there is none."""
        found = [
            folder for root in self._roots for folder in (root / artefact).glob(f"{self._wall}-v*")
        ]
        for folder in sorted(found, key=_version, reverse=True):
            with contextlib.suppress(*_UNREADABLE):
                return _locked_load(folder, load)
        return None

    def scratch_dir(self, name: str) -> Path | None:
        """A folder for unfinished work, which survives the process; None if none can be made.

        The caller removes what it leaves there.
        """
        for root in self._roots:
            folder = root / name / self._wall
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                return folder
        return None

    def _folder(self, root: Path, artefact: str, version: int) -> Path:
        return root / artefact / f"{self._wall}-v{version}"

    def _sweep(self, current: Path) -> None:
        """Remove older versions of this artefact, and those of another wall at this address."""
        for other in current.parent.iterdir():
            older = other.name.startswith(f"{self._wall}-v") and _version(other) < _version(current)
            foreign = not other.name.startswith((".", f"{self._wall}-v"))
            if older or foreign:
                shutil.rmtree(other, ignore_errors=True)


def _locked_load(folder: Path, load: Callable[[Path], T]) -> T:
    with _LOADING:
        return load(folder)


def _version(folder: Path) -> int:
    return int(folder.name.rpartition("-v")[2])
