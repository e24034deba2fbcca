"""What a picture looks like, in 64 bits: the perceptual hash of its thumbnail.

The fingerprints of a wall are a derived artefact; a thumbnail that an older version had is not
looked at again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

from cavewall.derived import Derived
from cavewall.store import Store
from cavewall.store.upkeep import Upkeep

__all__ = ["BITS", "Fingerprints", "fingerprint"]

BITS = 64
_ARTEFACT = "fingerprints-1"
_READERS = 4
_SIDE, _KEPT = 32, 8


def fingerprint(thumbnail: bytes) -> NDArray[np.uint8] | None:
    """The eight bytes of a thumbnail; None where it cannot be read or is of one colour.

    Which of the 64 slowest waves of the grey picture are stronger than their median ("pHash",
    http://www.phash.org; the same bits as `imagehash.phash`). A picture of one colour has no
    waves: its bits would be noise.
    """
    try:
        with Image.open(io.BytesIO(thumbnail)) as picture:
            picture.draft("L", (2 * _SIDE, 2 * _SIDE))
            grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    except Exception:  # decoders of hostile bytes raise anything
        return None
    waves = dctn(np.asarray(grey, np.float64), norm="ortho")[:_KEPT, :_KEPT]
    if np.abs(waves.ravel()[1:]).max() < 1.0:
        return None
    return np.packbits(waves > np.median(waves))


@dataclass(frozen=True)
class Fingerprints:
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
        derived = Derived(store.address, store.metadata.id)

        def build(folder: Path) -> None:
            older = derived.newest(_ARTEFACT, cls.from_folder)
            known = {} if older is None else older._known()
            cls._taken(Upkeep(store), version, rows, known, progress).to_folder(folder)

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
        upkeep: Upkeep,
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
    bits = fingerprint(data)
    return key, None if bits is None else bits.tobytes()
