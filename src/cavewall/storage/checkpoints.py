"""Tasks that workers have finished and no version knows yet: a small table beside the wall's.

Whoever is stopped before the one commit that takes everything up goes on with what they made. It
is forgotten before the files that killed writers left are removed, and well before Lance removes
such files on its own.
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
    address_beside,
    created,
    opened,
    recreated,
    rewritten,
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
# Lance takes files that no version knows for abandoned after a week.
_LASTS = timedelta(days=5)


class TaskCheckpoints:
    """What became of the finished tasks of each run, as text, by the tasks' keys."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._uri = address_beside(address, _TABLE)

    def of(self, run: str, *, lasts: timedelta = _LASTS) -> dict[str, str]:
        """What that run has made so far."""
        rows = [] if (dataset := opened(self._uri)) is None else _rows(dataset)
        since = datetime.now(UTC) - lasts
        return {row["task"]: row["made"] for row in rows if row["run"] == run and row["at"] > since}

    def keep(self, run: str, made: Mapping[str, str]) -> None:
        """Keep what tasks have made; when this returns, it outlives the process."""
        now = datetime.now(UTC)
        columns = [[run] * len(made), list(made), list(made.values()), [now] * len(made)]
        rows = pa.table(columns, schema=_SCHEMA)
        recreated(self._address, lambda: self._keep(rows))

    def _keep(self, rows: pa.Table) -> None:
        import lance

        with write_lock(self._address):
            if opened(self._uri) is None:
                created(self._uri, rows)
            else:
                options = storage_options(self._address)
                lance.write_dataset(rows, self._uri, mode="append", storage_options=options)

    def forget(self, run: str) -> None:
        """Forget what a run has made."""
        if opened(self._uri) is not None:
            recreated(self._address, lambda: self._forget(run))

    def clear(self) -> None:
        """Forget what any run has made onto a local wall, for whoever holds the right to commit."""
        shutil.rmtree(self._uri, ignore_errors=True)

    def _forget(self, run: str) -> None:
        with write_lock(self._address):
            dataset = opened(self._uri)
            rows = [] if dataset is None else _rows(dataset)
            left = [row for row in rows if row["run"] != run]
            if not left and not is_remote(self._address):
                self.clear()
            elif len(left) < len(rows):
                after = pa.Table.from_pylist(left, schema=_SCHEMA)
                rewritten(dataset, self._uri, after).cleanup_old_versions(older_than=KEEP)


def _rows(dataset: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset.to_table().to_pylist()
    return rows
