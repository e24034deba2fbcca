"""Encoding captions and pictures in one thread, while other threads read and write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, ImageEncoder, encode_captions
from cavewall.ingest.pending import IngestStats
from cavewall.models import Picture

__all__ = ["EncodeStage", "Encoded", "PendingVectors"]

T = TypeVar("T")
Prepared = NDArray[np.uint8]

# One call's captions, or pictures: enough for the encoder to fill its batches, few enough to be
# waited for when the work is stopped, and to begin before a window has been read to its end.
_CAPTIONS, _IMAGES = 512, 128


class PendingVectors:
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


class Encoded(NamedTuple):
    """What a window's pictures say, and what they show."""

    captions: PendingVectors
    images: PendingVectors


class _Calls(Generic[T]):
    """Gathers what is to be encoded, and hands it to the thread once it is worth a call."""

    def __init__(
        self, thread: ThreadPoolExecutor, enough: int, encode: Callable[[list[T]], Any]
    ) -> None:
        self._thread = thread
        self._enough = enough
        self._encode = encode
        self._image_ids: list[str] = []
        self._items: list[T] = []
        self._size = 0
        self._vectors = PendingVectors()

    def take(self, image_id: str, item: T, size: int = 1) -> None:
        self._image_ids.append(image_id)
        self._items.append(item)
        self._size += size
        if self._size >= self._enough:
            self._start()

    def finish(self) -> PendingVectors:
        if self._items:
            self._start()
        vectors, self._vectors = self._vectors, PendingVectors()
        return vectors

    def _start(self) -> None:
        image_ids, items = self._image_ids, self._items
        self._image_ids, self._items, self._size = [], [], 0
        self._vectors.expect(image_ids, self._thread.submit(self._encode, items))


class EncodeStage:
    """Encodes pictures in their order, a part of them at a time.

    Belongs to one thread, as the tally does: only the pure encoding leaves it.
    """

    def __init__(
        self, encoder: Encoder, tally: IngestStats, image_encoder: ImageEncoder | None = None
    ) -> None:
        self.encoder = encoder
        self.image_encoder = image_encoder
        self.tally = tally
        self._thread = ThreadPoolExecutor(1, "cavewall-encode")
        self._captions: _Calls[tuple[str, ...]] = _Calls(
            self._thread, _CAPTIONS, lambda captions: encode_captions(captions, encoder.encode)
        )
        self._images: _Calls[Prepared] = _Calls(self._thread, _IMAGES, self._encode_images)
        self._reads = self._sees = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # On an error or interrupt, wait for the running call only.
        self._thread.shutdown(wait=True, cancel_futures=True)

    def submit(self, picture: Picture) -> None:
        """The captions of another picture, encoded as soon as there are enough for one call."""
        if not self._reads:
            self._reads = True
            self._timed(lambda: self.encoder.encode(["warm"]))
        self._captions.take(picture.image_id, picture.captions, len(picture.captions))

    def see(self, image_id: str, prepared: Prepared) -> None:
        """What another picture shows, in the same way."""
        self.ready_to_see()
        self._images.take(image_id, prepared)

    def ready_to_see(self) -> None:
        """Have the image encoder loaded: whoever prepares pictures for it would wait for that."""
        if not self._sees:
            self._sees = True
            self._timed(self._warm_up)

    def finish(self) -> Encoded:
        """The vectors of the window's pictures; the next one taken is of the next window."""
        return Encoded(self._captions.finish(), self._images.finish())

    @property
    def _loaded_image_encoder(self) -> ImageEncoder:
        assert self.image_encoder is not None
        return self.image_encoder

    def _encode_images(self, images: list[Prepared]) -> NDArray[np.float32]:
        return self._loaded_image_encoder.encode_images(images)

    def _warm_up(self) -> None:
        from PIL import Image

        self._loaded_image_encoder.encode_images(
            [self._loaded_image_encoder.prepare(Image.new("RGB", (1, 1)))]
        )

    def _timed(self, load: Callable[[], object]) -> None:
        # The report's seconds do not include loading the model.
        start = time.perf_counter()
        load()
        self.tally.loading += time.perf_counter() - start
