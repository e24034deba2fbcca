"""Pictures as rows of the table, and rows as pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.object_store import any_path
from cavewall.models import Picture
from cavewall.storage.schema import IMAGE_VECTOR, VECTOR

__all__ = ["NewPicture", "picture_from_row", "to_batch", "utf8", "vector_array"]


@dataclass(frozen=True)
class NewPicture:
    """A picture ready to be stored; size in bytes and time of its file where it has one.

    `vector` is made of its captions, `image_vector` of its pixels; None where there is none.
    """

    picture: Picture
    vector: NDArray[np.float32] | None
    file_size: int | None = None
    file_modified_ns: int | None = None
    image_vector: NDArray[np.float32] | None = None


def to_batch(rows: Sequence[NewPicture], schema: pa.Schema) -> pa.RecordBatch:
    """The rows as a batch of the table."""
    import lance

    pictures = [row.picture for row in rows]
    columns: dict[str, Any] = {
        "image_id": [picture.image_id for picture in pictures],
        "captions": [list(picture.captions) for picture in pictures],
        "thumbnail": [picture.thumbnail for picture in pictures],
        "path": [None if picture.path is None else utf8(str(picture.path)) for picture in pictures],
        "width": [picture.width for picture in pictures],
        "height": [picture.height for picture in pictures],
        "sha256": [picture.sha256 for picture in pictures],
        "file_size": [row.file_size for row in rows],
        "file_modified_ns": [row.file_modified_ns for row in rows],
        "source": [utf8(picture.source or "") for picture in pictures],
        "metadata": [_to_json(picture.metadata) for picture in pictures],
        "added_at": [picture.added_at for picture in pictures],
    }
    arrays = []
    for field in schema:
        if field.name == "image":
            arrays.append(lance.blob_array([picture.image for picture in pictures]))
        elif field.name == VECTOR:
            arrays.append(vector_array([row.vector for row in rows], field.type))
        elif field.name == IMAGE_VECTOR:
            arrays.append(vector_array([row.image_vector for row in rows], field.type))
        elif field.name in columns:
            arrays.append(pa.array(columns[field.name], field.type))
        else:
            # Pending vectors, or a column that the owner of the table has added.
            arrays.append(pa.nulls(len(rows), field.type))
    return pa.record_batch(arrays, schema=schema)


def vector_array(
    vectors: Sequence[NDArray[np.float32] | None], kind: pa.DataType
) -> pa.FixedSizeListArray:
    """Vectors (d,) as a column of that type, None as null."""
    flat = np.zeros((len(vectors), kind.list_size), np.float32)
    lacking = np.ones(len(vectors), np.bool_)
    for at, vector in enumerate(vectors):
        if vector is not None:
            flat[at], lacking[at] = vector, False
    mask = pa.array(lacking) if lacking.any() else None
    return pa.FixedSizeListArray.from_arrays(flat.ravel(), type=kind, mask=mask)


def _to_json(metadata: Mapping[Any, Any]) -> str:
    try:
        return json.dumps(dict(metadata), default=str)
    except (TypeError, ValueError):
        # Keys that JSON cannot have, or a value that contains itself: kept as text.
        return json.dumps({str(key): str(value) for key, value in metadata.items()})


def utf8(name: str) -> str:
    """A name as valid Unicode: undecodable bytes of a file name become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def picture_from_row(row: dict[str, Any], image: bytes | None = None) -> Picture:
    """The picture that a row of the table holds."""
    return Picture(
        image_id=row["image_id"],
        captions=tuple(row["captions"] or ()),
        path=None if row["path"] is None else any_path(row["path"]),
        image=image,
        metadata=json.loads(row["metadata"] or "{}"),
        source=row["source"],
        width=row["width"],
        height=row["height"],
        sha256=row["sha256"],
        thumbnail=row["thumbnail"],
        added_at=row["added_at"],
    )
