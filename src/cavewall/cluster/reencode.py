"""Re-encoding captions on a cluster.

The vectors are returned to the driver, which journals them and knows the pictures added meanwhile.
Their transfer is cheap: a few hundred floats per picture.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.connect import connected, resources
from cavewall.cluster.encoder_ref import EncoderRef, encoder_ref
from cavewall.encoders import Encoder
from cavewall.maintenance.reencode import BatchEncoder, MissingVectors, vectors_of

__all__ = ["CaptionWorker", "encode_on_ray"]


class CaptionWorker:
    """A worker that encodes the captions of pictures."""

    def ready(self, setup: EncoderRef[Encoder]) -> float:
        """Load the model and return the seconds it took."""
        start = time.perf_counter()
        self._encoder = setup.load()
        self._encoder.encode(["warm"])
        return time.perf_counter() - start

    def do(self, captions: list[list[str]]) -> NDArray[np.float32]:
        """A vector for each picture, (n, d)."""
        return vectors_of(captions, self._encoder)


def encode_on_ray(encoder: Encoder, address: str | None) -> BatchEncoder:
    """A function that encodes batches of captions on a cluster: see `connected`."""

    def encoding(
        windows: Iterable[MissingVectors],
    ) -> Iterator[tuple[MissingVectors, NDArray[np.float32]]]:
        calls = (TaskCall(window, (list(window.captions.values()),)) for window in windows)
        with (
            connected(address) as ray,
            ActorPool[MissingVectors](
                ray, CaptionWorker, encoder_ref(encoder), resources(ray)
            ) as pool,
        ):
            yield from pool.work(calls)

    return encoding
