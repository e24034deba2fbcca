"""What a map costs and keeps: PCA, groups and UMAP, each from nothing, in a process of its own.

On walls of Flickr-8k's pictures, all of them and over and over with noise on the vectors. What is
kept of neighbours is the mean share of a picture's 14 nearest by cosine that are among its 14
nearest on the map.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measuring import Row, fresh, run, say
from numpy.typing import NDArray
from walls import Collection, remembering, wall_of

from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion
from cavewall.storage import Store

PARTS = ("pca", "groups", "umap")
_NEAREST, _SAMPLED = 15, 2000
_MADE_BY = {"pca": (), "groups": ("clusters-1",), "umap": ("umap-1",)}


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    collection = Collection.of(200 if quick else None)
    for count in sizes:
        wall = wall_of(collection, count, remembering())
        wall.maintenance.index()
        for part in PARTS:
            found = _measured(Path(wall.address), part)
            kept = f", keeps {found['kept']:.3f} of neighbours" if "kept" in found else ""
            yield Row(
                f"{part}, {count:,} pictures",
                "",
                found["seconds"],
                None,
                "s",
                note=f"{found['megabytes']:,.0f} MB more{kept}",
            )
            say(f"{part} of {count:,} pictures", begin)


def _measured(address: Path, part: str) -> dict[str, float]:
    for artefact in _MADE_BY[part]:
        shutil.rmtree(address / "derived" / artefact, ignore_errors=True)
    found, _ = fresh(__file__, "--part", part, address)
    return found


def measure(part: str, address: str) -> dict[str, float]:
    """One part, of a wall that has all that searches need."""
    space = WallVersion(Store.open(address), remembering).caption
    _ = space.snapshot.vectors, space.background, space.inverted_index
    before, begin = _peak(), time.perf_counter()
    if part == "groups":
        _ = space.clusters
    else:
        layout = space.make_layout(part)
    found = {"seconds": time.perf_counter() - begin}
    found["megabytes"] = (_peak() - before) / 1e6
    if part != "groups":
        found["kept"] = _kept(space, layout.positions)
    return found


def _peak() -> int:
    """The most memory that this process has held, in bytes: not what its parent did."""
    said = Path("/proc/self/status").read_text("ascii")
    found = re.search(r"VmHWM:\s*(\d+)", said)
    return 1024 * int(found[1]) if found else 0


def _kept(space: VectorSpace, positions: NDArray[np.float32]) -> float:
    """For pictures drawn, how many of the nearest by cosine are among the nearest on the map."""
    from scipy.spatial import KDTree

    drawn = np.random.default_rng(0).permutation(len(positions))[:_SAMPLED]
    vectors = space.snapshot.vectors
    near = KDTree(positions).query(positions[drawn], _NEAREST)[1]
    shares = []
    for at, picture in enumerate(drawn):
        cosines = vectors @ vectors[picture]
        cosines[picture] = np.inf
        true = np.argpartition(-cosines, _NEAREST - 1)[:_NEAREST]
        shares.append(len({*true.tolist()} & {*near[at].tolist()} - {int(picture)}))
    return float(np.mean(shares)) / (_NEAREST - 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        # numba asks for a package named as a script that is here: coverage.
        sys.path.remove(str(Path(__file__).parent))
        print(json.dumps(measure(*sys.argv[2:])))
    else:
        run(__doc__, rows, sizes="count", full=(8091, 100_000), quick=(400,))
