"""A journal of encoded vectors on disk, from which an interrupted run resumes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.files import atomic_file

__all__ = ["Journal"]

_DIGEST = 16


class Journal:
    """Vectors (d,) by the digests of their captions, in files of a folder.

    Files are not kept open: a large wall would exceed the limit of open files.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._kind = np.dtype([("digest", f"V{_DIGEST}"), ("vector", np.float32, (dimension,))])
        self._files: list[Path] = []
        self._locations: dict[bytes, tuple[int, int]] = {}
        for path in sorted(folder.glob("*.npy")):
            part = np.load(path, mmap_mode="r")
            if part.dtype == self._kind:
                self._register(path, part["digest"])

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._locations

    def __len__(self) -> int:
        return len(self._locations)

    def add(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Store the vectors durably."""
        part = np.empty(len(digests), self._kind)
        part["digest"] = np.frombuffer(b"".join(digests), f"V{_DIGEST}")
        part["vector"] = vectors
        path = self._folder / f"{uuid.uuid4().hex}.npy"
        with atomic_file(path) as temporary, temporary.open("wb") as file:
            np.save(file, part)
        self._register(path, part["digest"])

    def vectors(self, digests: Sequence[bytes]) -> NDArray[np.float32]:
        """The vectors of those digests, (n, d)."""
        found = np.empty(len(digests), self._kind["vector"])
        wanted: dict[int, list[tuple[int, int]]] = {}
        for at, digest in enumerate(digests):
            number, row = self._locations[digest]
            wanted.setdefault(number, []).append((at, row))
        for number, pairs in wanted.items():
            positions, rows = np.array(pairs).T
            found[positions] = np.load(self._files[number], mmap_mode="r")["vector"][rows]
        return found

    def _register(self, path: Path, digests: NDArray[np.void]) -> None:
        number = len(self._files)
        self._files.append(path)
        for row, digest in enumerate(digests):
            self._locations.setdefault(bytes(digest), (number, row))
