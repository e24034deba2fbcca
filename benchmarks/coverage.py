"""How far can the counts of `cavewall grid` be trusted? The tables of docs/decisions/0014.

Truth is what captions name: a picture shows a concept of the shipped lexicon if at least two of
its five captions name it by one of its forms; it is asked for by its name alone. Every pair of
concepts of different slots is a cell. Concepts are cut in two halves as in arithmetic.py: the
thresholds were chosen on the tuning half. *human*, whose forms are words for every kind of person,
is left out. Walls of fewer captions a picture know the first of the five, in an order drawn by
chance; their truth is still that of all five.

Needs the captions of Flickr-8k (research use only, so they are not part of this project): in
$CAVEWALL_FLICKR8K, or ../shared/data/flickr8k beside this folder. Keeps its wall in
build/coverage/.
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measuring import DATA, ROOT
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize

import cavewall
from cavewall.explore.concepts import THRESHOLDS
from cavewall.explore.evaluation import Concept, Lexicon, captions_of
from cavewall.explore.evaluation.describe import CaptionMatcher
from cavewall.index.lexical import TermWords, WordIndex, evidence

Masks = NDArray[Any]
LEFT_OUT = {"human"}
COSINES = (0.3, 0.35, 0.4)
LEVELS = (0.1, 0.15, 0.25, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6)


@dataclass(frozen=True)
class Cells:
    """The cells of one half of the concepts: which pairs, and their true counts."""

    concepts: tuple[Concept, ...]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    truth: Masks

    @classmethod
    def of(cls, half: str, naming: CaptionMatcher) -> Cells:
        concepts = tuple(c for c in Lexicon.shipped().concepts if _half(c) == half)
        pairs = np.array(
            [
                (a, b)
                for a in range(len(concepts))
                for b in range(a + 1, len(concepts))
                if concepts[a].slot != concepts[b].slot
            ]
        )
        held = np.stack([naming.holds(concept.forms) for concept in concepts])
        left, right = pairs.T
        return cls(concepts, left, right, _joint(held, left, right))

    def count(self, shown: Masks) -> Masks:
        """The cells' counts, where `shown` (concepts, pictures) is 0 or 1, or a chance."""
        return _joint(shown, self.left, self.right)


def _half(concept: Concept) -> str:
    if concept.name in LEFT_OUT:
        return "none"
    return ("tuning", "test")[zlib.crc32(concept.name.encode()) % 2]


def _joint(shown: Masks, left: NDArray[np.intp], right: NDArray[np.intp]) -> Masks:
    rows = shown.astype(np.float64)
    return np.asarray((rows @ rows.T)[left, right])


def main() -> None:
    parser = argparse.ArgumentParser(description="The counts of cavewall grid against the truth.")
    parser.add_argument("--wall", type=Path, default=ROOT / "build" / "coverage" / "wall")
    address = parser.parse_args().wall
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    wall = cavewall.open(address)
    wall.add(DATA / "captions.txt", missing="keep", link=True)
    ids, captions = captions_of(str(DATA / "captions.txt"))
    naming = CaptionMatcher(captions)
    halves = {half: Cells.of(half, naming) for half in ("tuning", "test")}
    console = Console(width=110)
    order = np.random.default_rng(0)
    drawn = [[texts[at] for at in order.permutation(len(texts))] for texts in captions]
    known = None
    for most in (5, 3, 2, 1):
        index = WordIndex.from_captions([texts[:most] for texts in drawn], wall.encode, known)
        known = known or index
        said = {half: _said(cells, index, wall) for half, cells in halves.items()}
        for half, cells in halves.items():
            table = _table(f"{half} half, {most} captions a picture, {len(cells.truth):,} cells")
            if most == len(captions[0]):
                for name, counts in _others(cells, said, halves, naming, wall, ids).items():
                    table.add_row(name, *_judged(counts, cells.truth))
            for level in LEVELS if most == len(captions[0]) else THRESHOLDS:
                counts = cells.count(said[half] >= level)
                table.add_row(f"evidence ≥ {level}", *_judged(counts, cells.truth))
            console.print(table)
            console.print(_intervals(said[half], cells), "\n")


def _said(cells: Cells, index: WordIndex, wall: cavewall.Wall) -> Masks:
    """The evidence that each picture shows each concept, asked for by its name."""
    found = [TermWords.from_text(c.name, 1.0, index, wall.encode) for c in cells.concepts]
    return np.stack([evidence([term], index).values[0] for term in found])


def _others(
    cells: Cells,
    said: dict[str, Masks],
    halves: dict[str, Cells],
    naming: CaptionMatcher,
    wall: cavewall.Wall,
    ids: list[str],
) -> dict[str, Masks]:
    """The baselines, and chances from a logistic curve that was fitted on the tuning half."""
    half = next(name for name, each in halves.items() if each is cells)
    literal = np.stack([naming.counts([c.name]) for c in cells.concepts])
    places = {image_id: at for at, image_id in enumerate(ids)}
    snapshot = wall.connection.version().caption.snapshot
    rows = np.argsort([places[image_id] for image_id in snapshot.ids.to_pylist()])
    cosines = wall.encode([c.name for c in cells.concepts]) @ snapshot.vectors[rows].T
    found = {f"its name in {n}": cells.count(literal >= n) for n in (1, 2)}
    found |= {f"cosine > {level}": cells.count(cosines > level) for level in COSINES}
    truth = np.stack([naming.holds(c.forms) for c in halves["tuning"].concepts])
    weights = _logistic(said["tuning"], truth)
    found["sum of evidence"] = cells.count(said[half])
    found["sum of chances"] = cells.count(_chances(said[half], weights))
    return found


def _features(values: Masks) -> Masks:
    clipped = np.clip(values, 0.003, 0.99)
    return np.stack([np.ones_like(clipped), np.log(clipped / (1 - clipped))], -1)


def _chances(values: Masks, weights: Masks) -> Masks:
    return np.where(values > 0.01, 1 / (1 + np.exp(-_features(values) @ weights)), 0)


def _logistic(values: Masks, truth: Masks) -> Masks:
    """Platt's curve over the logit of the evidence, by least logarithmic loss."""
    there = values > 0.01
    x, y = _features(values[there].astype(np.float64)), truth[there].astype(np.float64)

    def loss(weights: Masks) -> tuple[float, Masks]:
        scores = x @ weights
        slope = x.T @ (1 / (1 + np.exp(-scores)) - y)
        return float((np.logaddexp(0, scores) - y * scores).sum()), slope

    return np.asarray(minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x)


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("a picture counts by")
    for heading in ("bias", "error", "log error", "none", "truly none", "found", "truth there"):
        table.add_column(heading, justify="right")
    return table


def _judged(counts: Masks, truth: Masks) -> list[str]:
    """Sum over true sum, mean errors, and how cells that count none (below ½) fare."""
    none = counts < 0.5
    logs = np.abs(np.log((counts + 1) / (truth + 1))).mean()
    right = (truth[none] == 0).mean() if none.any() else np.nan
    return [
        f"{counts.sum() / truth.sum():.2f}",
        f"{np.abs(counts - truth).mean():.2f}",
        f"{logs:.3f}",
        f"{none.sum():,}",
        f"{right:.3f}",
        f"{(none & (truth == 0)).sum() / (truth == 0).sum():.3f}",
        f"{truth[none].mean() if none.any() else np.nan:.2f}",
    ]


def _intervals(said: Masks, cells: Cells) -> str:
    perhaps, count, sure = (cells.count(said >= level) for level in THRESHOLDS)
    over, under = (sure > cells.truth).mean(), (perhaps < cells.truth).mean()
    doubtful = (count == 0) & (perhaps > 0)
    right = (cells.truth[doubtful] == 0).mean()
    return (
        f"interval: holds the truth {1 - over - under:.3f}, lies above it {over:.3f}, below "
        f"{under:.3f}; doubtful {doubtful.sum():,}, truly none {right:.3f}"
    )


if __name__ == "__main__":
    main()
