"""Tables in memory: whatever speaks Arrow's C stream (pandas, polars, pyarrow …)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cavewall.errors import SourceError
from cavewall.pictures import Picture, Reject
from cavewall.sources.source import ImageFolder, Source

__all__ = ["is_table", "read_table"]

_OWN = ("image_id", "image", "path", "caption", "captions")


def is_table(source: object) -> bool:
    return hasattr(source, "__arrow_c_stream__")


def read_table(source: Any, images: Path | None) -> Source:
    """Rows as pictures.

    Columns: `image_id` (or a text `image`) is the id; `captions` a list, or either a text with
    several rows a picture; bytes in `image`, or files named by `path`, else by a text `image`;
    the rest is metadata.
    """
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(source)
    names = set(reader.schema.names)
    if not names & {"image_id", "image"}:
        raise SourceError(f"the table has no column image_id or image, only {sorted(names)}")
    if not names & {"caption", "captions"}:
        raise SourceError(f"the table has no column caption or captions, only {sorted(names)}")
    folder = ImageFolder(images) if images is not None else None
    rows = (row for batch in reader for row in batch.to_pylist())
    pictures = (_picture(row, folder) for row in rows)
    whole = "captions" in names and _is_list(reader.schema.field("captions").type)
    return Source("table", pictures if whole else list(_grouped(pictures)), in_files=False)


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _picture(row: Mapping[str, Any], folder: ImageFolder | None) -> Picture | Reject:
    image = row.get("image")
    image_id = row.get("image_id")
    if image_id is None:
        image_id = image if isinstance(image, str) else ""
    name = row.get("path") or (image if isinstance(image, str) else None)
    captions = row["captions"] if "captions" in row else row["caption"]
    if not isinstance(captions, list):
        captions = [captions]
    path = Path(name) if name else None
    if name and folder is not None:
        path = folder.locate(str(name))
        if path is None:
            return Reject(str(image_id), f"outside: the path leads out of {folder.folder}")
    return Picture(
        str(image_id),
        tuple("" if caption is None else str(caption) for caption in captions),
        path,
        bytes(image) if isinstance(image, bytes | bytearray) else None,
        {key: value for key, value in row.items() if key not in _OWN},
    )


def _grouped(pictures: Iterable[Picture | Reject]) -> Iterator[Picture | Reject]:
    found: dict[str, Picture] = {}
    for picture in pictures:
        if isinstance(picture, Reject):
            yield picture
            continue
        first = found.get(picture.image_id)
        found[picture.image_id] = (
            replace(first, captions=first.captions + picture.captions) if first else picture
        )
    yield from found.values()
