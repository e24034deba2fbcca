"""An encoder with a cache of texts in front of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache
from cavewall.encoders.protocol import Encoder, EncoderIdentity

__all__ = ["CachedEncoder"]


class CachedEncoder:
    """Encodes a text only if it is not among the last `most` texts: queries reuse their terms."""

    def __init__(self, encoder: Encoder, most: int = 4096) -> None:
        self._encoder = encoder
        self._most = most
        self._vectors: LRUCache[str, NDArray[np.float32]] = LRUCache(most)

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > self._most:  # the words of a wall, which would displace all queries
            return self._encoder.encode(texts)
        found = {text: self._vectors.lookup(text) for text in texts}
        new = [text for text, vector in found.items() if vector is None]
        if new:
            for text, vector in zip(new, self._encoder.encode(new), strict=True):
                found[text] = self._vectors.put(text, vector)
        rows = [vector for text in texts if (vector := found[text]) is not None]
        return np.stack(rows) if rows else np.empty((0, self.identity.dimension), np.float32)
