"""Export of a wall to Parquet or CSV, or with a map for Embedding Atlas.

Rows are streamed in batches into a temporary file that is renamed at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.files import atomic_file
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import InputError
from cavewall.index.pca import Pca2D
from cavewall.storage import VECTOR, Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["export"]

_BATCH = 1024
_CSV_COLUMNS = ["image_id", "captions", "path", "width", "height", "sha256", "source", "metadata"]
_CSV_COLUMNS += ["added_at"]
# Spreadsheets read these as the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ATLAS = pa.schema(
    [
        pa.field("image_id", pa.string()),
        pa.field("text", pa.string()),
        pa.field("image", pa.struct([pa.field("bytes", pa.binary())])),
        pa.field("x", pa.float32()),
        pa.field("y", pa.float32()),
        pa.field("path", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("source", pa.string()),
    ]
)


def export(store: Store, path: Path, *, atlas: bool = False) -> int:
    """Write the newest version to a `.parquet` or `.csv` file; returns the number of pictures.

    Parquet has all columns except `image` and `thumbnail`; CSV has no vectors either. With `atlas`
    it is a Parquet with `text`, `image` (thumbnails) and a map: `x`, `y` are the first two
    principal components of the vectors.

    Raises:
        InputError: another suffix, or the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".parquet", ".csv") or (atlas and kind == ".csv"):
        allowed = ".parquet" if atlas else ".parquet or .csv"
        raise InputError(f"{path}: the name says what to write, and has to end in {allowed}")
    admin, version = TableAdmin(store), store.refresh()
    write = _write_atlas if atlas else _write_csv if kind == ".csv" else _write_parquet
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder: give the name of a file")
        with atomic_file(path) as file:
            # Fail before reading if the folder is not writable.
            file.touch(exist_ok=False)
            return write(admin, version, file)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {os_error_text(fault)}") from fault


def _write_parquet(admin: TableAdmin, version: int, file: Path) -> int:
    columns = [field for field in admin.schema() if field.name not in ("image", "thumbnail")]
    schema = pa.schema([_plain(field) for field in columns])
    batches = admin.scan(version, schema.names, _BATCH)
    return _to_parquet(file, schema, (batch.columns for batch in batches))


def _plain(field: pa.Field) -> pa.Field:
    """The field with Lance's JSON as text, and without Lance's metadata."""
    kind = field.type
    return pa.field(field.name, pa.string() if isinstance(kind, pa.JsonType) else kind)


def _write_csv(admin: TableAdmin, version: int, file: Path) -> int:
    count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_CSV_COLUMNS)
        for batch in admin.scan(version, _CSV_COLUMNS, _BATCH):
            for row in batch.to_pylist():
                writer.writerow([_cell(row[name]) for name in _CSV_COLUMNS])
            count += batch.num_rows
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        text = " | ".join(value)
    else:
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_atlas(admin: TableAdmin, version: int, file: Path) -> int:
    project = _projection(admin, version)
    plain = ["path", "width", "height", "source"]

    def columns() -> Iterator[list[Any]]:
        wanted = ["image_id", "captions", "thumbnail", VECTOR, *plain]
        for batch in admin.scan(version, wanted, _BATCH):
            texts = ["\n".join(captions or ()) for captions in batch.column("captions").to_pylist()]
            thumbnails = batch.column("thumbnail")
            images = pa.StructArray.from_arrays([thumbnails], ["bytes"], mask=thumbnails.is_null())
            x, y = project(batch.column(VECTOR))
            columns = [batch.column(name) for name in plain]
            yield [batch.column("image_id"), pa.array(texts, pa.string()), images, x, y, *columns]

    return _to_parquet(file, _ATLAS, columns())


def _projection(admin: TableAdmin, version: int) -> Callable[[pa.Array], tuple[pa.Array, pa.Array]]:
    """A function from vectors to map coordinates, null where there is no vector."""
    projection = Pca2D.of_batches(
        _usable(batch.column(VECTOR))[1] for batch in admin.scan(version, [VECTOR], _BATCH)
    )

    def project(vectors: pa.Array) -> tuple[pa.Array, pa.Array]:
        there, found = _usable(vectors)
        points = np.full((len(vectors), 2), np.nan, np.float32)
        points[there] = projection.places(found)
        x, y = (pa.array(points[:, axis], mask=~there) for axis in (0, 1))
        return x, y

    return project


def _usable(vectors: pa.Array) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """The mask of rows with a finite vector, and those vectors."""
    there = vectors.is_valid().to_numpy(zero_copy_only=False).copy()
    flat = vectors.drop_null().flatten().to_numpy(zero_copy_only=False)
    found = flat.reshape(-1, vectors.type.list_size)
    finite = np.isfinite(found).all(axis=1)
    there[there] = finite
    return there, found[finite]


def _to_parquet(file: Path, schema: pa.Schema, batches: Iterator[list[Any]]) -> int:
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for columns in batches:
            table = pa.table(
                [
                    column.cast(field.type) if column.type != field.type else column
                    for column, field in zip(columns, schema, strict=True)
                ],
                schema=schema,
            )
            writer.write_table(table)
            count += table.num_rows
    return count
