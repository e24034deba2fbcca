"""Where arithmetic on captions fails: numbers, colours bound to a noun, written negation.

The second half of `make bench-arithmetic`: needs the wall that benchmarks/arithmetic.py leaves in
build/arithmetic/. Writes limits.json beside it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from arithmetic import interval
from measuring import DATA, ROOT, say
from rich.console import Console
from rich.table import Table

import cavewall
from cavewall.explore.evaluation import (
    CaptionMatcher,
    Figure,
    Lexicon,
    SwapOptions,
    SwapReport,
    captions_of,
    make_swaps,
    read_questions,
    write_swaps,
)
from cavewall.search.rules import DEFAULT

OUT = ROOT / "build" / "arithmetic"
NAMES = [DEFAULT, "add", "mul", "standardised", "retype"]
NOUNS = ("dogs", "men", "people", "boys", "women", "children", "girls")
PAIRS = 150


def lexicons() -> dict[str, Lexicon]:
    """Phrases in which one word is exchanged, and the shipped places to keep."""
    shipped = Lexicon.shipped()
    places = {c.name: list(c.forms) for c in shipped.concepts if c.slot == "place"}
    shirts = {c.name: list(c.forms) for c in shipped.concepts if c.slot == "clothes"}
    numbers: dict[str, dict[str, list[str]]] = {
        f"how many {noun}": {f"{count} {noun}": [] for count in ("two", "three", "four")}
        for noun in NOUNS
    }
    coats = {f"{colour} dog": [f"{colour} dogs"] for colour in ("black", "white", "brown")}
    sets = {
        "numbers": numbers,
        "a dog's colour": {"dog": coats},
        "the colour of clothes": {"clothes": shirts},
    }
    return {name: Lexicon.from_json({**found, "place": places}) for name, found in sets.items()}


def exchanged(wall: cavewall.Wall) -> Iterator[tuple[str, str, SwapReport]]:
    ids, captions = captions_of(DATA / "captions.txt")
    for name, lexicon in lexicons().items():
        for way in ("picture", "brief"):
            how = SwapOptions("picture" if way == "picture" else "brief", least_relevant=3)
            lines = make_swaps(ids, captions, lexicon, how)
            path = OUT / f"{name} {way}.jsonl".replace(" ", "-").replace("'", "")
            write_swaps([line for line in lines if line["slot"] != "place"], path)
            yield name, way, wall.evaluation.swaps(read_questions(path), NAMES)


def negated(wall: cavewall.Wall) -> dict[str, tuple[Figure, Figure]]:
    """Right and leaking answers, of the first ten, to *something, but not with that*."""
    ids, captions = captions_of(DATA / "captions.txt")
    position = {image_id: at for at, image_id in enumerate(ids)}
    naming = CaptionMatcher(captions)
    asked: dict[str, Callable[[str, str], cavewall.Hits]] = {
        "dog": lambda a, _: wall.search(cavewall.text(a)),
        "dog without a leash": lambda a, b: wall.search(cavewall.text(f"{a} without a {b}")),
        "dog, no leash": lambda a, b: wall.search(cavewall.text(f"{a}, no {b}")),
        "dog - leash, add": lambda a, b: wall.search(
            cavewall.text(a) - cavewall.text(b), rule="add"
        ),
        f"dog - leash, {DEFAULT}": lambda a, b: wall.search(cavewall.text(a) - cavewall.text(b)),
    }
    right: dict[str, list[float]] = {name: [] for name in asked}
    leaked: dict[str, list[float]] = {name: [] for name in asked}
    for kept, gone in pairs(naming):
        for name, search in asked.items():
            hits = [position[hit.image_id] for hit in search(kept[0], gone[0])]
            shown = naming.shows(gone)[hits]
            right[name].append(float(np.mean(naming.holds(kept)[hits] & ~shown)))
            leaked[name].append(float(shown.mean()))
    return {
        name: (Figure.from_values(right[name]), Figure.from_values(leaked[name])) for name in asked
    }


def pairs(naming: CaptionMatcher) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Things that a fifth or more of one's pictures show together, so that *without* matters."""
    found = []
    concepts = Lexicon.shipped().concepts
    for kept in concepts:
        for gone in concepts:
            if kept.slot == gone.slot or set(kept.forms) & set(gone.forms):
                continue
            holds = naming.holds(kept.forms)
            share = naming.shows(gone.forms)[holds].mean() if holds.any() else 0
            if 0.2 <= share <= 0.8 and holds.sum() * (1 - share) >= 15:
                found.append((kept.forms, gone.forms))
    random.Random("cavewall negation").shuffle(found)
    return found[:PAIRS]


def main() -> None:
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    begin = time.perf_counter()
    wall = cavewall.open(OUT / "wall")
    table = Table(title="P@10 where one word of a phrase is exchanged", title_justify="left")
    for heading in ("", "asked by", "n", *NAMES):
        table.add_column(heading, justify="left" if heading in ("", "asked by") else "right")
    swapped: dict[str, dict[str, object]] = {}
    for name, way, report in exchanged(wall):
        figures = [f"{report.p_at_10(rule).mean:.3f}" for rule in NAMES]
        table.add_row(name, way, str(len(report.slots)), *figures)
        swapped.setdefault(name, {})[way] = report.to_dict()
    Console(width=100).print(table)
    negation = Table(title=f"Negation, {PAIRS} pairs, of the first ten", title_justify="left")
    for heading in ("asked as", "right", "still show it"):
        negation.add_column(heading, justify="right" if heading != "asked as" else "left")
    figures_of = negated(wall)
    for name, (right, leak) in figures_of.items():
        negation.add_row(name, interval(right), interval(leak))
    Console(width=100).print(negation)
    found = {
        name: right.to_dict("right") | leak.to_dict("leak")
        for name, (right, leak) in figures_of.items()
    }
    path = Path(OUT / "limits.json")
    path.write_text(json.dumps({"exchanged": swapped, "negation": found}, indent=1), "utf-8")
    say(f"figures in {path}", begin)


if __name__ == "__main__":
    main()
