"""One writer at a time, and a full disk told as one."""

from __future__ import annotations

import contextlib
import errno
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from cavewall.errors import DiskSpaceError
from cavewall.storage.object_store_errors import is_absent, is_remote, storage_options

__all__ = [
    "CommitConflictError",
    "first_version",
    "raise_on_conflict",
    "raise_on_disk_full",
    "retry_commits",
    "write_lock",
]

_LOCK = ".writing.lock"
_FULL = re.compile(r"no space left|disk quota exceeded|file too large|not enough space", re.I)
_OVERTAKEN = re.compile(r"commit conflict|concurrent writers|already exists|retryable", re.I)
# How often a commit is made again that others were faster than, and the first pause in seconds.
_ATTEMPTS = 8
_PAUSE = 0.1
_FULL_NUMBERS = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class CommitConflictError(Exception):
    """Somebody else has committed what a commit rests on. Told to no one: it is made again."""


def retry_commits() -> Iterator[None]:
    """Attempts at a commit that others may be faster than, after longer and longer pauses.

    Some of those who are in each other's way come first, and others after them.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, _PAUSE * 2 ** (attempt - 1)))
        yield


@contextlib.contextmanager
def raise_on_conflict() -> Iterator[None]:
    """Turn what Lance says of a faster writer into an CommitConflictError."""
    try:
        yield
    except OSError as fault:
        if not _OVERTAKEN.search(str(fault)):
            raise
        raise CommitConflictError(str(fault)) from fault


def first_version(uri: str, rows: pa.Table) -> Any:
    """A new table of those rows in object storage, with stable row ids.

    Lance's own creation becomes an overwrite of what a faster writer has put there meanwhile.
    Without retries, it commits the first version or nothing.

    Raises:
        CommitConflictError: a table is there.
    """
    import lance

    options = storage_options(uri)
    with raise_on_conflict():
        pieces = lance.fragment.write_fragments(rows, uri, mode="create", storage_options=options)
        first = lance.LanceOperation.Overwrite(rows.schema, pieces)
        try:
            return lance.LanceDataset.commit(
                uri, first, storage_options=options, max_retries=0, enable_stable_row_ids=True
            )
        except OSError as fault:
            # What it would rest on were there a table already: a version 0.
            if not is_absent(fault):
                raise
            raise CommitConflictError(str(fault)) from fault


@contextlib.contextmanager
def write_lock(address: str) -> Iterator[bool]:
    """Hold the right to commit to a local wall, for one commit and not a whole `add`.

    Gives whether it is held: whether no other writer of ours can commit meanwhile.

    The lock is the operating system's: it ends with the process that holds it, whatever ends that,
    and the processes that it starts do not inherit it. Where the file system knows no locks, and
    in object storage, nobody holds it: who is overtaken there looks and commits again.
    """
    with contextlib.ExitStack() as held:
        is_held = False
        if not is_remote(address):
            import filelock

            lock = filelock.FileLock(Path(address) / _LOCK, fallback_to_soft=False)
            with contextlib.suppress(NotImplementedError):
                held.enter_context(lock)
                is_held = True
        yield is_held


@contextlib.contextmanager
def raise_on_disk_full(address: str) -> Iterator[None]:
    """Turn what Lance and Python say of a full disk into a DiskSpaceError."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as fault:
        # Lance reports what the disk said in words.
        number = fault.errno if isinstance(fault, OSError) else None
        if number not in _FULL_NUMBERS and not _FULL.search(str(fault)):
            raise
        raise DiskSpaceError(
            f"the disk of {address} is full: what was written before is kept, and nothing is half "
            "there. Make room and run the same command again to go on"
        ) from fault
