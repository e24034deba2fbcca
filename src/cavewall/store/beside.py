"""Small tables beside a wall's own: what cannot be rebuilt, and is no picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa

from cavewall.store.remote import is_absent, storage_options

__all__ = ["KEEP", "address_beside", "created", "opened", "rewritten"]

# How long their older versions stay, for whoever reads one just now.
KEEP = timedelta(days=1)


def address_beside(wall: str, name: str) -> str:
    """Where the table of that name stands, for the wall at an address."""
    return f"{wall.rstrip('/')}/{name}.lance"


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

    options = storage_options(address)
    return lance.write_dataset(rows, address, mode="create", storage_options=options)


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
