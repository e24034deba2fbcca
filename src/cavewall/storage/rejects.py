"""The pictures that could not be added: a side table, written when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from cavewall.models import Reject
from cavewall.storage.locks import write_lock
from cavewall.storage.rows import utf8
from cavewall.storage.side_tables import (
    KEEP,
    open_side_table,
    replace_rows,
    retry_on_conflict,
    side_table_address,
)

__all__ = ["Rejects"]

_TABLE = "rejects"
_COLUMNS = ("image_id", "reason", "place", "source")
_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in _COLUMNS])


class Rejects:
    """The rejects of a wall, by source: what each source's last `add` did not take."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._uri = side_table_address(address, _TABLE)

    def all(self) -> list[Reject]:
        """Every reject, in the order of its source."""
        dataset = open_side_table(self._uri)
        return [] if dataset is None else _to_rejects(dataset)

    def of_source(self, source: str) -> list[Reject]:
        """The rejects of one source, in its order."""
        return [reject for reject in self.all() if reject.source == utf8(source)]

    def replace(self, source: str, rejects: Sequence[Reject], *, only: bool = False) -> None:
        """Put these in the place of the source's own; with `only`, of all there are.

        Nothing is written, and nobody waited for, where nothing changes.
        """
        retry_on_conflict(self._address, lambda: self._replace(source, rejects, only))

    def _replace(self, source: str, rejects: Sequence[Reject], only: bool) -> None:
        name = utf8(source)
        new = [
            Reject(utf8(found.image_id), utf8(found.reason), utf8(found.place), name)
            for found in rejects
        ]
        if self._changed(new, name, only) is None:
            return
        with write_lock(self._address):
            dataset = open_side_table(self._uri)
            after = self._changed(new, name, only)
            if after is not None:
                columns = [[getattr(found, column) for found in after] for column in _COLUMNS]
                written = replace_rows(dataset, self._uri, pa.table(columns, schema=_SCHEMA))
                written.cleanup_old_versions(older_than=KEEP)

    def _changed(self, new: list[Reject], source: str, only: bool) -> list[Reject] | None:
        """All rejects as they are to be; None where they are so already."""
        before = self.all()
        after = new if only else [found for found in before if found.source != source] + new
        # One source's keep their order; which source comes first says nothing.
        return None if sorted(before, key=_source) == sorted(after, key=_source) else after


def _to_rejects(dataset: Any) -> list[Reject]:
    return [Reject(**row) for row in dataset.to_table(columns=list(_COLUMNS)).to_pylist()]


def _source(reject: Reject) -> str:
    return reject.source or ""
