"""Small tables beside a wall's own: what cannot be rebuilt, and is no picture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import pyarrow as pa

from cavewall.errors import StorageError
from cavewall.storage.locks import (
    CommitConflictError,
    first_version,
    raise_on_conflict,
    retry_commits,
)
from cavewall.storage.object_store_errors import is_absent, is_remote, storage_options

__all__ = ["KEEP", "address_beside", "created", "opened", "recreated", "rewritten"]

# How long their older versions stay, for whoever reads one just now.
KEEP = timedelta(days=1)

T = TypeVar("T")


def address_beside(wall: str, name: str) -> str:
    """Where the table of that name stands, for the wall at an address."""
    return f"{wall.rstrip('/')}/{name}.lance"


def recreated(wall: str, work: Callable[[], T]) -> T:
    """What the work gives, done again where somebody else was faster: each does one commit.

    In object storage no lock keeps others from writing theirs at the same time.

    Raises:
        StorageError: others were faster again and again.
    """
    for _ in retry_commits():
        with suppress(CommitConflictError), raise_on_conflict():
            return work()
    raise StorageError(
        f"others write to {wall} all the time: run the same command again when they are done"
    )


def opened(address: str) -> Any | None:
    """The table there; None where there is none yet."""
    import lance

    try:
        return lance.dataset(address, storage_options=storage_options(address))
    except (ValueError, OSError) as fault:
        if is_absent(fault):
            return None
        raise


def created(address: str, rows: pa.Table) -> Any:
    """A table of those rows, where none is yet."""
    import lance

    if is_remote(address):
        return first_version(address, rows)
    return lance.write_dataset(rows, address, mode="create")


def rewritten(table: Any | None, address: str, rows: pa.Table) -> Any:
    """The table with those rows alone; it is made where it was None.

    Raises:
        OSError: somebody else has changed it since it was opened.
    """
    import lance

    if table is None:
        return created(address, rows)
    options = storage_options(address)
    pieces = lance.fragment.write_fragments(
        rows, address, mode="overwrite", storage_options=options
    )
    overwrite = lance.LanceOperation.Overwrite(rows.schema, pieces)
    # Without retries, Lance commits this as the very next version or not at all.
    return lance.LanceDataset.commit(
        table, overwrite, read_version=table.version, storage_options=options, max_retries=0
    )
