"""Tables of Arrow: in memory (pandas, polars, pyarrow …, by Arrow's C stream) and Parquet files.

Parquet files may hold names of files, or their bytes as Hugging Face's data sets have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cavewall._internal.object_store import AnyPath
from cavewall._internal.open_file import opened_file
from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.rows import Row, RowsAsPictures
from cavewall.ingest.sources.source import ImageFolder, Source, not_empty

__all__ = ["is_table", "read_parquet", "read_table"]

# Rows may hold whole pictures.
_BATCH = 64


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
    if _is_list(reader.schema.field(fields.caption).type):
        return Source("table", as_pictures.each(_numbered(reader)), in_files=False, lasting=False)
    kept = list(_numbered(reader))
    return Source("table", as_pictures.grouped(lambda _: kept), in_files=False, lasting=False)


def read_parquet(path: AnyPath, images: AnyPath, columns: Columns, below: str = "") -> Source:
    """The pictures that the rows name or hold, files looked for in `images`.

    Raises:
        SourceError: the file cannot be read, or names no images or captions.
    """
    import pyarrow as pa
    from pyarrow import parquet, types

    try:
        with opened_file(path) as opened, parquet.ParquetFile(opened) as file:
            schema = file.schema_arrow
    except (OSError, pa.ArrowException) as fault:
        raise SourceError(f"{path} cannot be read as Parquet: {fault}") from fault
    fields = columns.among(schema.names, str(path))
    kind = None if fields.image is None else schema.field(fields.image).type
    in_struct = kind is not None and types.is_struct(kind)

    def rows(names: Sequence[str]) -> Iterator[Row]:
        # Of a picture in a struct only its name is read where only its name is asked for.
        named = [f"{name}.path" if in_struct and name == fields.image else name for name in names]
        return _rows(path, named)

    as_pictures = RowsAsPictures(fields, str(path.absolute()), ImageFolder(images), below)
    in_lists = _is_list(schema.field(fields.caption).type)
    found = as_pictures.each(rows(())) if in_lists else as_pictures.grouped(rows)
    in_files = kind is None or types.is_string(kind) or types.is_large_string(kind)
    pictures = not_empty(found, f"{path} has no rows")
    return Source(str(path.resolve()), pictures, in_files=in_files)


def _is_list(kind: Any) -> bool:
    """Whether an Arrow type is that of lists."""
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _numbered(batches: Iterable[Any]) -> Iterator[Row]:
    number = 0
    for batch in batches:
        for values in batch.to_pylist():
            number += 1
            yield Row(f"row {number}", values)


def _rows(path: AnyPath, names: Sequence[str]) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    place = "row 0"
    try:
        with opened_file(path) as opened, parquet.ParquetFile(opened) as file:
            for row in _numbered(file.iter_batches(_BATCH, columns=list(names) or None)):
                place = row.place
                yield row
    except (OSError, pa.ArrowException) as fault:
        raise SourceError(f"{path}, after {place}: {fault}") from fault
