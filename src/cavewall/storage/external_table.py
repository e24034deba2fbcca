"""Someone else's LanceDB table, searched where it is: nothing of it is copied or changed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from pyarrow import types

from cavewall._internal.images import UnreadableImageError, decode
from cavewall._internal.object_store import any_path
from cavewall.errors import InputError
from cavewall.models import Picture
from cavewall.storage.existing_rows import ExistingRows
from cavewall.storage.expired_versions import raise_if_expired, scan_batches
from cavewall.storage.external_config import ExternalTableConfig, check_vector, open_dataset
from cavewall.storage.row_details import Details
from cavewall.storage.schema import VECTOR, WallMetadata
from cavewall.storage.snapshot import Snapshot
from cavewall.storage.sql import sql_column
from cavewall.storage.table import Store
from cavewall.storage.table_reader import TableReader, scan_vectors

__all__ = ["ExternalStore"]

_ROWS = 8192
# Foreign tables often have no thumbnails: at most this many are computed for one request.
_MOST_THUMBNAILS = 100


class ExternalStore(Store):
    """A store to read, over a table with any columns that include vectors."""

    def __init__(self, address: str, adoption: ExternalTableConfig) -> None:
        self.address = address
        self.adoption = adoption
        self.metadata = WallMetadata(adoption.format, adoption.id, adoption.encoder)
        self._dataset = open_dataset(adoption.table)
        self.columns = adoption.columns
        check_vector(self._dataset.schema, self.columns.vector)

    @classmethod
    def open(cls, address: str) -> ExternalStore:
        return cls(address, ExternalTableConfig.from_folder(Path(address)))

    def handle(self) -> Any:
        """Refused: every write and every check of a wall starts with a handle."""
        raise InputError(
            f"the wall {self.address} is an adopted table, which Cavewall searches and never "
            f"changes: for all else use LanceDB on {self.adoption.table}, or add its pictures to a "
            "new wall"
        )

    def existing_rows(self, image_ids: Sequence[str] | None = None) -> ExistingRows:
        """Refused: this is what an `add` starts with."""
        return cast("ExistingRows", self.handle())

    def refresh(self) -> int:
        if self._dataset.latest_version != self._dataset.version:
            self._dataset = open_dataset(self.adoption.table)
        return self.version

    def _check_vectors(self, newer: TableReader) -> None:
        """Check the column only: the encoder is named in the config, not in the table."""
        check_vector(self._dataset.schema, self.columns.vector)

    def count_without_image(self) -> int:
        columns = [name for name in (self.columns.image, self.columns.path) if name is not None]
        if not columns:
            return self.count()
        return self.count(" AND ".join(f"{sql_column(name)} IS NULL" for name in columns))

    def count_without_captions(self) -> int:
        name = self.columns.captions
        if name is None:
            return self.count()
        column = sql_column(name)
        kind = self._dataset.schema.field(name).type
        is_text = types.is_string(kind) or types.is_large_string(kind)
        empty = f"{column} = ''" if is_text else f"array_length({column}) = 0"
        return self.count(f"{column} IS NULL OR {empty}")

    def snapshot(self, version: int | None = None, column: str = VECTOR) -> Snapshot:
        dataset = self._dataset if version is None else self._at(version)
        ids, vectors = scan_vectors(dataset, self.columns.vector, self.columns.image_id)
        found = Snapshot.from_table(int(dataset.version), ids, vectors)
        lengths = np.linalg.norm(found.vectors, axis=1, keepdims=True)
        return Snapshot(found.version, found.ids, found.vectors / lengths, found.rows)

    def details(self, version: int) -> Details:
        captions = [_captions(said) for said in self._column(version, self.columns.captions)]
        paths = self._column(version, self.columns.path)
        unknown = pa.nulls(len(paths), pa.int32())
        return Details.from_table(
            pa.table(
                {
                    "captions": captions,
                    "path": paths,
                    "width": unknown,
                    "height": unknown,
                    "source": [self.adoption.table] * len(paths),
                }
            )
        )

    def _column(self, version: int, name: str | None) -> list[Any]:
        dataset = self._at(version)
        if name is None:
            return [None] * int(dataset.count_rows())
        scanner = dataset.scanner(columns=[name], batch_size=_ROWS)
        return [
            value
            for batch in scan_batches(version, scanner.to_batches)
            for value in batch.column(0).to_pylist()
        ]

    def take(
        self, version: int, positions: Sequence[int], columns: list[str]
    ) -> list[dict[str, Any]]:
        dataset = self._at(version)
        names = {part: getattr(self.columns, part, None) for part in columns}
        wanted = sorted({name for name in names.values() if name is not None})
        places = [int(at) for at in positions]
        with raise_if_expired(version):
            table = (
                dataset.take(places, columns=wanted).to_pylist() if wanted else [{}] * len(places)
            )
        rows = [
            {part: None if name is None else row[name] for part, name in names.items()}
            for row in table
        ]
        for place, row in zip(places, rows, strict=True):
            if "image_id" in row:
                row["image_id"] = str(place) if row["image_id"] is None else str(row["image_id"])
            if "captions" in row:
                row["captions"] = _captions(row["captions"])
        if "thumbnail" in columns and self.columns.thumbnail is None:
            self._add_thumbnails(dataset, places[:_MOST_THUMBNAILS], rows)
        return rows

    def picture(self, version: int, position: int, with_image: bool = True) -> Picture:
        (row,) = self.take(version, [position], ["image_id", "captions", "path", "thumbnail"])
        image = self._images(self._at(version), [position])[0] if with_image else None
        return Picture(
            row["image_id"],
            tuple(row["captions"]),
            None if row["path"] is None else any_path(str(row["path"])),
            image,
            source=self.adoption.table,
            thumbnail=row["thumbnail"],
        )

    def _aliases(self) -> dict[str, str]:
        parts = {part: getattr(self.columns, part) for part in ("image_id", "captions", "path")}
        parts["caption"] = self.columns.captions
        return {part: name for part, name in parts.items() if name is not None}

    def _add_thumbnails(self, dataset: Any, places: list[int], rows: list[dict[str, Any]]) -> None:
        for row, image in zip(rows, self._images(dataset, places), strict=False):
            with suppress(UnreadableImageError):
                row["thumbnail"] = None if image is None else decode(image).thumbnail

    def _images(self, dataset: Any, places: list[int]) -> list[bytes | None]:
        name = self.columns.image
        if name is None:
            return [None] * len(places)
        if isinstance(dataset.schema.field(name).type, pa.BaseExtensionType):
            blobs = dataset.take_blobs(name, indices=places)
            return [None if blob is None else blob.readall() for blob in blobs]
        images: list[bytes | None] = dataset.take(places, columns=[name]).column(0).to_pylist()
        return images


def _captions(said: Any) -> list[str]:
    if said is None:
        return []
    texts = [said] if isinstance(said, str) else said
    return [str(text) for text in texts if text is not None and str(text).strip()]
