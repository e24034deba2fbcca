"""A version that was cleaned up while somebody still read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cavewall.errors import VersionGoneError
from cavewall.storage.object_store_errors import is_absent

__all__ = ["reading", "telling_of_clean_up"]

T = TypeVar("T")


@contextmanager
def telling_of_clean_up(version: int) -> Iterator[None]:
    """Turn reads of files that are gone into VersionGoneError."""
    try:
        yield
    except (OSError, ValueError) as fault:
        if not is_absent(fault):
            raise
        raise VersionGoneError(
            f"version {version} of the wall has been cleaned up since: ask again for the newest"
        ) from fault


def reading(version: int, batches: Callable[[], Iterable[T]]) -> Iterator[T]:
    """What is read of a version, batch after batch; faults of whoever uses it stay what they are.

    Raises:
        VersionGoneError: files of the version are gone.
    """
    with telling_of_clean_up(version):
        found = iter(batches())
    while True:
        with telling_of_clean_up(version):
            try:
                batch = next(found)
            except StopIteration:
                return
        yield batch
