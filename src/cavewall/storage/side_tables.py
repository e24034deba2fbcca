"""Small tables next to the table of pictures: rejects, saved terms, checkpoints."""

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

__all__ = [
    "KEEP",
    "create_side_table",
    "open_side_table",
    "replace_rows",
    "retry_on_conflict",
    "side_table_address",
]

# How long older versions are kept, for readers that have just opened one.
KEEP = timedelta(days=1)

T = TypeVar("T")


def side_table_address(wall: str, name: str) -> str:
    """The address of a wall's side table."""
    return f"{wall.rstrip('/')}/{name}.lance"


def retry_on_conflict(wall: str, work: Callable[[], T]) -> T:
    """The result of work that makes one commit, run again when that conflicts.

    In object storage no lock keeps other writers away.

    Raises:
        StorageError: it conflicted every time.
    """
    for _ in retry_commits():
        with suppress(CommitConflictError), raise_on_conflict():
            return work()
    raise StorageError(
        f"others write to {wall} all the time: run the same command again when they are done"
    )


def open_side_table(address: str) -> Any | None:
    """The table, None if it does not exist."""
    import lance

    try:
        return lance.dataset(address, storage_options=storage_options(address))
    except (ValueError, OSError) as fault:
        if is_absent(fault):
            return None
        raise


def create_side_table(address: str, rows: pa.Table) -> Any:
    """Create a table with those rows."""
    import lance

    if is_remote(address):
        return first_version(address, rows)
    return lance.write_dataset(rows, address, mode="create")


def replace_rows(table: Any | None, address: str, rows: pa.Table) -> Any:
    """Replace the rows of a table; None creates it.

    Raises:
        OSError: another writer has changed it since it was opened.
    """
    import lance

    if table is None:
        return create_side_table(address, rows)
    options = storage_options(address)
    pieces = lance.fragment.write_fragments(
        rows, address, mode="overwrite", storage_options=options
    )
    overwrite = lance.LanceOperation.Overwrite(rows.schema, pieces)
    # Without retries, Lance commits this as the next version after `table.version` or fails.
    return lance.LanceDataset.commit(
        table, overwrite, read_version=table.version, storage_options=options, max_retries=0
    )
