"""Leases of running writers: while there is one, no file is deleted that it may need.

The lock for commits (`cavewall.storage.locks`) does not show this: an `add` reads, encodes and
writes for hours between its commits. So each writer keeps a file locked while it runs; the
operating system releases that lock when the process ends.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from cavewall.storage.locks import write_lock
from cavewall.storage.object_store_errors import is_remote

__all__ = ["other_writers", "writer_lease"]

_FOLDER = ".working"


@contextlib.contextmanager
def writer_lease(address: str) -> Iterator[None]:
    """A lease on a local wall, from before the first read to after the last commit."""
    with contextlib.ExitStack() as on_exit:
        if not is_remote(address):
            # On a read-only disk the work itself will fail, with a better message.
            with contextlib.suppress(OSError, NotImplementedError):
                _add_lease(address, on_exit)
        yield


def _add_lease(address: str, on_exit: contextlib.ExitStack) -> None:
    import filelock

    folder = Path(address) / _FOLDER
    is_there = folder.parent.is_dir()
    if not is_there:
        # If the first `add` of a new wall fails, it leaves no empty folders behind.
        missing = [at for at in (folder, *folder.parents) if not at.exists()]
        on_exit.callback(_remove_empty, missing)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{uuid.uuid4().hex}.lock"
    on_exit.callback(file.unlink, missing_ok=True)
    # A clean-up holds this lock from its look at the leases until it has deleted: wait for it.
    with write_lock(address) if is_there else contextlib.nullcontext():
        on_exit.enter_context(filelock.FileLock(file, timeout=0, fallback_to_soft=False))


def other_writers(address: str) -> bool | None:
    """Whether another process has a lease; None if unknown. The caller must have none.

    Call it under `write_lock`, so that no lease can start before the caller is done.
    """
    if is_remote(address):
        return None
    import filelock

    for file in (Path(address) / _FOLDER).glob("*.lock"):
        try:
            with filelock.FileLock(file, timeout=0, fallback_to_soft=False):
                # Left by a killed process, as its lock is free. Names are never reused.
                file.unlink(missing_ok=True)
        except filelock.Timeout:
            return True
        except (OSError, NotImplementedError):
            return None
    return False


def _remove_empty(folders: list[Path]) -> None:
    with contextlib.suppress(OSError):
        if any(path.name != _FOLDER for path in folders[0].parent.iterdir()):
            return
        for folder in folders:
            folder.rmdir()
