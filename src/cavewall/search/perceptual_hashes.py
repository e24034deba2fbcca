"""The fingerprints of a wall, a derived artefact.

A thumbnail that an older version had is not looked at again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cavewall.index.artifacts import ArtifactStore
from cavewall.index.phash import BITS, phash
from cavewall.storage import Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["PerceptualHashes"]

_ARTEFACT = "fingerprints-1"
_READERS = 4


@dataclass(frozen=True)
class PerceptualHashes:
    """One a row of the table: `keys` of thumbnails (n, 16), `bits` (n, 8), `readable` (n,)."""

    keys: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    readable: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        store: Store,
        version: int,
        rows: int,
        progress: Callable[[float], None] | None = None,
    ) -> Self:
        """Those of a version with so many rows."""
        derived = ArtifactStore(store.address, store.metadata.id)

        def build(folder: Path) -> None:
            older = derived.load_latest(_ARTEFACT, cls.from_folder)
            known = {} if older is None else older._known()
            cls._taken(TableAdmin(store), version, rows, known, progress).to_folder(folder)

        return derived.get(_ARTEFACT, version, build, cls.from_folder)

    def to_folder(self, folder: Path) -> None:
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        return cls(*(np.load(folder / f"{field.name}.npy") for field in fields(cls)))

    def _known(self) -> dict[bytes, bytes | None]:
        rows = zip(self.keys, self.bits, self.readable, strict=True)
        return {key.tobytes(): bits.tobytes() if good else None for key, bits, good in rows}

    @classmethod
    def _taken(
        cls,
        upkeep: TableAdmin,
        version: int,
        rows: int,
        known: dict[bytes, bytes | None],
        progress: Callable[[float], None] | None,
    ) -> Self:
        keys = np.zeros((rows, 16), np.uint8)
        taken = np.zeros((rows, BITS // 8), np.uint8)
        readable = np.zeros(rows, np.bool_)
        at = 0
        with ThreadPoolExecutor(_READERS, "cavewall-look") as readers:
            for batch in upkeep.scan(version, ["thumbnail"]):
                thumbnails: list[bytes | None] = batch.column("thumbnail").to_pylist()
                for key, bits in readers.map(lambda data: _look(data, known), thumbnails):
                    keys[at] = np.frombuffer(key, np.uint8)
                    readable[at] = bits is not None
                    taken[at] = 0 if bits is None else np.frombuffer(bits, np.uint8)
                    at += 1
                if progress is not None:
                    progress(at / rows)
        return cls(keys, taken, readable)


def _look(thumbnail: bytes | None, known: dict[bytes, bytes | None]) -> tuple[bytes, bytes | None]:
    data = thumbnail or b""
    key = hashlib.blake2b(data, digest_size=16).digest()
    if key in known:
        return key, known[key]
    bits = phash(data)
    return key, None if bits is None else bits.tobytes()
