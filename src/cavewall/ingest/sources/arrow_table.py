"""Tables in memory: whatever speaks Arrow's C stream (pandas, polars, pyarrow …)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cavewall._internal.object_store import AnyPath
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.parquet import is_list
from cavewall.ingest.sources.rows import Row, RowsAsPictures
from cavewall.ingest.sources.source import ImageFolder, Source

__all__ = ["is_table", "read_table"]


def is_table(source: object) -> bool:
    return hasattr(source, "__arrow_c_stream__")


def read_table(source: Any, images: AnyPath | None, columns: Columns) -> Source:
    """Rows as pictures.

    `image_id` or a text `image` is the id; captions are a list, or a text with several rows an
    image; bytes in `image`, or files named by `path`, else by a text `image`; the rest is
    metadata. `columns` says where these are called otherwise.
    """
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(source)
    fields = columns.among(reader.schema.names, "the table")
    folder = ImageFolder(images) if images is not None else None
    as_pictures = RowsAsPictures(fields, "the table", folder)
    if is_list(reader.schema.field(fields.caption).type):
        return Source("table", as_pictures.each(_rows(reader)), in_files=False, lasting=False)
    kept = list(_rows(reader))
    return Source("table", as_pictures.grouped(lambda _: kept), in_files=False, lasting=False)


def _rows(reader: Any) -> Iterator[Row]:
    number = 0
    for batch in reader:
        for values in batch.to_pylist():
            number += 1
            yield Row(f"row {number}", values)
