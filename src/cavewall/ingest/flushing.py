"""The disk takes windows as they are written, while others are read and encoded."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from cavewall.storage import Store

__all__ = ["Flushing"]

# What file systems may be late by in the times of their files.
_GRAIN = 2.0


class Flushing:
    """Flushes in a thread of its own, so that little is left for the flush that ends an `add`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "cavewall-flush")
        self._under_way: Future[None] | None = None
        self._since = time.time() - _GRAIN

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def start(self, store: Store) -> None:
        """Flush what was written since the last time, unless that is still under way."""
        if self._under_way is None or self._under_way.done():
            since, self._since = self._since, time.time() - _GRAIN
            self._under_way = self._thread.submit(store.fsync, since)
