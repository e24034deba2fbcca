"""One Ray worker against two: the same pictures onto a wall, a core each.

Flickr-8k's pictures that are at hand, five captions each. Each side in a fresh process, with a
cluster of one or two machines on this one that is there before the clock starts; workers start and
load their models under it. On a machine with as many cores as workers nothing is left for whoever
hands out the work and commits it, so two workers cannot be twice as fast here.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from adding import small_source
from measuring import Row, fresh, in_turn, run, say

_ROUNDS = 3


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    (pictures,) = sizes
    with tempfile.TemporaryDirectory(prefix="cavewall-cluster-") as name:
        folder = Path(name)
        source = small_source(folder / "source", pictures)
        sides = {f"{count}": partial(alone, count, source, folder) for count in (1, 2)}
        found = in_turn(sides, 1 if quick else _ROUNDS)
        say("one worker and two", begin)
    rate = {side: [each["pictures"] / each["seconds"] for each in found[side]] for side in sides}
    what = f"add {found['1'][0]['pictures']:,} pictures on two Ray workers"
    yield Row.compared(what, "on one", rate["2"], rate["1"], "pictures/s")


def alone(workers: int, source: Path, folder: Path) -> dict[str, Any]:
    """So many workers, onto a wall that is not there yet."""
    shutil.rmtree(folder / "wall", ignore_errors=True)
    return fresh(__file__, "--child", workers, source, folder / "wall")[0]


def child(workers: int, source: Path, place: Path) -> dict[str, Any]:
    import lance  # noqa: F401 -- imports are no part of the seconds on either side

    import cavewall
    from cavewall.cluster import connect

    connect.imported()
    from ray.cluster_utils import Cluster

    warnings.simplefilter("ignore")
    machine = {"num_cpus": 1, "object_store_memory": 200 * 1024 * 1024}
    cluster = Cluster(initialize_head=True, head_node_args=machine | {"include_dashboard": False})
    for _ in range(workers - 1):
        cluster.add_node(**machine)
    try:
        with connect.connected(str(cluster.address)):
            report = cavewall.open(place).add(source, engine="ray")
    finally:
        cluster.shutdown()
    assert not report.skipped
    return {"pictures": report.added, "seconds": report.seconds}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))))
    else:
        run(__doc__, rows, sizes="pictures", full=(1148,), quick=(96,))
