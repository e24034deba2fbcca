"""Computing image vectors for the pictures of a wall, in batches, while it is searched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.images import MAX_BYTES, UnreadableImageError, decode, digest
from cavewall._internal.open_file import read_at_most
from cavewall._internal.progress import CountProgress
from cavewall.encoders import ImageEncoder
from cavewall.errors import InputError
from cavewall.storage import ImageVectors, MissingImageVectors, Store
from cavewall.storage.locks import raise_on_disk_full

__all__ = ["ImageEmbeddingReport", "discard", "embed_images"]


_WINDOW = 256
_READERS = 4


@dataclass(frozen=True)
class ImageEmbeddingReport:
    """The number of pictures that got an image vector; `unseen` are those that cannot be read."""

    encoder: str
    pictures: int
    unseen: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "unseen": list(self.unseen)}


def embed_images(
    store: Store, encoder: ImageEncoder, progress: CountProgress | None = None
) -> ImageEmbeddingReport:
    """Compute the missing image vectors; an interrupted run is resumed.

    Raises:
        InputError: the image space is of another encoder, or the wall is an attached table.
        DiskSpaceError: the disk is full. Encoded vectors are kept.
    """
    space = ImageVectors(store)
    if store.metadata.image is None:
        space.make(encoder.identity)
    elif not encoder.identity.same_vectors_as(store.metadata.image):
        raise InputError(
            f"the image space of the wall {store.address} is {store.metadata.image}'s, and not "
            f"{encoder.identity}'s: drop it first, with cavewall reencode --space image --discard"
        )
    waiting = space.unseen()
    done = filled = 0
    unseen: list[str] = []
    for window, prepared in _prepared(space, waiting, encoder):
        readable = [at for at, pixels in enumerate(prepared) if pixels is not None]
        unseen += [
            each.image_id for each, pixels in zip(window, prepared, strict=True) if pixels is None
        ]
        if readable:
            vectors = encoder.encode_images([each for each in prepared if each is not None])
            with raise_on_disk_full(store.address):
                filled += space.fill([window[at] for at in readable], vectors)
        done += len(window)
        if progress is not None:
            progress(done, len(waiting))
    return ImageEmbeddingReport(encoder.name, filled, tuple(unseen))


def discard(store: Store) -> None:
    """Drop the image space. Raises InputError if there is none."""
    store.refresh()
    if store.metadata.image is None:
        raise InputError(f"the wall {store.address} has no image space")
    ImageVectors(store).drop()


Prepared = NDArray[np.uint8]


def _prepared(
    space: ImageVectors, waiting: Sequence[MissingImageVectors], encoder: ImageEncoder
) -> Iterator[tuple[Sequence[MissingImageVectors], list[Prepared | None]]]:
    """Batches of preprocessed pictures; the next is read while the previous one is encoded."""
    pool = ThreadPoolExecutor(_READERS, "cavewall-read")

    def reading(window: Sequence[MissingImageVectors]) -> list[Future[Prepared | None]]:
        originals = space.originals(window)
        return [
            pool.submit(_prepare, picture, data, encoder)
            for picture, data in zip(window, originals, strict=True)
        ]

    try:
        windows = [waiting[at : at + _WINDOW] for at in range(0, len(waiting), _WINDOW)]
        next_window = reading(windows[0]) if windows else []
        for window, following in zip(windows, [*windows[1:], []], strict=False):
            ready = [future.result() for future in next_window]
            next_window = reading(following)
            yield window, ready
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare(
    picture: MissingImageVectors, data: bytes | None, encoder: ImageEncoder
) -> Prepared | None:
    """The preprocessed image; None if the bytes are missing or have changed."""
    try:
        if data is None:
            data = b"" if picture.path is None else read_at_most(picture.path, MAX_BYTES)
        if digest(data) != picture.sha256:
            return None
        decoded = decode(data, picture.sha256, encoder.side)
    except (OSError, UnreadableImageError):
        return None
    return None if decoded.picture is None else encoder.prepare(decoded.picture)
