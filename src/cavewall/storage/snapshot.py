"""The vectors of one version of a wall, in memory or mapped from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.files import memory_map, memory_map_table, write_table
from cavewall.errors import UnknownPictureError

__all__ = ["Snapshot"]

_VECTORS, _IDS, _ROWS = "vectors.npy", "ids.arrow", "rows.npy"


@dataclass(frozen=True)
class Snapshot:
    """The vectors of one version: `vectors` float32 (n, d), unit rows, in the order of `ids`.

    `rows` are their places in the table where some pictures of it have no usable vector, None
    where all have one.
    """

    version: int
    ids: pa.Array
    vectors: NDArray[np.float32]
    rows: NDArray[np.int64] | None = None

    @classmethod
    def from_table(cls, version: int, ids: pa.Array, vectors: NDArray[np.float32]) -> Snapshot:
        """A table's vectors, without those that have no direction (zero or not finite)."""
        with np.errstate(invalid="ignore", over="ignore"):
            lengths = np.einsum("nd,nd->n", vectors, vectors)
        usable = np.isfinite(lengths) & (lengths > 0)
        if usable.all():
            return cls(version, ids, vectors)
        rows = np.flatnonzero(usable)
        return cls(version, ids.take(pa.array(rows)), vectors[rows], rows.astype(np.int64))

    def rows_of(self, positions: Sequence[int]) -> list[int]:
        """The rows in the table of the pictures at those positions."""
        return [int(at if self.rows is None else self.rows[at]) for at in positions]

    def ids_digest(self, count: int) -> bytes:
        """Sixteen bytes that change when one of the first `count` ids does."""
        ids = self.ids.slice(0, count)
        _, offsets, data = ids.buffers()
        ends = np.frombuffer(offsets, np.int32)[ids.offset : ids.offset + len(ids) + 1]
        digest = hashlib.blake2b((ends - ends[0]).tobytes(), digest_size=16)
        digest.update(memoryview(data)[int(ends[0]) : int(ends[-1])] if data else b"")
        return digest.digest()

    def position(self, image_id: str) -> int:
        """The row of that picture. Raises UnknownPictureError."""
        found = self._index(image_id)
        if found < 0:
            raise UnknownPictureError(f"there is no picture {image_id!r} on this wall")
        return found

    def holds(self, image_id: str) -> bool:
        """Whether it has that picture."""
        return self._index(image_id) >= 0

    def _index(self, image_id: str) -> int:
        return int(pc.index(self.ids, pa.scalar(image_id, self.ids.type)).as_py())

    def to_folder(self, folder: Path) -> None:
        """Write it as files that `from_folder` maps."""
        np.save(folder / _VECTORS, self.vectors)
        if self.rows is not None:
            np.save(folder / _ROWS, self.rows)
        write_table(folder / _IDS, pa.table({"image_id": self.ids}))

    @classmethod
    def from_folder(cls, folder: Path, version: int) -> Snapshot:
        """Map what `to_folder` wrote: pages come off the disk as they are used."""
        vectors = memory_map(folder / _VECTORS)
        ids = memory_map_table(folder / _IDS).column("image_id").combine_chunks()
        rows = np.load(folder / _ROWS) if (folder / _ROWS).exists() else None
        return cls(version, ids, vectors, rows)
