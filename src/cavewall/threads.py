"""Small products on one thread.

BLAS splits a product among all cores and waits for the last of them. Where other work has the
others, a product of .2 ms waits 8 ms for its turn there; and OpenBLAS's threads spin some 20 ms
after each, beside those that read the table. A second thread saves .1 ms of what one reads in .3.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["one_core_each", "product"]

# What one core reads in half a millisecond.
_SMALL = 16 * 1024 * 1024


def product(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> Any:
    """`a @ b`, by one thread unless their bytes are many.

    How many threads there are is the process's; where several ask at once, threadpoolctl lets one
    of them decide, and the others' products have as many as that leaves them.
    """
    if a.nbytes + b.nbytes > _SMALL:
        return a @ b
    several = [(each, count) for each in _libraries() if (count := each.num_threads) > 1]
    for library, _ in several:
        library.set_num_threads(1)
    try:
        return a @ b
    finally:
        for library, count in several:
            library.set_num_threads(count)


def one_core_each() -> AbstractContextManager[Any]:
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
