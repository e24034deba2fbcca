"""Locks, commit conflicts and retries, and the error of a full disk.

A wall on a local disk has a file lock, so that our own writers commit one after the other. Object
storage has none: there Lance's optimistic concurrency decides. A commit that is based on an older
version than the newest fails with CommitConflictError; the writer reads again and retries after a
random pause.
"""

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
# How often a conflicting commit is tried, and the longest first pause in seconds.
_ATTEMPTS = 8
_PAUSE = 0.1
_FULL_NUMBERS = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class CommitConflictError(Exception):
    """Another writer has changed what a commit is based on. Never shown: the commit is retried."""


def retry_commits() -> Iterator[None]:
    """Attempts at a commit that may conflict, with random pauses of up to twice the last limit."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, _PAUSE * 2 ** (attempt - 1)))
        yield


@contextlib.contextmanager
def raise_on_conflict() -> Iterator[None]:
    """Turn Lance's errors of a concurrent commit into CommitConflictError."""
    try:
        yield
    except OSError as fault:
        if not _OVERTAKEN.search(str(fault)):
            raise
        raise CommitConflictError(str(fault)) from fault


def first_version(uri: str, rows: pa.Table) -> Any:
    """A new table of those rows in object storage, with stable row ids.

    `lance.write_dataset` would turn into an overwrite if another writer creates the table first.
    A commit without retries creates the first version or fails.

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
            # If a table exists already, Lance looks for the version 0 that this would be based on.
            if not is_absent(fault):
                raise
            raise CommitConflictError(str(fault)) from fault


@contextlib.contextmanager
def write_lock(address: str) -> Iterator[bool]:
    """Hold the lock of a local wall, for one commit and not a whole `add`.

    Yields whether it is held, so that no other writer of ours can commit meanwhile.

    It is a lock of the operating system: released when its process ends in any way, and not
    inherited by child processes. On file systems without locks and in object storage it cannot be
    held: there a conflicting commit is retried.
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
    """Turn errors of a full disk, Lance's or Python's, into a DiskSpaceError."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as fault:
        # Lance reports the error of the operating system as text only.
        number = fault.errno if isinstance(fault, OSError) else None
        if number not in _FULL_NUMBERS and not _FULL.search(str(fault)):
            raise
        raise DiskSpaceError(
            f"the disk of {address} is full: what was written before is kept, and nothing is half "
            "there. Make room and run the same command again to go on"
        ) from fault
