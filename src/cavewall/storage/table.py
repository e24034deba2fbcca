"""One wall's table: opening, reading a version, writing a new one."""

from __future__ import annotations

import copy
import functools
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall.errors import (
    EncoderMismatchError,
    InputError,
    WallFormatError,
    WallNotFoundError,
)
from cavewall.index.inverted_index import InvertedIndex
from cavewall.models import Picture
from cavewall.query.filters import Filter, parse_field
from cavewall.storage.crash_recovery import fsync, recover
from cavewall.storage.existing_rows import COLUMNS, ExistingRows
from cavewall.storage.expired_versions import raise_if_expired, scan_batches
from cavewall.storage.facets import Facets, count_facets
from cavewall.storage.fields import FieldCatalog, FieldSummary
from cavewall.storage.filter_eval import Holds, evaluate_filter
from cavewall.storage.locks import CommitConflictError, first_version, raise_on_conflict, write_lock
from cavewall.storage.object_store_errors import is_absent, is_remote, storage_options, storage_told
from cavewall.storage.rejects import Rejects
from cavewall.storage.row_details import Details
from cavewall.storage.row_updates import RowRename, move, sql_eq, sql_in
from cavewall.storage.row_view import ColumnValue, cells_of
from cavewall.storage.rows import NewPicture, picture_from_row, to_batch
from cavewall.storage.schema import (
    IMAGE_VECTOR,
    STANDBY,
    VECTOR,
    WallMetadata,
    read_metadata,
    table_schema,
)
from cavewall.storage.snapshot import Snapshot
from cavewall.storage.table_admin import keep_overwritten
from cavewall.storage.terms import SavedTerms

if TYPE_CHECKING:
    from cavewall.encoders.protocol import EncoderIdentity

__all__ = ["STORAGE", "Store"]

_TABLE = "pictures"
_STORED = ["image_id", "captions", "path", "width", "height", "sha256", "thumbnail"]
_STORED += ["source", "metadata", "added_at"]
_INTERNAL = ("file_modified_ns",)
_SCAN_ROWS = 8192
STORAGE = "2.2"  # the first with blob v2


class Store:
    """The table behind a wall.

    Its only state is the open dataset and the `FieldCatalog` of one version.
    """

    _facts: FieldCatalog | None = None

    def __init__(self, address: str, dataset: Any) -> None:
        self.address = address
        self._dataset = dataset
        self.metadata: WallMetadata = read_metadata(dataset.schema, address)

    # Opening.

    @classmethod
    def open(cls, address: str) -> Store:
        """The wall at that address.

        Raises:
            WallNotFoundError: nothing is there.
            WallFormatError: something else is there.
        """
        _check_local(address)
        import lance

        try:
            dataset = lance.dataset(_table_uri(address), storage_options=storage_options(address))
        except (ValueError, OSError) as fault:
            if is_absent(fault):
                raise WallNotFoundError(_nothing_at(address)) from None
            told = storage_told(address, fault)
            if told is not None:
                raise told from fault
            if not _mended(address):
                raise WallFormatError(f"the wall {address} cannot be opened: {fault}") from fault
            dataset = lance.dataset(_table_uri(address))
        return cls(address, dataset)

    @classmethod
    def create(
        cls, address: str, encoder: EncoderIdentity, image: EncoderIdentity | None = None
    ) -> Store:
        """A new, empty wall; the one that is there if someone else just made it.

        It has an image space where the encoder of one is given.
        """
        schema = table_schema(encoder, image)
        if is_remote(address):
            with suppress(CommitConflictError):
                first_version(_table_uri(address), schema.empty_table())
        else:
            _create_local(Path(address), schema)
        return cls.open(address)

    # Reading.

    @property
    def version(self) -> int:
        return int(self._dataset.version)

    def refresh(self) -> int:
        """Move to the newest version and return it."""
        if self._dataset.latest_version != self._dataset.version:
            self._dataset = self.handle()
            self.metadata = read_metadata(self._dataset.schema, self.address)
        return self.version

    def handle(self) -> Any:
        """The newest version, as a handle of its own: Lance moves what it writes through."""
        import lance

        options = storage_options(self.address)
        return lance.dataset(_table_uri(self.address), storage_options=options)

    def at(self, version: int) -> Self:
        """The wall as it was at that version.

        Raises:
            InputError: the version is not there, or was of another model's vectors.
        """
        then = copy.copy(self)
        if version == self.version:
            return then
        newest = self._dataset.latest_version
        if not 1 <= version <= newest:
            raise InputError(f"there is no version {version}: the newest is {newest}")
        then._dataset = self._at(version)
        then._check_vectors(self)
        return then

    def _check_vectors(self, newer: Store) -> None:
        self.metadata = read_metadata(self._dataset.schema, self.address)
        if not self.metadata.encoder.same_vectors_as(newer.metadata.encoder):
            raise InputError(
                f"version {self.version} has vectors of {self.metadata.encoder}, and the wall has "
                f"changed to {newer.metadata.encoder}: `cavewall restore {self.version}` makes it "
                "the newest again"
            )

    def count(self, where: str | None = None) -> int:
        return int(self._dataset.count_rows(where))

    def snapshot(self, version: int | None = None, column: str = VECTOR) -> Snapshot:
        """All vectors of that version, or of the one at hand."""
        dataset = self._dataset if version is None else self._at(version)
        count = dataset.count_rows()
        vectors = np.zeros((count, dataset.schema.field(column).type.list_size), np.float32)
        ids: list[pa.Array] = []
        at = 0
        scanner = dataset.scanner(columns=["image_id", column], batch_size=_SCAN_ROWS)
        for batch in scan_batches(dataset.version, scanner.to_batches):
            there = batch.column(column).is_valid().to_numpy(zero_copy_only=False)
            flat = batch.column(column).drop_null().flatten().to_numpy(zero_copy_only=False)
            vectors[at : at + batch.num_rows][there] = flat.reshape(-1, vectors.shape[1])
            ids.append(batch.column("image_id"))
            at += batch.num_rows
        joined = pa.chunked_array(ids, pa.string()).combine_chunks()
        return Snapshot.from_table(int(dataset.version), joined, vectors)

    def vectors_between(
        self, version: int, start: int, end: int, column: str = VECTOR
    ) -> NDArray[np.float32]:
        """The vectors of the rows from `start` to before `end` of that version, zero where none."""
        dataset = self._at(version)
        rows = dataset.to_table(columns=[column], offset=start, limit=end - start).column(column)
        vectors = np.zeros((len(rows), rows.type.list_size), np.float32)
        there = rows.is_valid().to_numpy()
        flat = rows.drop_null().combine_chunks().flatten().to_numpy(zero_copy_only=False)
        vectors[there] = flat.reshape(-1, rows.type.list_size)
        return vectors

    def vectors(
        self, image_ids: Sequence[str], column: str = VECTOR
    ) -> dict[str, NDArray[np.float32]]:
        """The vectors of those pictures that are on the wall and have one, by their ids."""
        rows = self._dataset.to_table(
            columns=["image_id", column],
            filter=f"{sql_in(image_ids)} AND {column} IS NOT NULL",
        )
        found = rows.column(column).combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return dict(
            zip(
                rows.column("image_id").to_pylist(),
                found.reshape(len(rows), -1),
                strict=True,
            )
        )

    def holding(self, version: int, sha256: str) -> list[str]:
        """The ids of the pictures of that version whose bytes have this digest."""
        dataset = self._at(version)
        if "sha256" not in dataset.schema.names:
            return []
        rows = dataset.to_table(columns=["image_id"], filter=sql_eq("sha256", sha256))
        ids: list[str] = rows.column("image_id").to_pylist()
        return ids

    def details(self, version: int) -> Details:
        """What is said of every row of that version, in the order of its scan."""
        scanner = self._at(version).scanner(columns=Details.columns, batch_size=_SCAN_ROWS)
        batches = scan_batches(version, scanner.to_batches)
        return Details.from_table(pa.Table.from_batches(batches, scanner.projected_schema))

    def take(
        self, version: int, positions: Sequence[int], columns: list[str]
    ) -> list[dict[str, Any]]:
        """Those columns of the rows at the positions of that version's snapshot."""
        dataset = self._at(version)
        with raise_if_expired(version):
            rows: list[dict[str, Any]] = dataset.take(
                [int(at) for at in positions], columns=columns
            ).to_pylist()
        return rows

    def picture(self, version: int, position: int, with_image: bool = True) -> Picture:
        """One whole picture, with or without its bytes."""
        (row,) = self.take(version, [position], _STORED)
        if not with_image:
            return picture_from_row(row)
        with raise_if_expired(version):
            (blob,) = self._at(version).take_blobs("image", indices=[int(position)])
            return picture_from_row(row, None if blob is None else blob.readall())

    def row(self, version: int, position: int) -> tuple[ColumnValue, ...]:
        """One row laid open, every column of it; of blobs no byte is read."""
        with raise_if_expired(version):
            return cells_of(self._at(version), int(position))

    def evaluate_filter(
        self, version: int, where: Filter, holds: Holds | None = None
    ) -> NDArray[np.bool_]:
        """Which rows of that version the filter is true of: (rows,), in the order of its scan.

        `holds` answers `has()` where an index of the captions is at hand, else one is made.

        Raises:
            FilterError: it names a field that is not there, or compares unlike kinds.
        """

        @functools.cache
        def index() -> InvertedIndex:
            return InvertedIndex.from_captions(self.details(version).captions())

        facts = self._facts_of(version)
        return evaluate_filter(facts, where, holds or (lambda words: index().match_phrase(words)))

    def fields(self, version: int) -> tuple[FieldSummary, ...]:
        """What a filter may name, and how many pictures have it."""
        return self._facts_of(version).fields

    def suggest_fields(self) -> list[str]:
        """What a filter may name, as the first pictures have it: at once, however large a wall."""
        return self._facts_of(self.version).likely_names()

    def facets(
        self, version: int, field: str, mask: NDArray[np.bool_] | None = None, limit: int = 20
    ) -> Facets:
        """How many pictures have which value of a field, over those in `mask` (rows,) or all.

        Raises:
            FilterError: there is no such field.
        """
        if limit < 1:
            raise InputError(f"the limit of facets is 1 or more, not {limit}")
        name = parse_field(field)
        return count_facets(name, self._facts_of(version).column(name), mask, limit)

    def labels(self, version: int, field: str) -> NDArray[np.int64]:
        """A number for the first value of a field of each row, equal for equal values: (rows,).

        -1 where a row has none. Raises FilterError: there is no such field.
        """
        return self._facts_of(version).column(parse_field(field)).labels

    def _facts_of(self, version: int) -> FieldCatalog:
        facts = self._facts
        if facts is None or facts.version != version:
            facts = FieldCatalog(self._at(version), self._aliases(), _INTERNAL)
            self._facts = facts
        return facts

    def _aliases(self) -> dict[str, str]:
        """Other names by which a filter may call columns."""
        return {"caption": "captions"}

    def _at(self, version: int) -> Any:
        dataset = self._dataset
        if dataset.version == version:
            return dataset
        with raise_if_expired(version):
            return dataset.checkout_version(version)

    def existing_rows(self, image_ids: Sequence[str] | None = None) -> ExistingRows:
        """What is on the wall: all of it, or what has one of those ids."""
        where = None if image_ids is None else sql_in(image_ids)
        known = ExistingRows()
        scanner = self._dataset.scanner(columns=COLUMNS, filter=where, batch_size=_SCAN_ROWS)
        for batch in scanner.to_batches():
            known.take(batch)
        if IMAGE_VECTOR in self._dataset.schema.names:
            condition = (
                f"{IMAGE_VECTOR} IS NULL"
                if where is None
                else f"({where}) AND {IMAGE_VECTOR} IS NULL"
            )
            unseen = self._dataset.to_table(columns=["image_id"], filter=condition)
            known.unseen = set(unseen.column("image_id").to_pylist())
        return known

    def is_continued_from(self, version: int) -> bool:
        """Whether what has come since changed rows, and did not replace everything.

        Versions that were cleaned up meanwhile are taken for such changes.
        """
        for later in range(version + 1, self.version + 1):
            try:
                transaction = self._dataset.read_transaction(later)
            except OSError:
                continue
            if type(getattr(transaction, "operation", None)).__name__ in ("Overwrite", "Restore"):
                return False
        return True

    @property
    def rejects(self) -> Rejects:
        """The pictures that were not taken."""
        return Rejects(self.address)

    @property
    def terms(self) -> SavedTerms:
        """The terms that are saved with the wall."""
        return SavedTerms(self.address)

    # Writing.

    def recover(self) -> None:
        """Go back to the newest version that is whole: see `cavewall.storage.crash_recovery`."""
        _mended(self.address)
        self._dataset = self.handle()

    def fsync(self, since: float | None = None) -> None:
        """Have the disk take what was written, or only what was since that time."""
        if not is_remote(self.address):
            fsync(Path(_table_uri(self.address)), since)

    def write_lock(self) -> AbstractContextManager[bool]:
        """Hold the right to commit: see `cavewall.storage.locks`."""
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

        A merge reads every id there is and passes the bytes of the new rows through a join: half
        of its processor time. Only whoever holds the right to commit can know that ids are new.
        """
        import lance

        dataset = self.writable()
        table = pa.Table.from_batches([to_batch(rows, self._dataset.schema)])
        self._dataset = lance.write_dataset(table, dataset, mode="append")

    def upsert(self, rows: Sequence[NewPicture], *, rested: bool = False) -> None:
        """Insert or replace whole rows, in one version.

        `rested`: only if nobody has touched these ids since the version at hand, which the caller
        has looked at.

        Raises:
            CommitConflictError: somebody has; nothing was written.
        """
        batch = to_batch(rows, self._dataset.schema)
        self._merge(pa.Table.from_batches([batch]), insert=True, rested=rested)

    def update_captions(self, rows: Sequence[NewPicture], *, rested: bool = False) -> None:
        """Replace captions, vector, source and metadata only: bytes and files stay.

        For `rested` see `upsert`.
        """
        batch = to_batch(rows, self._dataset.schema)
        table = pa.Table.from_batches([batch])
        changed = ["image_id", "captions", VECTOR, "source", "metadata"]
        # Vectors that stand by were made of the old captions: they go, and are made again.
        changed += [STANDBY] if STANDBY in table.column_names else []
        self._merge(table.select(changed), insert=False, rested=rested)

    def _merge(self, table: pa.Table, insert: bool, rested: bool) -> None:
        dataset = self.writable()
        merge = dataset.merge_insert("image_id").when_matched_update_all()
        if insert:
            merge = merge.when_not_matched_insert_all()
        if rested:
            # What comes between the two looks is not compared with what is written.
            if dataset.version != self.version:
                raise CommitConflictError(f"version {dataset.version} came before the commit")
            with raise_on_conflict():
                merge.conflict_retries(0).execute(table)
        else:
            merge.execute(table)
        self._dataset = dataset

    def writable(self) -> Any:
        """The newest version, if its vectors are of the models that the rows were made with."""
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
        """Replace everything in one version. What the iterator raises leaves the wall as it was."""
        import lance

        dataset = self._dataset
        # Every window is written in this thread, and seen by nobody until all are committed: so
        # whatever stops the work, ctrl-C included, stops it here and not in a thread of Lance's.
        # New pictures have no vectors standing by: a change of the model begins again.
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


def _write_empty(uri: str, schema: pa.Schema) -> None:
    import lance

    lance.write_dataset(
        schema.empty_table(),
        uri,
        mode="create",
        enable_stable_row_ids=True,
        data_storage_version=STORAGE,
    )


def _create_local(folder: Path, schema: pa.Schema) -> None:
    # Made aside and renamed: when several create the same wall, Lance resolves the slower
    # creation as an overwrite of what the faster has added since.
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{uuid.uuid4().hex}"
    _write_empty(str(aside), schema)
    try:
        aside.rename(_table_uri(str(folder)))
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        if not Path(_table_uri(str(folder))).is_dir():
            raise


def _mended(address: str) -> bool:
    try:
        return not is_remote(address) and recover(address, Path(_table_uri(address)))
    except OSError:
        return False  # nothing can be renamed in it


def _table_uri(address: str) -> str:
    return f"{address.rstrip('/')}/{_TABLE}.lance"


def _nothing_at(address: str) -> str:
    return f"there is no wall at {address}: make one with `cavewall add SOURCE --wall {address}`"


def _check_local(address: str) -> None:
    """What can be told without importing Lance, for addresses on this machine."""
    if is_remote(address):
        return
    folder = Path(address)
    if folder.exists() and not folder.is_dir():
        raise WallFormatError(f"{address} is a file: a wall is a folder")
    if (folder / "_versions").is_dir():
        raise WallFormatError(
            f"{address} is one LanceDB table: give the folder that holds it, {folder.parent}"
        )
    if not Path(_table_uri(address)).is_dir():
        others = sorted(path.stem for path in folder.glob("*.lance"))
        found = f" (the LanceDB tables there: {', '.join(others)})" if others else ""
        raise WallNotFoundError(_nothing_at(address) + found)
