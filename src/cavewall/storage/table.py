"""The table behind a wall: opened or created, and written to one version at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cavewall.errors import EncoderMismatchError
from cavewall.storage.crash_recovery import fsync
from cavewall.storage.locks import CommitConflictError, raise_on_conflict, write_lock
from cavewall.storage.object_store_errors import is_remote, storage_options
from cavewall.storage.open_table import (
    STORAGE,
    create_table,
    open_table,
    recover_table,
    table_uri,
)
from cavewall.storage.row_updates import RowRename, move
from cavewall.storage.rows import NewPicture, to_batch
from cavewall.storage.schema import STANDBY, VECTOR, read_metadata, table_schema
from cavewall.storage.sql import sql_eq, sql_in
from cavewall.storage.table_admin import keep_overwritten
from cavewall.storage.table_reader import TableReader

if TYPE_CHECKING:
    from cavewall.encoders.protocol import EncoderIdentity

__all__ = ["Store"]


class Store(TableReader):
    """A wall's own table, to read and to write."""

    @classmethod
    def open(cls, address: str) -> Store:
        """The wall at that address. Raises what `open_table` does."""
        return cls(address, open_table(address))

    @classmethod
    def create(
        cls, address: str, encoder: EncoderIdentity, image: EncoderIdentity | None = None
    ) -> Store:
        """A new, empty wall, or the one that another process has just created there.

        It has an image space where the encoder of one is given.
        """
        create_table(address, table_schema(encoder, image))
        return cls.open(address)

    def recover(self) -> None:
        """Go back to the newest version that is whole: see `cavewall.storage.crash_recovery`."""
        recover_table(self.address)
        self._dataset = self.handle()

    def fsync(self, since: float | None = None) -> None:
        """Flush to disk what was written since that time, else in the last minutes."""
        if not is_remote(self.address):
            fsync(Path(table_uri(self.address)), since)

    def write_lock(self) -> AbstractContextManager[bool]:
        """The lock for one commit: see `cavewall.storage.locks`."""
        return write_lock(self.address)

    def move(self, moves: Sequence[RowRename]) -> None:
        """Give pictures new ids and files, in one version; the rest of each row stays."""
        self._dataset = move(self.handle(), moves)

    def remove(self, image_ids: Sequence[str], source: str) -> None:
        """Remove those pictures of a source, in one version."""
        dataset = self.handle()
        dataset.delete(f"{sql_eq('source', source)} AND {sql_in(image_ids)}")
        self._dataset = dataset

    def append(self, rows: Sequence[NewPicture]) -> None:
        """Insert whole rows whose ids the wall does not have, in one version.

        A merge (`upsert`) reads every id there is and passes the bytes of the new rows through a
        join, half of its CPU time. Only a caller that holds the write lock knows that ids are new.
        """
        import lance

        dataset = self.writable()
        table = pa.Table.from_batches([to_batch(rows, self._dataset.schema)])
        self._dataset = lance.write_dataset(table, dataset, mode="append")

    def upsert(self, rows: Sequence[NewPicture], *, if_unchanged: bool = False) -> None:
        """Insert or replace whole rows, in one version.

        `if_unchanged`: only if this is still the newest version. Set it after a look at which of
        these ids the open version has.

        Raises:
            CommitConflictError: another writer has committed since; nothing was written.
        """
        batch = to_batch(rows, self._dataset.schema)
        self._merge(pa.Table.from_batches([batch]), insert=True, if_unchanged=if_unchanged)

    def update_captions(self, rows: Sequence[NewPicture], *, if_unchanged: bool = False) -> None:
        """Replace captions, vector, source and metadata only: bytes and files stay.

        For `if_unchanged` see `upsert`.
        """
        batch = to_batch(rows, self._dataset.schema)
        table = pa.Table.from_batches([batch])
        changed = ["image_id", "captions", VECTOR, "source", "metadata"]
        # Pending vectors were made of the old captions: set to null, they are computed again.
        changed += [STANDBY] if STANDBY in table.column_names else []
        self._merge(table.select(changed), insert=False, if_unchanged=if_unchanged)

    def _merge(self, table: pa.Table, insert: bool, if_unchanged: bool) -> None:
        dataset = self.writable()
        merge = dataset.merge_insert("image_id").when_matched_update_all()
        if insert:
            merge = merge.when_not_matched_insert_all()
        if if_unchanged:
            # Lance compares with the version that the merge starts from: what was committed between
            # the caller's look and this one would go unnoticed.
            if dataset.version != self.version:
                raise CommitConflictError(f"version {dataset.version} came before the commit")
            with raise_on_conflict():
                merge.conflict_retries(0).execute(table)
        else:
            merge.execute(table)
        self._dataset = dataset

    def writable(self) -> Any:
        """The newest version, to write rows to.

        Raises:
            EncoderMismatchError: it has vectors of other encoders than the rows were made with.
        """
        dataset = self.handle()
        made = read_metadata(dataset.schema, self.address)
        if (
            made.encoder.same_vectors_as(self.metadata.encoder)
            and made.image == self.metadata.image
        ):
            return dataset
        raise EncoderMismatchError(
            f"the wall {self.address} has changed to {' and '.join(map(str, made.encoders))} "
            "meanwhile: run the same command again, what was written is kept"
        )

    def overwrite(self, batches: Iterator[Sequence[NewPicture]]) -> None:
        """Replace everything in one version. If the iterator raises, the wall stays as it was."""
        import lance

        dataset = self._dataset
        # Every window is written by this thread and becomes visible with the one commit at the end:
        # so an interrupt (Ctrl-C included) is raised here and not in a thread of Lance's.
        # New pictures have no pending vectors: a change of the model starts over.
        schema = dataset.schema
        if STANDBY in schema.names:
            schema = schema.remove(schema.get_field_index(STANDBY))
        fragments = []
        for rows in batches:
            table = pa.Table.from_batches([to_batch(rows, schema)])
            fragments += lance.fragment.write_fragments(
                table,
                dataset.uri,
                mode="overwrite",
                enable_stable_row_ids=True,
                data_storage_version=STORAGE,
                storage_options=storage_options(self.address),
            )
        with self.write_lock():
            self._dataset = lance.LanceDataset.commit(
                self.handle(),
                lance.LanceOperation.Overwrite(schema, fragments),
                read_version=dataset.version,
                enable_stable_row_ids=True,
            )
            keep_overwritten(self._dataset)
        self.metadata = read_metadata(self._dataset.schema, self.address)
