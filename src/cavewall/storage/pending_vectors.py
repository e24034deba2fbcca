"""Changing the encoder: a second vector column is filled while the first serves, then they swap.

Every vector column names its encoder in its own metadata, which stays with the column when it is
renamed: a process killed between two commits leaves a wall whose metadata are still correct.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from cavewall._internal.terminal_text import pluralize
from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import InputError
from cavewall.storage.schema import (
    STANDBY,
    VECTOR,
    encoder_metadata,
    read_metadata,
    registry_metadata,
    table_metadata,
)
from cavewall.storage.table import Store

__all__ = ["UNFILLED", "PendingEncoder", "PendingVectors"]

UNFILLED = f"{STANDBY} IS NULL AND array_length(captions) > 0"

_ROWS = 4096
# In the metadata of a column that `fill` has made and no `switch` has used yet.
_FRESH = "cavewall-fresh"


class PendingVectors:
    """The pictures of one version without a pending vector, in the order of the table.

    Pictures without captions, which never get one, are included only until the column exists.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.has_column = STANDBY in dataset.schema.names
        self._where = UNFILLED if self.has_column else None

    def __len__(self) -> int:
        return int(self.dataset.count_rows(self._where))

    def batches(self) -> Iterator[tuple[pa.Array, list[list[str]]]]:
        """Ids and captions, some thousand pictures at a time."""
        scanner = self.dataset.scanner(
            columns=["image_id", "captions"], filter=self._where, batch_size=_ROWS
        )
        for batch in scanner.to_batches():
            yield batch.column("image_id"), [row or [] for row in batch.column(1).to_pylist()]


class PendingEncoder:
    """The second vector column of a wall."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def unfilled(self) -> PendingVectors:
        """What has to be encoded before `switch`."""
        return PendingVectors(self._store.handle())

    @staticmethod
    def schema(encoder: EncoderIdentity, *, with_ids: bool) -> pa.Schema:
        """The schema that `fill` reads: vectors, with ids if the column exists already."""
        metadata: dict[bytes, str] = {**encoder_metadata(encoder), _FRESH.encode(): "yes"}
        vectors = pa.field(STANDBY, pa.list_(pa.float32(), encoder.dimension), metadata=metadata)
        return pa.schema([pa.field("image_id", pa.string()), vectors] if with_ids else [vectors])

    def fill(self, unfilled: PendingVectors, vectors: pa.RecordBatchReader) -> None:
        """Write the vectors of all unfilled pictures, in their order. Nothing else is rewritten.

        Raises:
            OSError: another writer has changed the table since; nothing was written.
        """
        dataset = unfilled.dataset
        with self._store.write_lock():
            if unfilled.has_column:
                dataset.merge_insert("image_id").when_matched_update_all().execute(vectors)
            else:
                # Early walls name their encoder in the metadata of the table only.
                own = encoder_metadata(self._store.metadata.encoder)
                dataset.update_field_metadata({VECTOR: _text(own)})
                dataset.add_columns(vectors)
        self._store.refresh()

    @property
    def has_served(self) -> bool:
        """Whether the pending column holds the previous vectors, swapped out by `switch`."""
        field = self._store.handle().schema.field(STANDBY)
        return _FRESH.encode() not in (field.metadata or {})

    def switch(self) -> None:
        """Swap the two vector columns.

        Raises:
            InputError: pictures were added since the standby was filled.
        """
        with self._store.write_lock():
            self._switch(self._store.handle())

    def _switch(self, dataset: Any) -> None:
        made = read_metadata(dataset.schema, self._store.address)
        assert made.standby is not None
        # Between these commits plain LanceDB cannot search with text; it never does so wrongly.
        dataset.update_schema_metadata({"embedding_functions": None})
        lacking = len(PendingVectors(dataset))
        if lacking:
            dataset.update_schema_metadata(_text(registry_metadata(made.encoder)))
            self._store.refresh()
            raise InputError(
                f"{pluralize(lacking, 'picture')} added or changed since without a vector of "
                f"{made.standby.name}: first cavewall reencode --encoder {made.standby.name}, "
                "then switch"
            )
        dataset.alter_columns({"path": VECTOR, "name": STANDBY}, {"path": STANDBY, "name": VECTOR})
        said = table_metadata(made.id, made.standby)
        dataset.update_schema_metadata(_text({**said, **registry_metadata(made.standby)}))
        self._store.refresh()

    def drop(self) -> None:
        """Drop the second vector column."""
        with self._store.write_lock():
            dataset = self._store.handle()
            dataset.drop_columns([STANDBY])
            dataset.update_field_metadata({VECTOR: {_FRESH: None}})
        self._store.refresh()


def _text(metadata: dict[bytes, str]) -> dict[str, str]:
    return {key.decode(): value for key, value in metadata.items()}
