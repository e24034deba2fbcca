"""Finished tasks whose results are not committed yet: a side table of the wall.

A distributed run writes fragments for hours and commits them all at once. If it is stopped before,
the next run resumes from here. Entries expire well before Lance deletes uncommitted files, and are
cleared before our own clean-up does.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from cavewall.storage.locks import write_lock
from cavewall.storage.object_store_errors import is_remote, storage_options
from cavewall.storage.side_tables import (
    KEEP,
    create_side_table,
    open_side_table,
    replace_rows,
    retry_on_conflict,
    side_table_address,
)

__all__ = ["TaskCheckpoints"]

_TABLE = "finished"
_SCHEMA = pa.schema(
    [
        pa.field("run", pa.string()),
        pa.field("task", pa.string()),
        pa.field("made", pa.string()),
        pa.field("at", pa.timestamp("us", tz="UTC")),
    ]
)
# Lance deletes uncommitted files after a week.
_LASTS = timedelta(days=5)


class TaskCheckpoints:
    """The results of finished tasks, as text, by run and task key."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._uri = side_table_address(address, _TABLE)

    def of(self, run: str, *, lasts: timedelta = _LASTS) -> dict[str, str]:
        """What that run has made so far."""
        rows = [] if (dataset := open_side_table(self._uri)) is None else _rows(dataset)
        since = datetime.now(UTC) - lasts
        return {row["task"]: row["made"] for row in rows if row["run"] == run and row["at"] > since}

    def keep(self, run: str, made: Mapping[str, str]) -> None:
        """Store results; they survive the process once this returns."""
        now = datetime.now(UTC)
        columns = [[run] * len(made), list(made), list(made.values()), [now] * len(made)]
        rows = pa.table(columns, schema=_SCHEMA)
        retry_on_conflict(self._address, lambda: self._keep(rows))

    def _keep(self, rows: pa.Table) -> None:
        import lance

        with write_lock(self._address):
            if open_side_table(self._uri) is None:
                create_side_table(self._uri, rows)
            else:
                options = storage_options(self._address)
                lance.write_dataset(rows, self._uri, mode="append", storage_options=options)

    def forget(self, run: str) -> None:
        """Delete the results of a run."""
        if open_side_table(self._uri) is not None:
            retry_on_conflict(self._address, lambda: self._forget(run))

    def clear(self) -> None:
        """Delete the results of all runs of a local wall; the caller holds the write lock."""
        shutil.rmtree(self._uri, ignore_errors=True)

    def _forget(self, run: str) -> None:
        with write_lock(self._address):
            dataset = open_side_table(self._uri)
            rows = [] if dataset is None else _rows(dataset)
            left = [row for row in rows if row["run"] != run]
            if not left and not is_remote(self._address):
                self.clear()
            elif len(left) < len(rows):
                after = pa.Table.from_pylist(left, schema=_SCHEMA)
                replace_rows(dataset, self._uri, after).cleanup_old_versions(older_than=KEEP)


def _rows(dataset: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset.to_table().to_pylist()
    return rows
