"""Everything that can be rebuilt from a wall's table: one place, keyed by version.

    <root>/<artefact>/<wall id>-v<version>/   complete, or not there

An artefact is a folder of plain files (.npy, .arrow, .json). It is built aside and renamed into
place, so that no reader ever sees half of one and two builders do no harm; it may be deleted at
any time. The artefact's name ends in the number of its format (`vectors-1`): a program that knows
another format builds its own. Older versions of the same wall are swept once a newer one stands.
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

# NumPy reads the head of a file with `ast`, which CPython 3.11 cannot do in two threads at once
# (python/cpython#106905): it raises SystemError now and then.
_LOADING = threading.RLock()


class ArtifactStore:
    """The derived artefacts of one wall."""

    def __init__(self, address: str, wall_id: str) -> None:
        self._wall = wall_id[:16]
        elsewhere = cache_folder() / "walls" / hashlib.sha256(address.encode()).hexdigest()[:16]
        # A wall that cannot be written to keeps its artefacts where a remote one does.
        self._roots = [elsewhere] if "://" in address else [Path(address) / "derived", elsewhere]

    def get(
        self,
        artefact: str,
        version: int,
        build: Callable[[Path], None],
        load: Callable[[Path], T],
    ) -> T:
        """What `load` makes of the artefact's folder, after `build` where it is not there yet."""
        name = f"{self._wall}-v{version}"
        for root in self._roots:
            folder = root / artefact / name
            try:
                return _loaded(folder, load)
            except (FileNotFoundError, NotADirectoryError):
                pass
            if self._built(folder, build):
                try:
                    return _loaded(folder, load)
                except (FileNotFoundError, NotADirectoryError):
                    continue  # swept by a process that is a version ahead
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary)
            build(folder)
            return _loaded(folder, load)

    def load_if_present(self, artefact: str, version: int, load: Callable[[Path], T]) -> T | None:
        """What `load` makes of the artefact of that version, None where it is not there yet."""
        for root in self._roots:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                return _loaded(root / artefact / f"{self._wall}-v{version}", load)
        return None

    def load_latest(self, artefact: str, load: Callable[[Path], T]) -> T | None:
        """What `load` makes of the newest version of the artefact that stands, None without one."""
        for root in self._roots:
            found = sorted((root / artefact).glob(f"{self._wall}-v*"), key=_version)
            with contextlib.suppress(OSError):
                return _loaded(found[-1], load) if found else None
        return None

    def scratch_dir(self, artefact: str) -> Path | None:
        """A folder for work that a killed process can go on with, None where none can be had.

        Whoever finishes the work removes it.
        """
        for root in self._roots:
            folder = root / artefact / self._wall
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                return folder
        return None

    def _built(self, folder: Path, build: Callable[[Path], None]) -> bool:
        if not atomic_dir(folder, build):
            return False
        self._sweep(folder)
        return True

    def _sweep(self, current: Path) -> None:
        """Remove other versions of this artefact."""
        for other in current.parent.iterdir():
            older = other.name.startswith(f"{self._wall}-v") and _version(other) < _version(current)
            foreign = not other.name.startswith((".", f"{self._wall}-v"))
            if older or foreign:
                shutil.rmtree(other, ignore_errors=True)


def _loaded(folder: Path, load: Callable[[Path], T]) -> T:
    with _LOADING:
        return load(folder)


def _version(folder: Path) -> int:
    return int(folder.name.rpartition("-v")[2])
