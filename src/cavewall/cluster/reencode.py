"""Captions to the vectors of another model, by the workers of a cluster.

The vectors come back to the driver, whose journal outlives it, and which alone knows what others
have added meanwhile. A picture's are some hundred floats: its captions took far longer to encode.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.connect import connected, seats
from cavewall.cluster.encoder_ref import EncoderRef, carried
from cavewall.encoders import Encoder
from cavewall.maintenance.reencode import Encoding, MissingVectors, vectors_of

__all__ = ["CaptionEncoder", "encoding_on_ray"]


class CaptionEncoder:
    """A worker that encodes the captions of pictures."""

    def ready(self, made_of: EncoderRef[Encoder]) -> float:
        """Load the model; the seconds that took."""
        start = time.perf_counter()
        self._encoder = made_of.arrived()
        self._encoder.encode(["warm"])
        return time.perf_counter() - start

    def do(self, captions: list[list[str]]) -> NDArray[np.float32]:
        """A vector for each picture, (n, d)."""
        return vectors_of(captions, self._encoder)


def encoding_on_ray(encoder: Encoder, address: str | None) -> Encoding:
    """What encodes windows of pictures by the workers of a cluster: see `connected`."""

    def encoding(
        windows: Iterable[MissingVectors],
    ) -> Iterator[tuple[MissingVectors, NDArray[np.float32]]]:
        calls = (TaskCall(window, (list(window.captions.values()),)) for window in windows)
        with (
            connected(address) as ray,
            ActorPool[MissingVectors](ray, CaptionEncoder, carried(encoder), seats(ray)) as crew,
        ):
            yield from crew.work(calls)

    return encoding
