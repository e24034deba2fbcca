"""The wall's table under its address: opening it, creating it, recovering it after a crash."""

from __future__ import annotations

import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from cavewall.errors import WallFormatError, WallNotFoundError
from cavewall.storage.crash_recovery import recover
from cavewall.storage.locks import CommitConflictError, first_version
from cavewall.storage.object_store_errors import (
    is_absent,
    is_remote,
    storage_error,
    storage_options,
)

__all__ = ["STORAGE", "create_table", "newest_version", "open_table", "recover_table", "table_uri"]

STORAGE = "2.2"  # the first of Lance's storage formats with blob v2


def table_uri(address: str) -> str:
    """Where the table of a wall is."""
    return f"{address.rstrip('/')}/pictures.lance"


def newest_version(address: str) -> Any:
    """A new handle on the newest version, which Lance moves along as it writes through it."""
    import lance

    return lance.dataset(table_uri(address), storage_options=storage_options(address))


def open_table(address: str) -> Any:
    """The newest version that is whole.

    Raises:
        WallNotFoundError: nothing is there.
        WallFormatError: something else is there.
    """
    _check_local(address)
    try:
        return newest_version(address)
    except (ValueError, OSError) as fault:
        if is_absent(fault):
            raise WallNotFoundError(_nothing_at(address)) from None
        in_storage = storage_error(address, fault)
        if in_storage is not None:
            raise in_storage from fault
        if not recover_table(address):
            raise WallFormatError(f"the wall {address} cannot be opened: {fault}") from fault
        return newest_version(address)


def create_table(address: str, schema: pa.Schema) -> None:
    """An empty table, unless another process has just created one."""
    if is_remote(address):
        with suppress(CommitConflictError):
            first_version(table_uri(address), schema.empty_table())
        return
    import lance

    # Written under another name and renamed: when several processes create the same wall, Lance
    # resolves the slower creation as an overwrite of what the faster has added since.
    folder, target = Path(address), Path(table_uri(address))
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{uuid.uuid4().hex}"
    lance.write_dataset(
        schema.empty_table(),
        str(aside),
        mode="create",
        enable_stable_row_ids=True,
        data_storage_version=STORAGE,
    )
    try:
        aside.rename(target)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        if not target.is_dir():
            raise


def recover_table(address: str) -> bool:
    """Go back to the newest whole version of a local table; whether that was needed and done."""
    try:
        return not is_remote(address) and recover(address, Path(table_uri(address)))
    except OSError:
        return False  # a folder that cannot be written to


def _nothing_at(address: str) -> str:
    return f"there is no wall at {address}: make one with `cavewall add SOURCE --wall {address}`"


def _check_local(address: str) -> None:
    """Refuse, without importing Lance, what is clearly no wall on this machine."""
    if is_remote(address):
        return
    folder = Path(address)
    if folder.exists() and not folder.is_dir():
        raise WallFormatError(f"{address} is a file: a wall is a folder")
    if (folder / "_versions").is_dir():
        raise WallFormatError(
            f"{address} is one LanceDB table: give the folder that holds it, {folder.parent}"
        )
    if not Path(table_uri(address)).is_dir():
        others = sorted(path.stem for path in folder.glob("*.lance"))
        found = f" (the LanceDB tables there: {', '.join(others)})" if others else ""
        raise WallNotFoundError(_nothing_at(address) + found)
