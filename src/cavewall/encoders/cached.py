"""An encoder that remembers the texts it was asked for last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders.protocol import Encoder, EncoderIdentity

__all__ = ["CachedEncoder"]


class CachedEncoder:
    """Encodes only what is not among the last `most` texts: people reuse the terms of a query."""

    def __init__(self, encoder: Encoder, most: int = 4096) -> None:
        self._encoder = encoder
        self._most = most
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        with self._lock:
            new = list(dict.fromkeys(text for text in texts if text not in self._known))
        fresh = dict(zip(new, self._encoder.encode(new), strict=True)) if new else {}
        with self._lock:
            self._known.update(fresh)
            rows = []
            for text in texts:
                vector = fresh[text] if text in fresh else self._known.get(text)
                if vector is None:  # forgotten meanwhile, for another thread's texts
                    return self._encoder.encode(texts)
                rows.append(vector)
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        if not rows:
            return np.empty((0, self.identity.dimension), np.float32)
        return np.stack(rows)
