"""Reading a version that a clean-up may delete at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cavewall.errors import VersionExpiredError
from cavewall.storage.object_store_errors import is_absent

__all__ = ["raise_if_expired", "scan_batches"]

T = TypeVar("T")


@contextmanager
def raise_if_expired(version: int) -> Iterator[None]:
    """Turn errors of deleted files into VersionExpiredError."""
    try:
        yield
    except (OSError, ValueError) as fault:
        if not is_absent(fault):
            raise
        raise VersionExpiredError(
            f"version {version} of the wall has been cleaned up since: ask again for the newest"
        ) from fault


def scan_batches(version: int, batches: Callable[[], Iterable[T]]) -> Iterator[T]:
    """The batches of a scan. Only errors of the scan are turned, not those of the loop over it.

    Raises:
        VersionExpiredError: files of the version were deleted.
    """
    with raise_if_expired(version):
        found = iter(batches())
    while True:
        with raise_if_expired(version):
            try:
                batch = next(found)
            except StopIteration:
                return
        yield batch
