"""The terms saved with a wall: a side table, one row a name."""

from __future__ import annotations

import contextlib
import json
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall.encoders.protocol import EncoderIdentity
from cavewall.storage.crash_recovery import fsync
from cavewall.storage.locks import (
    CommitConflictError,
    raise_on_conflict,
    raise_on_disk_full,
    write_lock,
)
from cavewall.storage.object_store_errors import is_remote
from cavewall.storage.rows import utf8
from cavewall.storage.schema import PRIMARY_KEY
from cavewall.storage.side_tables import (
    KEEP,
    create_side_table,
    open_side_table,
    retry_on_conflict,
    side_table_address,
)
from cavewall.storage.sql import sql_eq

__all__ = ["SavedTerm", "SavedTerms"]

_TABLE = "terms"
# More fragments than this are compacted: every change adds one.
_PIECES = 16
_SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False, metadata=PRIMARY_KEY),
        pa.field("expression", pa.string()),
        # Of any length: centroids of a previous encoder may be there with those of the current one.
        pa.field("vector", pa.list_(pa.float32())),
        pa.field("encoder", pa.string(), nullable=False),
        pa.field("from_search", pa.string()),
        pa.field("from_where", pa.string()),
        pa.field("k", pa.int64()),
        pa.field("pictures", pa.int64()),
        pa.field("saved_at", pa.timestamp("us", "UTC"), nullable=False),
    ]
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SavedTerm:
    """What `@name` stands for: an expression, or the centroid of pictures.

    Attributes:
        name: without the `@`.
        expression: as it prints; None for a centroid.
        vector: the centroid, float32 (dimension,), of unit length; None for an expression.
        encoder: the wall's when the term was saved. An expression goes with any, a centroid with
            this one alone.
        from_search: the expression that a centroid's pictures were found by, the first `k`.
        from_where: the filter that a centroid's pictures were all that matched.
        k: see `from_search`.
        pictures: how many pictures a centroid was made of.
        saved_at: when, in UTC.
        replaced: whether something else was saved under the name before.
    """

    name: str
    expression: str | None
    encoder: EncoderIdentity
    vector: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    from_search: str | None = None
    from_where: str | None = None
    k: int | None = None
    pictures: int | None = None
    saved_at: datetime = field(default_factory=_now, repr=False)
    replaced: bool = field(default=False, repr=False, compare=False)

    def serves(self, encoder: EncoderIdentity) -> bool:
        """Whether it means something among the vectors of that encoder."""
        return self.vector is None or self.encoder.same_vectors_as(encoder)

    @property
    def made_of(self) -> str | None:
        """What a centroid was made of: `search: dog - snow, k=20`; None for an expression."""
        if self.from_search is not None:
            return f"search: {self.from_search}, k={self.k}"
        return None if self.from_where is None else f"where: {self.from_where}"

    @property
    def command(self) -> str:
        """The command that saves it again."""
        words = ["cavewall", "terms", "save", self.name]
        if self.from_search is not None:
            words += ["--from-search", self.from_search, "-k", str(self.k)]
        elif self.from_where is not None:
            words += ["--from-where", self.from_where]
        else:
            words += [self.expression or ""]
        return shlex.join(words)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "expression": self.expression,
            "made_of": self.made_of,
            "pictures": self.pictures,
            "encoder": self.encoder.to_dict(),
            "saved_at": self.saved_at.isoformat(),
        }


class SavedTerms:
    """The saved terms of the wall at an address; its own table is neither read nor changed."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._uri = side_table_address(address, _TABLE)

    def all(self) -> list[SavedTerm]:
        """Every saved term, by name."""
        dataset = open_side_table(self._uri)
        rows = [] if dataset is None else dataset.to_table().to_pylist()
        return sorted(map(_to_term, rows), key=lambda term: term.name)

    def save(self, term: SavedTerm) -> bool:
        """Keep a term under its name; returns whether that replaced another."""
        rows = pa.Table.from_pylist([_to_row(term)], schema=_SCHEMA)
        with raise_on_disk_full(self._address), write_lock(self._address):
            replaced = retry_on_conflict(self._address, lambda: self._save(term.name, rows))
            self._compact()
        return replaced

    def _save(self, name: str, rows: pa.Table) -> bool:
        dataset = open_side_table(self._uri)
        if dataset is None:
            create_side_table(self._uri, rows)
            return False
        replaced = _holds(dataset, name)
        # A merge, no overwrite: in object storage, without locks, Lance rebases the slower of two
        # merges, so that no change is lost.
        merge = dataset.merge_insert("name").when_matched_update_all()
        merge.when_not_matched_insert_all().execute(rows)
        return replaced

    def remove(self, name: str) -> bool:
        """Forget a term; returns whether there was one of that name."""
        with raise_on_disk_full(self._address), write_lock(self._address):
            removed = retry_on_conflict(self._address, lambda: self._remove(name))
            if removed:
                self._compact()
        return removed

    def _remove(self, name: str) -> bool:
        dataset = open_side_table(self._uri)
        if dataset is None or not _holds(dataset, name):
            return False
        dataset.delete(sql_eq("name", name))
        return True

    def _compact(self) -> None:
        """Compact the fragments, and flush this change: no `add` would bring it again."""
        dataset = open_side_table(self._uri)
        if dataset is None:
            return
        if len(dataset.get_fragments()) > _PIECES:
            # On a conflict, another process has compacted them.
            with contextlib.suppress(CommitConflictError), raise_on_conflict():
                dataset.optimize.compact_files()
        if not is_remote(self._address):
            fsync(Path(self._uri))
        dataset.cleanup_old_versions(older_than=KEEP)


def _holds(dataset: Any, name: str) -> bool:
    return bool(dataset.count_rows(sql_eq("name", name)))


def _to_row(term: SavedTerm) -> dict[str, Any]:
    texts = {"from_search": term.from_search, "from_where": term.from_where}
    return {
        "name": term.name,
        "expression": term.expression,
        "vector": None if term.vector is None else term.vector.tolist(),
        "encoder": json.dumps(term.encoder.to_dict()),
        **{key: None if text is None else utf8(text) for key, text in texts.items()},
        "k": term.k,
        "pictures": term.pictures,
        "saved_at": term.saved_at,
    }


def _to_term(row: dict[str, Any]) -> SavedTerm:
    vector = row["vector"]
    return SavedTerm(
        row["name"],
        row["expression"],
        EncoderIdentity(**json.loads(row["encoder"])),
        None if vector is None else np.array(vector, np.float32),
        row["from_search"],
        row["from_where"],
        row["k"],
        row["pictures"],
        row["saved_at"],
    )
