"""Matrix products on a bounded number of threads, and the number of available cores.

BLAS splits a product among all cores and waits for the slowest. While other threads use those
cores, a product of 0.2 ms takes 8 ms, and OpenBLAS's threads spin for some 20 ms after each,
competing with those that read the table. A second thread would save 0.1 ms of 0.3.
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

# Bytes that one core reads in half a millisecond.
_SMALL = 16 * 1024 * 1024
# BLAS packs a matrix of few columns as if it were used often. Up to this many columns, one product
# per column over blocks of rows that stay in the cache takes two thirds of the time.
_MAX_QUERIES, _ROWS = 6, 1024


def matmul(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> Any:
    """`a @ b`, on one thread unless the operands are large."""
    if a.nbytes + b.nbytes > _SMALL:
        return a @ b
    with single_threaded_blas():
        return a @ b


def matmul_each(queries: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """`queries @ vectors.T` for (t, d) and (n, d), on one thread unless they are large."""
    if len(queries) > _MAX_QUERIES or queries.nbytes + vectors.nbytes > _SMALL:
        whole: NDArray[np.float32] = matmul(vectors, queries.T).T
        return whole
    found = np.empty((len(queries), len(vectors)), np.float32)
    with single_threaded_blas():
        for start in range(0, len(vectors), _ROWS):
            rows = slice(start, start + _ROWS)
            for one, column in zip(queries, found, strict=True):
                np.matmul(vectors[rows], one, out=column[rows])
    return found


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Run products on one thread: for many small ones in sequence.

    The number of threads is global to the process: of several callers at once, one sets it for
    all.
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
    """The cores that this process may use, limited by OMP_NUM_THREADS.

    Schedulers that share a machine among processes, such as Ray, set that variable.
    """
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(available, int(limit)) if limit.isdecimal() and int(limit) else available


def limit_blas_threads() -> AbstractContextManager[Any]:
    """Run all products on one thread: for callers that are parallel themselves."""
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limited


@cache
def _libraries() -> list[Any]:
    # Cached: it inspects all loaded libraries of the process.
    from threadpoolctl import ThreadpoolController

    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found
