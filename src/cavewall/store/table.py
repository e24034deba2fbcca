"""One wall's table: opening, reading a version, writing a new one."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall.errors import WallFormatError, WallNotFoundError
from cavewall.pictures import Picture
from cavewall.store.rows import Known, NewPicture, captions_digest, picture_from_row, to_batch
from cavewall.store.schema import STANDBY, VECTOR, WallMetadata, read_metadata, table_schema
from cavewall.store.snapshot import Snapshot

if TYPE_CHECKING:
    from cavewall.encoders.protocol import EncoderIdentity

__all__ = ["Store"]

_TABLE = "pictures"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")
_STORED = ["image_id", "captions", "path", "width", "height", "sha256", "thumbnail"]
_STORED += ["source", "metadata", "added_at"]
_SCAN_ROWS = 8192
_STORAGE = "2.2"  # the first with blob v2


class Store:
    """The table behind a wall. Holds no state but the dataset it has open."""

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
            dataset = lance.dataset(_table_uri(address))
        except (ValueError, OSError) as fault:
            if "not found" in str(fault).lower():
                raise WallNotFoundError(_nothing_at(address)) from None
            raise WallFormatError(f"the wall {address} cannot be opened: {fault}") from fault
        return cls(address, dataset)

    @classmethod
    def create(cls, address: str, encoder: EncoderIdentity) -> Store:
        """A new, empty wall; the one that is there if someone else just made it."""
        if _SCHEME.match(address):
            try:
                _write_empty(_table_uri(address), encoder)
            except OSError as fault:
                if "already exists" not in str(fault):
                    raise
        else:
            _create_local(Path(address), encoder)
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

        return lance.dataset(_table_uri(self.address))

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
        for batch in scanner.to_batches():
            there = batch.column(column).is_valid().to_numpy(zero_copy_only=False)
            flat = batch.column(column).drop_null().flatten().to_numpy(zero_copy_only=False)
            vectors[at : at + batch.num_rows][there] = flat.reshape(-1, vectors.shape[1])
            ids.append(batch.column("image_id"))
            at += batch.num_rows
        joined = pa.chunked_array(ids, pa.string()).combine_chunks()
        return Snapshot.from_table(int(dataset.version), joined, vectors)

    def vectors(self, image_ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those pictures that are on the wall, by their ids."""
        names = ", ".join("'" + image_id.replace("'", "''") + "'" for image_id in image_ids)
        rows = self._dataset.to_table(
            columns=["image_id", "vector"], filter=f"image_id IN ({names})"
        )
        found = rows.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return dict(
            zip(
                rows.column("image_id").to_pylist(),
                found.reshape(len(rows), -1),
                strict=True,
            )
        )

    def captions(self, version: int) -> list[list[str]]:
        """The captions of every picture, in the order of that version's snapshot."""
        scanner = self._at(version).scanner(columns=["captions"], batch_size=_SCAN_ROWS)
        return [
            texts or [] for batch in scanner.to_batches() for texts in batch.column(0).to_pylist()
        ]

    def take(
        self, version: int, positions: Sequence[int], columns: list[str]
    ) -> list[dict[str, Any]]:
        """Those columns of the rows at the positions of that version's snapshot."""
        rows: list[dict[str, Any]] = (
            self._at(version).take([int(at) for at in positions], columns=columns).to_pylist()
        )
        return rows

    def picture(self, version: int, position: int) -> Picture:
        """One whole picture, bytes included."""
        (row,) = self.take(version, [position], _STORED)
        (blob,) = self._at(version).take_blobs("image", indices=[int(position)])
        return picture_from_row(row, None if blob is None else blob.readall())

    def _at(self, version: int) -> Any:
        dataset = self._dataset
        return dataset if dataset.version == version else dataset.checkout_version(version)

    def known(self) -> dict[str, Known]:
        """Every picture that is on the wall, by its id."""
        columns = ["image_id", "captions", "source", "sha256", "file_size", "file_modified_ns"]
        columns += ["added_at", "image"]
        known = {}
        for batch in self._dataset.scanner(columns=columns, batch_size=_SCAN_ROWS).to_batches():
            for row in batch.to_pylist():
                known[row["image_id"]] = Known(
                    captions=captions_digest(row["captions"]),
                    source=row["source"],
                    sha256=row["sha256"],
                    file_size=row["file_size"],
                    file_modified_ns=row["file_modified_ns"],
                    has_image=row["image"] is not None,
                    added_at=row["added_at"],
                )
        return known

    # Writing.

    def upsert(self, rows: Sequence[NewPicture]) -> None:
        """Insert or replace whole rows, in one version."""
        batch = to_batch(rows, self._dataset.schema)
        self._merge(pa.Table.from_batches([batch]), insert=True)

    def update_captions(self, rows: Sequence[NewPicture]) -> None:
        """Replace captions, vector, source and metadata only: bytes and files stay."""
        batch = to_batch(rows, self._dataset.schema)
        table = pa.Table.from_batches([batch])
        changed = ["image_id", "captions", VECTOR, "source", "metadata"]
        # Vectors that stand by were made of the old captions: they go, and are made again.
        changed += [STANDBY] if STANDBY in table.column_names else []
        self._merge(table.select(changed), insert=False)

    def _merge(self, table: pa.Table, insert: bool) -> None:
        dataset = self.handle()
        merge = dataset.merge_insert("image_id").when_matched_update_all()
        if insert:
            merge = merge.when_not_matched_insert_all()
        merge.execute(table)
        self._dataset = dataset

    def overwrite(self, batches: Iterator[Sequence[NewPicture]]) -> None:
        """Replace everything in one version. What the iterator raises leaves the wall as it was."""
        import lance

        dataset = self._dataset
        # Every window is written in this thread, and seen by nobody until all are committed: so
        # whatever stops the work, ctrl-C included, stops it here and not in a thread of Lance's.
        fragments = []
        for rows in batches:
            table = pa.Table.from_batches([to_batch(rows, dataset.schema)])
            fragments += lance.fragment.write_fragments(
                table,
                dataset.uri,
                mode="overwrite",
                enable_stable_row_ids=True,
                data_storage_version=_STORAGE,
            )
        self._dataset = lance.LanceDataset.commit(
            dataset.uri,
            lance.LanceOperation.Overwrite(dataset.schema, fragments),
            read_version=dataset.version,
            enable_stable_row_ids=True,
        )


def _write_empty(uri: str, encoder: EncoderIdentity) -> None:
    import lance

    lance.write_dataset(
        table_schema(encoder).empty_table(),
        uri,
        mode="create",
        enable_stable_row_ids=True,
        data_storage_version=_STORAGE,
    )


def _create_local(folder: Path, encoder: EncoderIdentity) -> None:
    # Made aside and renamed: when several create the same wall, Lance resolves the slower
    # creation as an overwrite of what the faster has added since.
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{uuid.uuid4().hex}"
    _write_empty(str(aside), encoder)
    try:
        aside.rename(_table_uri(str(folder)))
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        if not Path(_table_uri(str(folder))).is_dir():
            raise


def _table_uri(address: str) -> str:
    return f"{address.rstrip('/')}/{_TABLE}.lance"


def _nothing_at(address: str) -> str:
    return f"there is no wall at {address}: make one with `cavewall add SOURCE --wall {address}`"


def _check_local(address: str) -> None:
    """What can be told without importing Lance, for addresses on this machine."""
    if _SCHEME.match(address):
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
