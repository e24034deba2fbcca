"""Reading one version of a wall's table."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.index.inverted_index import InvertedIndex
from cavewall.models import Picture
from cavewall.query.filters import Filter, parse_field
from cavewall.storage.existing_rows import COLUMNS, ExistingRows
from cavewall.storage.expired_versions import raise_if_expired, scan_batches
from cavewall.storage.facets import Facets, count_facets
from cavewall.storage.fields import FieldCatalog, FieldSummary
from cavewall.storage.filter_eval import MatchPhrase, evaluate_filter
from cavewall.storage.open_table import newest_version
from cavewall.storage.rejects import Rejects
from cavewall.storage.row_details import Details
from cavewall.storage.row_view import ColumnValue, row_values
from cavewall.storage.rows import picture_from_row
from cavewall.storage.schema import IMAGE_VECTOR, VECTOR, WallMetadata, read_metadata
from cavewall.storage.snapshot import Snapshot
from cavewall.storage.sql import sql_eq, sql_in
from cavewall.storage.terms import SavedTerms

__all__ = ["TableReader", "scan_vectors"]

_STORED = ["image_id", "captions", "path", "width", "height", "sha256", "thumbnail"]
_STORED += ["source", "metadata", "added_at"]
_INTERNAL = ("file_modified_ns",)
_SCAN_ROWS = 8192


class TableReader:
    """What can be read of a wall's table.

    Its only state is the open dataset and the `FieldCatalog` of one version.
    """

    _catalog: FieldCatalog | None = None

    def __init__(self, address: str, dataset: Any) -> None:
        self.address = address
        self._dataset = dataset
        self.metadata: WallMetadata = read_metadata(dataset.schema, address)

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
        """A new handle on the newest version: Lance moves the one that it writes through."""
        return newest_version(self.address)

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

    def _check_vectors(self, newer: TableReader) -> None:
        self.metadata = read_metadata(self._dataset.schema, self.address)
        if not self.metadata.encoder.same_vectors_as(newer.metadata.encoder):
            raise InputError(
                f"version {self.version} has vectors of {self.metadata.encoder}, and the wall has "
                f"changed to {newer.metadata.encoder}: `cavewall restore {self.version}` makes it "
                "the newest again"
            )

    def count(self, where: str | None = None) -> int:
        return int(self._dataset.count_rows(where))

    def count_without_image(self) -> int:
        """How many pictures have neither bytes nor a file that could be read."""
        return self.count("sha256 IS NULL")

    def count_without_captions(self) -> int:
        return self.count("array_length(captions) = 0")

    def snapshot(self, version: int | None = None, column: str = VECTOR) -> Snapshot:
        """All vectors of that version, by default of the one that is open."""
        dataset = self._dataset if version is None else self._at(version)
        ids, vectors = scan_vectors(dataset, column, "image_id")
        return Snapshot.from_table(int(dataset.version), ids, vectors)

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
            return row_values(self._at(version), int(position))

    def evaluate_filter(
        self, version: int, where: Filter, match_phrase: MatchPhrase | None = None
    ) -> NDArray[np.bool_]:
        """Which rows of that version the filter is true of: (rows,), in the order of its scan.

        `match_phrase` answers `has()` from an index of the captions; without it, one is built.

        Raises:
            FilterError: it names a field that is not there, or compares unlike kinds.
        """

        @functools.cache
        def index() -> InvertedIndex:
            return InvertedIndex.from_captions(self.details(version).captions())

        catalog = self._catalog_of(version)
        return evaluate_filter(
            catalog, where, match_phrase or (lambda words: index().match_phrase(words))
        )

    def fields(self, version: int) -> tuple[FieldSummary, ...]:
        """What a filter may name, and how many pictures have it."""
        return self._catalog_of(version).fields

    def suggest_fields(self) -> list[str]:
        """What a filter may name, as the first pictures have it: at once, however large a wall."""
        return self._catalog_of(self.version).likely_names()

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
        return count_facets(name, self._catalog_of(version).column(name), mask, limit)

    def labels(self, version: int, field: str) -> NDArray[np.int64]:
        """A number for the first value of a field of each row, equal for equal values: (rows,).

        -1 where a row has none. Raises FilterError: there is no such field.
        """
        return self._catalog_of(version).column(parse_field(field)).labels

    def _catalog_of(self, version: int) -> FieldCatalog:
        catalog = self._catalog
        if catalog is None or catalog.version != version:
            catalog = FieldCatalog(self._at(version), self._aliases(), _INTERNAL)
            self._catalog = catalog
        return catalog

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
        """The pictures that could not be added."""
        return Rejects(self.address)

    @property
    def terms(self) -> SavedTerms:
        """The terms that are saved with the wall."""
        return SavedTerms(self.address)


def scan_vectors(
    dataset: Any, column: str, id_column: str | None
) -> tuple[pa.Array, NDArray[np.float32]]:
    """Every row's id as text, and its vector, zero where it has none: (rows,), (rows, d).

    A row without an id goes by its position.
    """
    count = dataset.count_rows()
    vectors = np.zeros((count, dataset.schema.field(column).type.list_size), np.float32)
    ids: list[pa.Array] = []
    at = 0
    columns = [column] if id_column is None else [column, id_column]
    scanner = dataset.scanner(columns=columns, batch_size=_SCAN_ROWS)
    for batch in scan_batches(int(dataset.version), scanner.to_batches):
        there = batch.column(column).is_valid().to_numpy(zero_copy_only=False)
        flat = batch.column(column).drop_null().flatten().to_numpy(zero_copy_only=False)
        vectors[at : at + batch.num_rows][there] = flat.reshape(-1, vectors.shape[1])
        ids.append(_ids(None if id_column is None else batch.column(id_column), at, batch.num_rows))
        at += batch.num_rows
    return pa.chunked_array(ids, pa.string()).combine_chunks(), vectors


def _ids(column: pa.Array | None, at: int, count: int) -> pa.Array:
    if column is not None and not column.null_count:
        return pc.cast(column, pa.string())
    positions = pc.cast(pa.array(np.arange(at, at + count)), pa.string())
    return positions if column is None else pc.coalesce(pc.cast(column, pa.string()), positions)
