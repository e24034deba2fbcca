"""Fragments that workers write into the table, invisible until one commit adds them all.

That commit is no append of Lance's: even without retries, Lance rebases an append onto what others
have committed meanwhile, so that an id which both wrote would be there twice. Its *Merge* operation
conflicts with every version that changed rows, and so fails if our check for existing ids is stale.
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
    """Rows in files of the table that are not committed yet.

    `fragments` is Lance's metadata of them, as JSON; `image_ids` are those of the rows.
    """

    fragments: tuple[str, ...]
    image_ids: Sequence[str]


class StagedFragments:
    """Writes fragments, and commits those that many workers have written.

    `anew`: they will replace the rows of the wall, not be added to them.
    """

    def __init__(self, store: Store, *, anew: bool = False) -> None:
        self._store = store
        self._anew = anew

    @property
    def shape(self) -> str:
        """Names and field ids of the columns, which fragments must share with the table."""
        schema = self._store.handle().lance_schema
        return " ".join(f"{field.id()}:{field.name()}" for field in schema.fields())

    def write(self, windows: Iterable[Sequence[NewPicture]]) -> tuple[str, ...]:
        """Write a stream of rows; Lance's metadata of each fragment, as JSON.

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
            # Lance wraps what the iterator raised in an OSError: raise the original.
            if faults:
                raise faults[0] from None
            raise
        return tuple(json.dumps(fragment.to_json()) for fragment in written)

    def files_there(self) -> Callable[[str], bool]:
        """A test whether the files of a fragment exist in full size."""
        sizes = {path: size for path, size, _ in files_of(self._store.handle())}

        def is_there(fragment: str) -> bool:
            files = json.loads(fragment)["files"]
            return all(sizes.get(f"data/{at['path']}") == at["file_size_bytes"] for at in files)

        return is_there

    def append(self, pieces: Iterable[StagedFragment]) -> None:
        """Add fragments to the rows of the wall, in one version.

        Only if no rows have changed since the open version, whose ids the caller has checked.

        Raises:
            CommitConflictError: another writer has committed; nothing was.
            EncoderMismatchError: the wall has another model than the fragments were written for.
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
        """Replace all rows by fragments, in one version."""
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
            # New pictures have no pending vectors: a change of the model starts over.
            schema = schema.remove(schema.get_field_index(STANDBY))
        return schema


def _fragments(pieces: Iterable[StagedFragment]) -> list[Any]:
    import lance

    read = lance.fragment.FragmentMetadata.from_json
    return [read(said) for piece in pieces for said in piece.fragments]
