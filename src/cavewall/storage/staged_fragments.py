"""Rows that workers write into files of the table, seen by nobody until one commit takes them up.

Lance's appends are no such commit: without retries too, an append is done again over whatever
somebody else has committed first, and an id that both brought is there twice. A merge of pieces
fails on every version that changed rows: it rests on what was looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cavewall.storage.locks import CommitConflictError, raise_on_conflict
from cavewall.storage.object_store_errors import storage_options
from cavewall.storage.open_table import STORAGE
from cavewall.storage.rows import NewPicture, to_batch
from cavewall.storage.schema import STANDBY
from cavewall.storage.table import Store
from cavewall.storage.table_admin import files_of, keep_overwritten

__all__ = ["StagedFragment", "StagedFragments"]


@dataclass(frozen=True)
class StagedFragment:
    """Rows in files of the table that no version knows yet.

    `fragments` is what Lance says of them, as JSON; `image_ids` are those of the rows.
    """

    fragments: tuple[str, ...]
    image_ids: Sequence[str]


class StagedFragments:
    """The pieces of a wall: written by many, committed by one.

    `anew`: they are to replace what the wall holds, and not to stand beside it.
    """

    def __init__(self, store: Store, *, anew: bool = False) -> None:
        self._store = store
        self._anew = anew

    @property
    def shape(self) -> str:
        """What the columns of a piece are called and numbered: others do not fit the table."""
        schema = self._store.handle().lance_schema
        return " ".join(f"{field.id()}:{field.name()}" for field in schema.fields())

    def write(self, windows: Iterable[Sequence[NewPicture]]) -> tuple[str, ...]:
        """Write rows as they come; what Lance says of the files they are in.

        Raises:
            Exception: what the windows raised, as it was.
        """
        import lance

        dataset = self._store.writable()
        schema = self._schema(dataset)
        faults: list[BaseException] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for rows in windows:
                    yield to_batch(rows, schema)
            except BaseException as fault:
                faults.append(fault)
                raise

        try:
            written = lance.fragment.write_fragments(
                pa.RecordBatchReader.from_batches(schema, batches()),
                dataset.uri if self._anew else dataset,
                mode="overwrite" if self._anew else "append",
                data_storage_version=STORAGE,
                storage_options=storage_options(self._store.address),
            )
        except OSError:
            # Lance tells what Python raised in words of its own.
            if faults:
                raise faults[0] from None
            raise
        return tuple(json.dumps(fragment.to_json()) for fragment in written)

    def files_there(self) -> Callable[[str], bool]:
        """Tells whether the files of a fragment are there, whole: by their names and sizes."""
        sizes = {path: size for path, size, _ in files_of(self._store.handle())}

        def is_there(fragment: str) -> bool:
            files = json.loads(fragment)["files"]
            return all(sizes.get(f"data/{at['path']}") == at["file_size_bytes"] for at in files)

        return is_there

    def append(self, pieces: Iterable[StagedFragment]) -> None:
        """Take up pieces beside the rows there are, in one version.

        Only if nobody has changed rows since the version at hand, which the caller has looked at.

        Raises:
            CommitConflictError: somebody has; nothing was committed.
            EncoderMismatchError: the wall has changed its model since the pieces were made.
        """
        import lance

        dataset = self._store.writable()
        if dataset.version != self._store.version:
            raise CommitConflictError(f"version {dataset.version} came before the commit")
        there = [fragment.metadata for fragment in dataset.get_fragments()]
        merge = lance.LanceOperation.Merge(there + _fragments(pieces), dataset.lance_schema)
        with raise_on_conflict():
            lance.LanceDataset.commit(dataset, merge, read_version=dataset.version, max_retries=0)
        self._store.refresh()

    def replace(self, pieces: Iterable[StagedFragment]) -> None:
        """Replace everything by pieces, in one version."""
        import lance

        with self._store.write_lock():
            dataset = self._store.handle()
            overwrite = lance.LanceOperation.Overwrite(self._schema(dataset), _fragments(pieces))
            committed = lance.LanceDataset.commit(
                dataset, overwrite, read_version=dataset.version, enable_stable_row_ids=True
            )
            keep_overwritten(committed)
        self._store.refresh()

    def _schema(self, dataset: Any) -> pa.Schema:
        schema: pa.Schema = dataset.schema
        if self._anew and STANDBY in schema.names:
            # New pictures have no vectors standing by: a change of the model begins again.
            schema = schema.remove(schema.get_field_index(STANDBY))
        return schema


def _fragments(pieces: Iterable[StagedFragment]) -> list[Any]:
    import lance

    read = lance.fragment.FragmentMetadata.from_json
    return [read(said) for piece in pieces for said in piece.fragments]
