"""One search among many vectors, beside what else a user could pick.

Vectors are Flickr-8k's caption vectors, again and again with noise added; queries are captions held
out, one after another, every way in its turn. Each way has a process of its own and five minutes to
build. The peers are those of build/peers (`make bench-peers`) or of $CAVEWALL_PEERS, the Python of
another environment, else those that happen to be installed here.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from limits import limits
from measuring import ROOT, ROUNDS, Bar, Row, run, say
from numpy.typing import NDArray
from peers import WAYS, K
from walls import Collection

Floats = NDArray[np.float32]

PEERS = Path(os.environ.get("CAVEWALL_PEERS", ROOT / "build/peers/bin/python"))
QUERIES, QUICK_QUERIES, NOISE = 200, 20, 0.3
PATIENCE, QUICK_PATIENCE = 300.0, 4.0
# A way that takes longer than so many seconds for what it was asked answers no more of them.
ENOUGH, LEAST_ASKED = 30.0, 5
RECALL = 0.98


@dataclass(frozen=True)
class Found:
    """What a way came to: seconds of each building, milliseconds and recall of each query."""

    name: str
    title: str
    built: list[float]
    ms: list[float]
    recalls: list[float]

    @property
    def recall(self) -> float:
        return statistics.mean(self.recalls)


class Child:
    """A way in a process of its own."""

    def __init__(self, name: str, files: Sequence[Path], folder: Path) -> None:
        self.name = name
        self.title = WAYS[name].title
        folder.mkdir()
        # Cavewall and NumPy, which it is held against, in the environment that is measured.
        here = name in ("cavewall", "numpy") or not PEERS.is_file()
        command = [sys.executable if here else PEERS, Path(__file__).with_name("peers.py"), name]
        self._process = subprocess.Popen(
            [str(part) for part in (*command, *files, folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._answers = self._process.stdin, self._process.stdout
        self.built = 0.0
        self.ms: list[float] = []
        self.rows: list[list[int]] = []

    def build(self, patience: float) -> str:
        """Wait for it; what went wrong, or nothing."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._answers, selectors.EVENT_READ)
            if not waiting.select(patience):
                return f"not built in {patience:.0f} s"
        answer = self._answer()
        if "built" not in answer:
            return str(answer.get("fault", "it crashed"))
        self.built = answer["built"]
        name, comma, rest = self.title.partition(",")
        self.title = f"{name} {answer['version']}".strip() + comma + rest
        return ""

    def ask(self, query: int) -> None:
        """Have the next query answered, unless the ones before took too long."""
        if sum(self.ms) > 1000 * ENOUGH and query >= LEAST_ASKED:
            return
        print(query, file=self._asked, flush=True)
        answer = self._answer()
        self.ms.append(answer["ms"])
        self.rows.append(answer["rows"])

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        answer: dict[str, Any] = json.loads(line) if line else {}
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    said = np.random.default_rng(0).permutation(
        Collection.of(200 if quick else None).caption_vectors
    )
    asked = QUICK_QUERIES if quick else QUERIES
    most = limits(quick)
    patience = QUICK_PATIENCE if quick else PATIENCE
    for count in sizes:
        found = compared(noisy(said[asked:], count), said[:asked], patience, begin)
        yield from judged(count, found, said.shape[1], most)


def noisy(base: Floats, count: int) -> Floats:
    """So many vectors around those that are there."""
    random = np.random.default_rng(1)
    found = np.empty((count, base.shape[1]), np.float32)
    for start in range(0, count, 50_000):
        part = found[start : start + 50_000]
        part[:] = base[random.integers(0, len(base), len(part))]
        part += random.normal(0, NOISE / part.shape[1] ** 0.5, part.shape)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return found


def compared(vectors: Floats, queries: Floats, patience: float, begin: float) -> list[Found]:
    """Every way that can be had here, on the same queries."""
    true = [set(np.argpartition(-(vectors @ query), K)[:K].tolist()) for query in queries]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cavewall-peers-")))
        files = folder / "vectors.npy", folder / "queries.npy"
        np.save(files[0], vectors)
        np.save(files[1], queries)
        count = len(vectors)
        del vectors
        children = []
        for name in WAYS:
            child = Child(name, files, folder / name)
            stack.callback(child.end)
            if fault := child.build(patience):
                child.end()
                say(f"{count:,}: without {child.title}: {fault}", begin)
            else:
                say(f"{count:,}: {child.title}, searchable after {child.built:.1f} s", begin)
                children.append(child)
        for query in range(len(queries)):
            for child in children:
                child.ask(query)
        for child in children:
            child.end()
        built = built_again(children, files, folder, patience)
    return [
        Found(
            child.name,
            child.title,
            built[child.name],
            child.ms,
            # Those that were asked, which may be the first ones alone.
            [len(best & {*found}) / K for best, found in zip(true, child.rows, strict=False)],
        )
        for child in children
    ]


def built_again(
    children: Sequence[Child], files: Sequence[Path], folder: Path, patience: float
) -> dict[str, list[float]]:
    """The seconds of as many rounds of building as a median wants; of one where that is long."""
    built = {child.name: [child.built] for child in children}
    again = [
        child.name
        for child in children
        if not WAYS[child.name].scans and child.built * ROUNDS <= patience
    ]
    for number in range(1, ROUNDS):
        for name in again:
            place = folder / f"{name}-{number}"
            child = Child(name, files, place)
            if not child.build(patience):
                built[name].append(child.built)
            child.end()
            shutil.rmtree(place)
    return built


def judged(count: int, found: list[Found], dimension: int, most: dict[str, float]) -> Iterator[Row]:
    """A row for each peer, and what Cavewall is held to at that size."""
    ours = next(each for each in found if each.name == "cavewall")
    what = f"search step, {count:,} vectors"
    scan = 4 * dimension * count / most["bytes_all"]
    for peer in found:
        if peer is ours:
            continue
        scans = WAYS[peer.name].scans
        yield Row.compared(
            what,
            peer.title,
            ours.ms[: len(peer.ms)],
            peer.ms,
            "ms",
            bar_beside(peer.name, count),
            sooner=True,
            note=f"recall@{K} {ours.recall:.3f}, theirs {peer.recall:.3f}",
            limit="their scan, of memory bandwidth" if scans else "",
            share=1000 * scan / statistics.median(peer.ms) if scans else None,
        )
    middle = statistics.median(ours.ms)
    if count >= 1_000_000:
        yield Row(what, "", middle, None, "ms", bar=Bar("≤", 8, "ours"))
    yield Row(
        f"recall@{K}, {count:,} vectors", "all", ours.recall, None, "", bar=Bar("≥", RECALL, "ours")
    )
    # A scan is ready at once, and answers late.
    able = [each for each in found if not WAYS[each.name].scans and each.recall >= RECALL]
    able = sorted(
        (each for each in able if each is not ours), key=lambda each: statistics.median(each.built)
    )
    for place, peer in enumerate(able):
        bar = Bar("≥", 1) if place == 0 and count >= 200_000 else None
        yield Row.compared(
            f"searchable after, {count:,} vectors",
            peer.title,
            ours.built[: len(peer.built)],
            peer.built,
            "s",
            bar,
            sooner=True,
            note="the fastest of those that index and reach the recall" if bar else "",
        )


def bar_beside(name: str, count: int) -> Bar | None:
    if name == "numpy" and count < 50_000:
        return Bar("≤", 1, "difference")
    return Bar("≥", 1) if name == "chroma" and count >= 200_000 else None


if __name__ == "__main__":
    run(__doc__, rows, sizes="vectors", full=(8_091, 200_000, 1_000_000), quick=(4_000, 50_000))
