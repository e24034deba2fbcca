"""Small products on one thread, and how many cores there are for the large ones.

BLAS splits a product among all cores and waits for the last of them. Where other work has the
others, a product of .2 ms waits 8 ms for its turn there; and OpenBLAS's threads spin some 20 ms
after each, beside those that read the table. A second thread saves .1 ms of what one reads in .3.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cores", "limit_blas_threads", "matmul", "matmul_each", "single_threaded_blas"]

# What one core reads in half a millisecond.
_SMALL = 16 * 1024 * 1024
# BLAS packs a matrix of few columns as if it were to be used often: with no more than these, a
# product for each, over rows that meanwhile stay in the cache, takes two thirds of the time.
_FEW, _ROWS = 6, 1024


def matmul(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> Any:
    """`a @ b`, by one thread unless their bytes are many."""
    if a.nbytes + b.nbytes > _SMALL:
        return a @ b
    with single_threaded_blas():
        return a @ b


def matmul_each(few: NDArray[np.float32], many: NDArray[np.float32]) -> NDArray[np.float32]:
    """`few @ many.T`, for rows (t, d) and (n, d), by one thread unless their bytes are many."""
    if len(few) > _FEW or few.nbytes + many.nbytes > _SMALL:
        whole: NDArray[np.float32] = matmul(many, few.T).T
        return whole
    found = np.empty((len(few), len(many)), np.float32)
    with single_threaded_blas():
        for start in range(0, len(many), _ROWS):
            rows = slice(start, start + _ROWS)
            for one, into in zip(few, found, strict=True):
                np.matmul(many[rows], one, out=into[rows])
    return found


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Products on one thread: for many small ones after another.

    How many threads there are is the process's; where several ask at once, threadpoolctl lets one
    of them decide, and the others' products have as many as that leaves them.
    """
    several = [(each, count) for each in _libraries() if (count := each.num_threads) > 1]
    for library, _ in several:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, count in several:
            library.set_num_threads(count)


def cores() -> int:
    """The cores that this process may use, fewer where OMP_NUM_THREADS says so.

    Who lends a machine to several processes says it with that: Ray does.
    """
    if hasattr(os, "sched_getaffinity"):
        there = len(os.sched_getaffinity(0))
    else:
        there = os.cpu_count() or 1
    said = os.environ.get("OMP_NUM_THREADS", "")
    return min(there, int(said)) if said.isdecimal() and int(said) else there


def limit_blas_threads() -> AbstractContextManager[Any]:
    """All products on one thread, for who asks many things at once."""
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limited


@cache
def _libraries() -> list[Any]:
    # Made once: it looks through everything that the process has loaded.
    from threadpoolctl import ThreadpoolController

    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found
