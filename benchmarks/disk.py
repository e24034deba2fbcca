"""Disk after 100 small adds, next to the same pictures added at once, and what upkeep costs.

python benchmarks/disk.py, or make bench-disk: ten minutes and 3 GB of room
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

import cavewall
from cavewall.maintenance import compaction
from cavewall.models import Picture
from cavewall.testing import FakeEncoder

ADDS = 100


@dataclass(frozen=True)
class Case:
    """So many pictures first, then 100 adds; `updates` bring known pictures with new bytes."""

    name: str
    side: int
    first: int
    each: int
    updates: bool = False


CASES = [
    Case("1 picture of 2 kB each", 24, 0, 1),
    Case("10 pictures of 2 kB each", 24, 0, 10),
    Case("10 pictures of 200 kB each", 320, 0, 10),
    Case("10 of 200 kB each, onto 1,000", 320, 1000, 10),
    Case("10 of 200 kB each, replacing some of 1,000", 320, 1000, 10, updates=True),
]


def picture(number: int, side: int, state: int = 0) -> Picture:
    """A picture of noise, which no codec makes small."""
    noise = np.random.default_rng([number, state]).integers(0, 256, (side, side, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=0)
    captions = (f"picture number {number}", f"state {state} of it")
    return Picture(f"{number:06}.png", captions, image=out.getvalue())


def batches(case: Case) -> Iterator[list[Picture]]:
    for add in range(ADDS):
        numbers = range(add * case.each, (add + 1) * case.each)
        if case.updates:
            yield [picture(number % case.first, case.side, 1) for number in numbers]
        else:
            yield [picture(case.first + number, case.side) for number in numbers]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measured(case: Case, folder: Path, settle: bool) -> tuple[int, list[float]]:
    """Bytes on disk after all adds, and the seconds of each."""
    wall = cavewall.open(folder, encoder=FakeEncoder(384))
    if not settle:
        compaction.auto_compact = lambda store: None
    if case.first:
        wall.add([picture(number, case.side) for number in range(case.first)])
    seconds = []
    for batch in batches(case):
        start = time.perf_counter()
        wall.add(batch)
        seconds.append(time.perf_counter() - start)
    return size(folder), seconds


def at_once(case: Case, folder: Path) -> int:
    wall = cavewall.open(folder, encoder=FakeEncoder(384))
    final = {p.image_id: p for p in (picture(n, case.side) for n in range(case.first))}
    for batch in batches(case):
        final.update({p.image_id: p for p in batch})
    wall.add(list(final.values()))
    return size(folder)


def ms(values: list[float], of: Callable[[list[float]], float]) -> str:
    return f"{of(values) * 1000:.0f}"


def main() -> None:
    report = Table(title=f"{ADDS} small adds")
    for heading in ("each add", "at once", "without", "with upkeep", "ratio"):
        report.add_column(heading, justify="left" if heading == "each add" else "right")
    report.add_column("ms an add without", justify="right")
    report.add_column("with: mean, worst", justify="right")
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = at_once(case, folder / "once")
            bare, plain = measured(case, folder / "plain", settle=False)
            kept, settled = measured(case, folder / "settled", settle=True)
        report.add_row(
            case.name,
            *(f"{value / 1e6:.1f} MB" for value in (data, bare, kept)),
            f"{kept / data:.2f}",
            ms(plain, statistics.mean),
            f"{ms(settled, statistics.mean)}, {ms(settled, max)}",
        )
    Console().print(report)


if __name__ == "__main__":
    main()
