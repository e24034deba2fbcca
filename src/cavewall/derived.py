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
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Derived", "build_aside", "cache_folder", "mapped", "mapped_table", "write_table"]

T = TypeVar("T")

# NumPy reads the head of a file with `ast`, which CPython 3.11 cannot do in two threads at once
# (python/cpython#106905): it raises SystemError now and then.
_LOADING = threading.RLock()


def cache_folder() -> Path:
    """$CAVEWALL_CACHE, else where this system keeps a user's caches."""
    chosen = os.environ.get("CAVEWALL_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("cavewall", False))


def build_aside(folder: Path, build: Callable[[Path], None]) -> bool:
    """Build a folder aside and rename it into place; False where nothing can be written.

    If someone else is faster, theirs stays. What killed builders left beside it goes after an hour.
    """
    aside = folder.with_name(f".{uuid.uuid4().hex}")
    try:
        aside.mkdir(parents=True)
    except OSError:
        return False
    try:
        build(aside)
        aside.rename(folder)
    except FileExistsError:
        pass  # someone else was faster
    except OSError:
        if not folder.is_dir():
            return False
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for other in folder.parent.glob(".*"):
        if _age(other) > 3600:
            shutil.rmtree(other, ignore_errors=True)
    return True


def mapped(path: Path) -> NDArray[Any]:
    """The array of a .npy file, whose pages come off the disk as they are used.

    A plain one: each slice of a `numpy.memmap` costs some microseconds more.
    """
    array: NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return array


def write_table(path: Path, table: pa.Table) -> None:
    """A file of the table's columns, for `mapped_table`."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def mapped_table(path: Path) -> pa.Table:
    """What `write_table` wrote, whose pages come off the disk as they are used."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


class Derived:
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

    def standing(self, artefact: str, version: int, load: Callable[[Path], T]) -> T | None:
        """What `load` makes of the artefact of that version, None where it is not there yet."""
        for root in self._roots:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                return _loaded(root / artefact / f"{self._wall}-v{version}", load)
        return None

    def newest(self, artefact: str, load: Callable[[Path], T]) -> T | None:
        """What `load` makes of the newest version of the artefact that stands, None without one."""
        for root in self._roots:
            found = sorted((root / artefact).glob(f"{self._wall}-v*"), key=_version)
            with contextlib.suppress(OSError):
                return _loaded(found[-1], load) if found else None
        return None

    def workplace(self, artefact: str) -> Path | None:
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
        if not build_aside(folder, build):
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


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
