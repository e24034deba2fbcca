"""The image space of a wall: vectors of the pixels, in the column `image_vector`.

They are written batch by batch: an interrupted run resumes with the pictures that have none yet,
which a search ranks by their captions meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.object_store import AnyPath, any_path
from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import EncoderMismatchError
from cavewall.storage.row_updates import rewrite_columns
from cavewall.storage.rows import vector_array
from cavewall.storage.schema import IMAGE_VECTOR, vector_field
from cavewall.storage.table import Store

__all__ = ["ImageVectors", "MissingImageVectors"]

# Pictures without bytes or file cannot be encoded.
_LACKING = f"{IMAGE_VECTOR} IS NULL AND sha256 IS NOT NULL"


@dataclass(frozen=True)
class MissingImageVectors:
    """A picture that has no image vector yet; `path` is its file where the wall has no bytes."""

    image_id: str
    sha256: str
    path: AnyPath | None
    row_id: int
    address: int


class ImageVectors:
    """The column of image vectors: added, filled, dropped."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, encoder: EncoderIdentity) -> None:
        """Add the column, empty."""
        with self._store.write_lock():
            dataset = self._store.handle()
            if IMAGE_VECTOR not in dataset.schema.names:
                dataset.add_columns(pa.schema([vector_field(IMAGE_VECTOR, encoder)]))
        self._store.refresh()

    def drop(self) -> None:
        """Drop the column."""
        with self._store.write_lock():
            self._store.handle().drop_columns([IMAGE_VECTOR])
        self._store.refresh()

    def lacking(self) -> int:
        """How many pictures could have an image vector and have none."""
        return self._store.count(_LACKING)

    def unseen(self) -> list[MissingImageVectors]:
        """Those pictures, in the order of the table."""
        rows = self._store.handle().to_table(
            columns=["image_id", "sha256", "path", "image"],
            filter=_LACKING,
            with_row_id=True,
            with_row_address=True,
        )
        stored = rows.column("image").is_valid().to_pylist()
        columns = (rows.column(name).to_pylist() for name in ("image_id", "sha256", "path"))
        places = (rows.column(name).to_pylist() for name in ("_rowid", "_rowaddr"))
        return [
            MissingImageVectors(
                image_id, sha256, None if has or path is None else any_path(path), row, address
            )
            for image_id, sha256, path, row, address, has in zip(
                *columns, *places, stored, strict=True
            )
        ]

    def originals(self, pictures: Sequence[MissingImageVectors]) -> Iterator[bytes | None]:
        """The stored bytes of each, None where only the file has them."""
        dataset = self._store.handle()
        for picture in pictures:
            (blob,) = dataset.take_blobs("image", ids=[picture.row_id])
            yield None if blob is None else blob.readall()

    def fill(self, pictures: Sequence[MissingImageVectors], vectors: NDArray[np.float32]) -> int:
        """Write the vectors (n, d) of pictures, in one version; returns how many were written.

        Pictures that were removed or replaced since `unseen` are skipped.

        Raises:
            EncoderMismatchError: the image space now has another encoder.
        """
        made = self._store.metadata.image
        with self._store.write_lock():
            self._store.refresh()
            now = self._store.metadata.image
            if made is None or now is None or not now.same_vectors_as(made):
                raise EncoderMismatchError(
                    f"the image space of the wall {self._store.address} was changed meanwhile: "
                    "run the same command again"
                )
            dataset = self._store.handle()
            there = _unchanged(dataset, pictures)
            kept = [at for at, picture in enumerate(pictures) if picture.row_id in there]
            if kept:
                kind = dataset.schema.field(IMAGE_VECTOR).type
                changes = pa.table(
                    {
                        "_rowid": pa.array([pictures[at].row_id for at in kept], pa.uint64()),
                        IMAGE_VECTOR: vector_array([vectors[at] for at in kept], kind),
                    }
                )
                rewrite_columns(dataset, changes, [there[pictures[at].row_id] for at in kept])
        self._store.refresh()
        return len(kept)


def _unchanged(dataset: Any, pictures: Sequence[MissingImageVectors]) -> dict[int, int]:
    """Row addresses by row id, of the rows that still hold the same bytes."""
    wanted = {picture.row_id: picture.sha256 for picture in pictures}
    listed = ", ".join(map(str, wanted))
    rows = dataset.to_table(
        columns=["sha256"],
        filter=f"_rowid IN ({listed})",
        with_row_id=True,
        with_row_address=True,
    )
    return {
        row: address
        for row, address, sha256 in zip(
            rows.column("_rowid").to_pylist(),
            rows.column("_rowaddr").to_pylist(),
            rows.column("sha256").to_pylist(),
            strict=True,
        )
        if wanted[row] == sha256
    }
