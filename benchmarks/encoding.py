"""Captions to vectors, and a fresh process to its first answer, beside the plain way.

The plain way is `SentenceTransformer.encode` as it comes, and the tutorial's own code: torch,
sentence-transformers, LanceDB. Both sides run in turn, so that a busy machine hurts both.
"""

from __future__ import annotations

import csv
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer

from cavewall.encoders import resolve
from cavewall.encoders.resolve import packaged_folder
from cavewall.sample import draw_sample
from cavewall.vectors import normalise

FLICKR = Path(__file__).parents[2] / "shared/data/flickr8k/captions.txt"
CAPTIONS = 1_000
ROUNDS = 5
QUERY = "dog running through sand - dog + human"
COMMAND = [sys.executable, "-c", "from cavewall.cli import main; main()"]
TUTORIAL = f"""
import sys
import lancedb
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({str(packaged_folder())!r})
table = lancedb.connect(sys.argv[1]).open_table("pictures")
query = model.encode("dog running through sand") - model.encode("dog") + model.encode("human")
for hit in table.search(query).distance_type("cosine").limit(10).to_list():
    print(hit["captions"])
"""


def captions(count: int) -> list[str]:
    """Different captions, drawn from Flickr-8k's where they are at hand, else the sample's."""
    if FLICKR.is_file():
        with FLICKR.open(encoding="utf-8", newline="") as file:
            found = sorted({row["caption"] for row in csv.DictReader(file)})
    else:
        with tempfile.TemporaryDirectory() as name:
            draw_sample(Path(name))
            with (Path(name) / "captions.txt").open(encoding="utf-8", newline="") as file:
                found = sorted({row["caption"] for row in csv.DictReader(file)})
    return random.Random(0).sample(found, min(count, len(found)))


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def overlap(a: NDArray[np.float32], b: NDArray[np.float32], k: int = 10) -> float:
    """The share of each text's k nearest others that both agree on."""
    nearest = []
    for vectors in (a, b):
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1)
        nearest.append(np.argpartition(-cosines, k)[:, :k])
    pairs = zip(*nearest, strict=True)
    return float(np.mean([len({*left} & {*right}) / k for left, right in pairs]))


def encoding(console: Console, count: int) -> None:
    texts = captions(count)
    plain, ours = SentenceTransformer(str(packaged_folder())), resolve()
    ways: dict[str, Callable[[list[str]], Any]] = {
        "sentence-transformers": lambda some: plain.encode(some, show_progress_bar=False),
        "cavewall": ours.encode,
    }
    for way in ways.values():
        way(texts[:100])
    walls: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            walls[name].append(seconds(lambda way=way: way(texts)))  # type: ignore[misc]
    cpu = {name: processor_seconds(lambda way=way: way(texts)) for name, way in ways.items()}  # type: ignore[misc]
    ratios = [a / b for a, b in zip(*walls.values(), strict=True)]
    exact = np.asarray(normalise(plain.encode(texts, show_progress_bar=False)), np.float32)
    found = ours.encode(texts)
    cosines = np.einsum("nd,nd->n", exact, found)

    table = Table(title=f"{len(texts):,} captions, medians of {ROUNDS} rounds in turn")
    for heading in ("", *ways, "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    rates = [f"{len(texts) / statistics.median(times):.0f}" for times in walls.values()]
    spread = f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})"
    table.add_row("captions/s", *rates, spread)
    per_core = [len(texts) / each for each in cpu.values()]
    table.add_row(
        "captions/s of processor time",
        *(f"{each:.0f}" for each in per_core),
        f"{per_core[1] / per_core[0]:.2f} ×",
    )
    query = [
        statistics.median(
            seconds(lambda way=way, n=n: way([f"dog {n} on sand"]))  # type: ignore[misc]
            for n in range(21)
        )
        for way in ways.values()
    ]
    table.add_row(
        "one query, ms", *(f"{each * 1000:.1f}" for each in query), f"{query[0] / query[1]:.2f} ×"
    )
    table.add_row("mean cosine", "1", f"{cosines.mean():.7f} (least {cosines.min():.7f})", "")
    table.add_row("overlap@10", "1", f"{overlap(exact, found):.4f}", "")
    console.print(table)


def starting(console: Console) -> None:
    with tempfile.TemporaryDirectory() as name:
        sample, wall = Path(name) / "sample", Path(name) / "wall"
        draw_sample(sample)

        def run(*command: object) -> float:
            arguments = [str(part) for part in command]
            return seconds(lambda: subprocess.run(arguments, check=True, capture_output=True))

        run(*COMMAND, "add", sample, "--wall", wall)
        ways: dict[str, tuple[object, ...]] = {
            "the tutorial's code": (sys.executable, "-c", TUTORIAL, wall),
            "cavewall search": (*COMMAND, "search", QUERY, "--wall", wall),
            "cavewall --help": (*COMMAND, "--help"),
        }
        for command in ways.values():
            run(*command)
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, command in ways.items():
                times[way].append(run(*command))
    plain = times["the tutorial's code"]
    table = Table(title=f"A fresh process, warm files, medians of {ROUNDS} rounds in turn")
    for heading in ("", "seconds", "sooner"):
        table.add_column(heading, justify="right" if heading else "left")
    for way, found in times.items():
        ratio = statistics.median(a / b for a, b in zip(plain, found, strict=True))
        sooner = f"{ratio:.1f} ×" if way == "cavewall search" else ""
        table.add_row(way, f"{statistics.median(found):.2f}", sooner)
    console.print(table)


def main() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    console = Console(width=110)
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, {load}")
    starting(console)
    encoding(console, int(sys.argv[1]) if len(sys.argv) > 1 else CAPTIONS)


if __name__ == "__main__":
    main()
