"""Worker threads for requests, with a bounded queue and a time limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from cavewall.server.problems import BusyError, SlowError
from cavewall.server.settings import Limits

__all__ = ["WorkerPool"]

T = TypeVar("T")


class WorkerPool:
    """A bounded thread pool. A timeout answers the client but frees no thread: work that has begun
    runs to its end.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self._threads = ThreadPoolExecutor(limits.at_work, f"cavewall-{name}")
        self._most = limits.at_work + limits.waiting
        self._seconds = limits.seconds
        self._lock = threading.Lock()
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread and return its result.

        Raises:
            BusyError: too many are waiting.
            SlowError: it takes too long.
        """
        with self._lock:
            if self._inside >= self._most:
                raise BusyError
            self._inside += 1
        future = self._threads.submit(work)
        future.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(self._seconds) as timer:
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if not timer.expired():
                raise
            raise SlowError from None

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._inside -= 1
