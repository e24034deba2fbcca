"""Peak memory and speed of `cavewall add`, by the number of pictures.

    python benchmarks/memory.py [1000 10000 100000] [--folder DIR]

Draws that many pictures of 200 kB, adds them in a fresh process with the packaged model and prints
a row. Needs twice the pictures' room on the disk, 41 GB for 100,000, and gives it back.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

SIZE = 200_000
_BASES = 8
_COLOURS = ["red", "green", "blue", "white", "black", "brown", "yellow", "grey"]
_THINGS = ["dog", "cat", "horse", "boat", "bus", "child", "tree", "house", "bird", "bicycle"]
_PLACES = ["on the beach", "in the snow", "by the river", "in the street", "under the trees"]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("pictures", nargs="*", type=int, default=[1_000, 10_000])
    asked.add_argument("--folder", type=Path, default=None, help="where there is room")
    options = asked.parse_args()
    print("| pictures | on disk | peak memory | seconds | pictures/s | again, with 1 % new |")
    print("|---|---|---|---|---|---|", flush=True)
    for count in options.pictures:
        folder = Path(tempfile.mkdtemp(prefix="cavewall-memory-", dir=options.folder))
        try:
            print(row(folder, count), flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def row(folder: Path, count: int) -> str:
    """The figures for so many pictures."""
    bases = [base(number) for number in range(_BASES)]
    (folder / "Images").mkdir()
    for number in range(count):
        draw(folder, bases, number)
    peak, seconds = added(folder, range(count))
    few = max(1, count // 100)
    for number in range(count, count + few):
        draw(folder, bases, number)
    again_peak, again = added(folder, range(count + few))
    return (
        f"| {count:,} | {count * SIZE / 1e9:.1f} GB | {peak / 1e6:,.0f} MB | {seconds:,.1f} | "
        f"{count / seconds:,.0f} | {again:.1f} s, {again_peak / 1e6:,.0f} MB |"
    )


def base(number: int) -> bytes:
    """A noisy JPEG, a little smaller than what is asked for: real pictures decode as slowly."""
    noise = [Image.effect_noise((640, 480), 40 + number) for _ in range(3)]
    picture = Image.merge("RGB", noise)
    quality = 95
    while True:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() < SIZE:
            return out.getvalue()
        quality -= 2


def draw(folder: Path, bases: list[bytes], number: int) -> None:
    """One file whose digest no other has: what follows the end of a JPEG says nothing."""
    data = bases[number % len(bases)] + b"%016d" % number
    path = folder / "Images" / f"{number // 1000:04}" / f"{number:08}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.ljust(SIZE, b"\0"))


def added(folder: Path, numbers: range) -> tuple[int, float]:
    """Peak memory in bytes, and the seconds that `cavewall add` reports."""
    with (folder / "captions.txt").open("w") as file:
        file.write("image,caption\n")
        for number in numbers:
            what = _COLOURS[number % 8], _THINGS[number // 8 % 10], _PLACES[number // 80 % 5]
            caption = f"a {what[0]} {what[1]} {what[2]} number {number}"
            file.write(f"{number // 1000:04}/{number:08}.jpg,{caption}\n")
    command = [str(Path(sys.executable).with_name("cavewall")), "add", str(folder), "--json"]
    command += ["--wall", str(folder / "wall")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        report = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert report["added"] > 0
    assert not report["skipped"]
    # Kilobytes on Linux, bytes on macOS.
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), report["seconds"]


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - started:,.0f} s in all", file=sys.stderr)
