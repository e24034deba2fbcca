"""Captions to vectors in a thread of its own, while others read and write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, encode_pictures
from cavewall.ingest.jobs import Tally
from cavewall.pictures import Picture

__all__ = ["Encoding", "Vectors"]

# One call's captions: enough for the encoder to fill its batches, few enough to be waited for when
# the work is stopped, and to begin before a window has been read to its end.
_CAPTIONS = 512


class Vectors:
    """Vectors by image_id, some of them still on their way; zero where captions cancel out."""

    def __init__(self) -> None:
        self._parts: list[tuple[list[str], Future[NDArray[np.float32]]]] = []

    def expect(self, image_ids: list[str], part: Future[NDArray[np.float32]]) -> None:
        self._parts.append((image_ids, part))

    def arrived(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Each with its picture, once it is there.

        Raises:
            Exception: what the encoder raised, as it was.
        """
        for image_ids, part in self._parts:
            yield from zip(image_ids, part.result(), strict=True)


class Encoding:
    """Encodes pictures in their order, a part of them at a time.

    Belongs to one thread, as the tally does: only the pure encoding leaves it.
    """

    def __init__(self, encoder: Encoder, tally: Tally) -> None:
        self.encoder = encoder
        self.tally = tally
        self._thread = ThreadPoolExecutor(1, "cavewall-encode")
        self._waiting: list[Picture] = []
        self._captions = 0
        self._vectors = Vectors()
        self._warm = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Whatever stops the work, no more than the call under way is waited for.
        self._thread.shutdown(wait=True, cancel_futures=True)

    def take(self, picture: Picture) -> None:
        """Another picture of the window, encoded as soon as there are enough for one call."""
        self._waiting.append(picture)
        self._captions += len(picture.captions)
        if self._captions >= _CAPTIONS:
            self._start()

    def finish(self) -> Vectors:
        """The vectors of the window's pictures; the next one taken is of the next window."""
        if self._waiting:
            self._start()
        vectors, self._vectors = self._vectors, Vectors()
        return vectors

    def _start(self) -> None:
        if not self._warm:
            # The report's seconds are of work done, not of a model coming off the disk.
            start = time.perf_counter()
            self.encoder.encode(["warm"])
            self.tally.loading += time.perf_counter() - start
            self._warm = True
        image_ids = [picture.image_id for picture in self._waiting]
        captions = [picture.captions for picture in self._waiting]
        self._waiting, self._captions = [], 0
        self._vectors.expect(
            image_ids, self._thread.submit(encode_pictures, captions, self.encoder.encode)
        )
