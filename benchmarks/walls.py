"""Walls of any size out of Flickr-8k's captions, kept in build/walls from run to run.

Past the real pictures come these again and again: their captions, and their vectors with noise. No
caption is encoded twice, and rows are written as an `add --overwrite` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from measuring import DATA, ROOT, captions
from numpy.typing import NDArray

import cavewall
from cavewall._internal.images import decode
from cavewall._internal.vectors import mean_directions, normalise
from cavewall.encoders import CachedEncoder, Encoder, resolve
from cavewall.models import Picture
from cavewall.storage import NewPicture, Store

Floats = NDArray[np.float32]

KEPT = ROOT / "build" / "walls"
_NOISE, _ROWS = 0.2, 8192


@dataclass(frozen=True)
class Collection:
    """Real pictures: their captions, unit vectors (n, d), and those of the captions (5 n, d)."""

    said: list[list[str]]
    vectors: Floats
    caption_vectors: Floats

    @classmethod
    def of(cls, most: int | None = None) -> Collection:
        """All pictures of Flickr-8k, or the first ones; encoded in the first run only."""
        said = list(captions().values())[:most]
        path = KEPT / f"captions-{len(said)}.npy"
        if not path.exists():
            KEPT.mkdir(parents=True, exist_ok=True)
            np.save(path, resolve().encode([text for texts in said for text in texts]))
        found = np.load(path)
        return cls(said, mean_directions(found, [len(texts) for texts in said]), found)

    def drawn(self, count: int) -> Iterator[tuple[list[str], Floats]]:
        """So many pictures, the real ones first."""
        random = np.random.default_rng(0)
        for start in range(0, count, _ROWS):
            rows = np.arange(start, min(start + _ROWS, count))
            vectors = self.vectors[rows % len(self.said)]
            noise = random.normal(0, _NOISE / vectors.shape[1] ** 0.5, vectors.shape)
            vectors += np.where(rows < len(self.said), 0, 1)[:, None] * noise.astype(np.float32)
            vectors = normalise(vectors).astype(np.float32)
            for row, vector in zip(rows.tolist(), vectors, strict=True):
                yield self.said[row % len(self.said)], vector


def remembering() -> CachedEncoder:
    """The packaged model, which encodes each text once."""
    return CachedEncoder(resolve(), most=sys.maxsize)


def wall_of(
    collection: Collection, count: int, encoder: Encoder, thumbnails: bool = False
) -> cavewall.Wall:
    """A wall of so many pictures; `thumbnails` are those of the pictures at hand, in turn."""
    name = f"{count}-of-{len(collection.said)}{'-thumbnails' if thumbnails else ''}"
    place = KEPT / name
    done = place / "complete"
    if not done.exists():
        small: list[bytes | None] = list(_thumbnails()) if thumbnails else [None]
        Store.create(str(place), encoder.identity).overwrite(_windows(collection, count, small))
        done.touch()
    return cavewall.open(place, encoder)


def _windows(
    collection: Collection, count: int, thumbnails: list[bytes | None]
) -> Iterator[list[NewPicture]]:
    now, window = datetime.now(UTC), []
    for number, (texts, vector) in enumerate(collection.drawn(count)):
        picture = Picture(
            f"{number:08}.jpg",
            tuple(texts),
            source="drawn",
            thumbnail=thumbnails[number % len(thumbnails)],
            added_at=now,
        )
        window.append(NewPicture(picture, vector))
        if len(window) == 8 * _ROWS:
            yield window
            window = []
    if window:
        yield window


def _thumbnails() -> Iterator[bytes | None]:
    for path in images():
        yield decode(path.read_bytes()).thumbnail


def images() -> list[Path]:
    """The files of the pictures that are at hand."""
    return sorted((DATA / "Images").iterdir())
