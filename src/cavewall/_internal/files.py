"""Folders written whole or not at all, and arrays and tables memory-mapped from files."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "atomic_dir",
    "atomic_file",
    "cache_folder",
    "memory_map",
    "memory_map_table",
    "write_table",
]


def cache_folder() -> Path:
    """$CAVEWALL_CACHE, else the system's folder for the user's caches."""
    chosen = os.environ.get("CAVEWALL_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("cavewall", False))


def atomic_dir(folder: Path, build: Callable[[Path], None]) -> bool:
    """Build a hidden folder and rename it to `folder`; False if nothing can be written there.

    If another process is faster, its folder stays. Hidden folders of builders that were killed are
    removed after an hour.
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
        pass  # another process was faster
    except OSError:
        if not folder.is_dir():
            return False
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for other in folder.parent.glob(".*"):
        if _age(other) > 3600:
            shutil.rmtree(other, ignore_errors=True)
    return True


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A hidden name next to `path` to write to; it replaces `path` at the end, or is removed."""
    aside = path.with_name(f".{uuid.uuid4().hex}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def memory_map(path: Path) -> NDArray[Any]:
    """The array of a .npy file, memory-mapped and read-only.

    As a plain array: each slice of a `numpy.memmap` costs some microseconds more.
    """
    array: NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return array


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as an Arrow IPC file, for `memory_map_table`."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def memory_map_table(path: Path) -> pa.Table:
    """The table that `write_table` wrote, memory-mapped."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
