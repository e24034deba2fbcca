"""What this machine can do at most: bytes read from memory, and products of matrices, a second.

A scan of vectors cannot be faster than memory gives them, an encoder of a model not faster than
the products it consists of. The other scripts take their shares of these in the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from measuring import ROUNDS, Row, cores, has_bfloat16, run

# Far more than any cache; of the three ways to read, the fastest counts.
MEGABYTES, QUICK_MEGABYTES = 1024, 256
_SIDE = 2048
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def limits(quick: bool = False) -> dict[str, float]:
    """Bytes and operations a second, by one core and by all; measured in processes of their own.

    Keys: `bytes_one`, `bytes_all`, `flops_one`, `flops_all`, and `bfloat16_all` where there is
    such a thing.
    """
    found: dict[str, float] = {}
    kinds: dict[str, dict[str, str]] = {"one": _ONE_THREAD, "all": {}}
    for name, threads in kinds.items():
        asked = [sys.executable, __file__, "--child", name, str(int(quick))]
        said = subprocess.run(asked, env=os.environ | threads, check=True, capture_output=True)
        found |= json.loads(said.stdout)
    return found


def child(name: str, quick: bool) -> dict[str, float]:
    import numpy as np

    threads = 1 if name == "one" else cores()
    array = np.ones((QUICK_MEGABYTES if quick else MEGABYTES) * 2**18, np.float32)
    parts = np.array_split(array, threads)
    ways: list[Callable[[Any], Any]] = [lambda part: part @ part, np.max, np.sum]
    with ThreadPoolExecutor(threads) as pool:
        read = array.nbytes / min(_least(partial(_through, pool, way, parts)) for way in ways)
    square = np.ones((_SIDE, _SIDE), np.float32)
    flops = 2 * _SIDE**3 / _least(lambda: square @ square)
    found = {f"bytes_{name}": read, f"flops_{name}": flops}
    if has_bfloat16() and name == "all":
        import torch

        half = torch.ones((_SIDE, _SIDE), dtype=torch.bfloat16)
        found["bfloat16_all"] = 2 * _SIDE**3 / _least(lambda: half @ half)
    return found


def _through(pool: ThreadPoolExecutor, way: Callable[[Any], Any], parts: Sequence[Any]) -> None:
    for _ in pool.map(way, parts):
        pass


def _least(work: Callable[[], Any]) -> float:
    """The seconds of the fastest round: a limit is what could be reached."""
    work()
    taken = []
    for _ in range(2 * ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def rows(_: list[int], quick: bool) -> Iterator[Row]:
    found = limits(quick)
    for what, key in (("memory read", "bytes"), ("single-precision products", "flops")):
        unit = "GB/s" if key == "bytes" else "GFLOP/s"
        each, one = found[f"{key}_all"] / 1e9, found[f"{key}_one"] / 1e9
        note = f"by {cores()} cores and by one, the fastest of {2 * ROUNDS} rounds"
        yield Row(what, "one core", each, one, unit, each / one, "ours / theirs", note=note)
    if "bfloat16_all" in found:
        each, single = found["bfloat16_all"] / 1e9, found["flops_all"] / 1e9
        what, against = "bfloat16 products", "single precision"
        yield Row(what, against, each, single, "GFLOP/s", each / single, "ours / theirs")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(sys.argv[2], sys.argv[3] == "1")))
    else:
        run(__doc__, rows, sizes="nothing", full=(0,), quick=(0,), needs=None)
