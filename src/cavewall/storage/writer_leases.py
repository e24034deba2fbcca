"""Who is at work on a wall: while somebody is, nothing is removed that the work may rest on.

A lock on each commit (`cavewall.storage.locks`) does not tell: an `add` reads, encodes and writes
for hours between its commits. So whoever writes leaves a file with a lock of the operating
system's on it, which ends with the process.
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
    """Be known to work on a local wall, from before its first read to after its last commit."""
    with contextlib.ExitStack() as left:
        if not is_remote(address):
            # Where nothing can be written, the work itself will say so.
            with contextlib.suppress(OSError, NotImplementedError):
                _announce(address, left)
        yield


def _announce(address: str, left: contextlib.ExitStack) -> None:
    import filelock

    folder = Path(address) / _FOLDER
    is_there = folder.parent.is_dir()
    if not is_there:
        # A wall that is not there yet leaves no empty folders behind if its first `add` fails.
        missing = [at for at in (folder, *folder.parents) if not at.exists()]
        left.callback(_remove_empty, missing)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{uuid.uuid4().hex}.lock"
    left.callback(file.unlink, missing_ok=True)
    # Whoever has seen nobody at work, and removes files, is done before anybody begins.
    with write_lock(address) if is_there else contextlib.nullcontext():
        left.enter_context(filelock.FileLock(file, timeout=0, fallback_to_soft=False))


def other_writers(address: str) -> bool | None:
    """Whether anybody is; None where it cannot be told. The caller must not be.

    Under `writing` nobody can begin before the caller has drawn the conclusion.
    """
    if is_remote(address):
        return None
    import filelock

    for file in (Path(address) / _FOLDER).glob("*.lock"):
        try:
            with filelock.FileLock(file, timeout=0, fallback_to_soft=False):
                # Left by a process that was killed: its lock is free. No name is used twice.
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
