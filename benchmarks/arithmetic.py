"""When does arithmetic beat typing another query? The table of docs/arithmetic.md.

Makes swap questions from the captions of Flickr-8k and the shipped lexicon, whose concepts are
cut in two halves, and asks them three ways and in synonyms, under every rule and baseline. The
constants of rule `words` were fitted on the tuning half; the test half shares no concept with it.

Needs the captions (research use only, so they are not part of this project): in
$CAVEWALL_FLICKR8K, or ../shared/data/flickr8k beside this folder. Writes build/arithmetic/.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from measuring import DATA, ROOT, say
from rich.console import Console
from rich.table import Table

import cavewall
from cavewall.explore.evaluation import (
    BASELINES,
    Concept,
    Figure,
    Lexicon,
    SwapOptions,
    SwapReport,
    captions_of,
    make_swaps,
    read_questions,
    write_swaps,
)
from cavewall.explore.evaluation.plot import plot_bars
from cavewall.search.rules import DEFAULT, RULES

NAMES = [DEFAULT, *(name for name in RULES if name != DEFAULT), *BASELINES]
WAYS: tuple[Literal["picture", "sentence", "brief"], ...] = ("picture", "sentence", "brief")


@dataclass(frozen=True)
class Set:
    """Which concepts, how many of them are kept, and whether asked in synonyms."""

    half: str
    kept: int = 1
    synonyms: bool = False

    @property
    def title(self) -> str:
        found = {"tuning": "tuning half", "test": "test half", "all": "all concepts"}[self.half]
        found += ", two concepts kept" if self.kept > 1 else ""
        return found + (", in synonyms" if self.synonyms else "")

    def wants(self, concept: Concept) -> bool:
        half = ("tuning", "test")[zlib.crc32(concept.name.encode()) % 2]
        return self.half in (half, "all")


SETS = (
    Set("test"),
    Set("test", synonyms=True),
    Set("tuning"),
    Set("tuning", synonyms=True),
    Set("all", kept=2),
    Set("all", kept=2, synonyms=True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Arithmetic against retyping, on Flickr-8k.")
    parser.add_argument("--limit", type=int, default=500, help="questions a set")
    limit = parser.parse_args().limit
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    begin = time.perf_counter()
    out = ROOT / "build" / "arithmetic"
    out.mkdir(parents=True, exist_ok=True)
    wall = cavewall.open(out / "wall")
    wall.add(DATA / "captions.txt", missing="keep", link=True)
    say(f"wall of {len(wall):,} pictures", begin)
    reports: dict[Set, dict[str, SwapReport]] = {}
    for kind in SETS:
        reports[kind] = dict(asked(kind, wall, limit, out))
        say(kind.title, begin)
        Console(width=100).print(table(kind, reports[kind]))
    found = {
        kind.title: {way: r.to_dict() for way, r in ways.items()} for kind, ways in reports.items()
    }
    (out / "arithmetic.json").write_text(json.dumps(found, indent=1), "utf-8")
    (out / "table.md").write_text(markdown(found), "utf-8")
    plot_bars(dict(panels(reports)), DEFAULT, out / "arithmetic.png")
    say(f"figures and plot in {out}", begin)


def asked(
    kind: Set, wall: cavewall.Wall, limit: int, out: Path
) -> Iterator[tuple[str, SwapReport]]:
    """The same questions in every way of asking."""
    ids, captions = captions_of(DATA / "captions.txt")
    lexicon = Lexicon.shipped().only(kind.wants)
    for way in WAYS:
        two = kind.kept == 1
        how = SwapOptions(
            way,
            kind.synonyms,
            kind.kept,
            least_relevant=15 if two else 5,
            least_sources=12 if two else 2,
            limit=limit,
        )
        path = out / f"{kind.title} {way}.jsonl".replace(",", "").replace(" ", "-")
        write_swaps(make_swaps(ids, captions, lexicon, how), path)
        questions = list(read_questions(path))
        names = [n for n in NAMES if n in RULES or any(q.asked(n) is not None for q in questions)]
        yield way, wall.evaluation.swaps(questions, names)


def table(kind: Set, ways: Mapping[str, SwapReport]) -> Table:
    first = next(iter(ways.values()))
    found = Table(title=f"{kind.title}: {len(first.slots):,} questions, P@10", title_justify="left")
    for heading in ("", *ways):
        found.add_column(heading, justify="right" if heading else "left")
    for name in NAMES:
        cells = [interval(r.p_at_10(name)) if name in r.answers else "–" for r in ways.values()]
        found.add_row(name, *cells, style="bold" if name == DEFAULT else None)
    for name in ("add", "retype"):
        cells = [interval(r.default_ahead(name), sign="+") for r in ways.values()]
        found.add_row(f"{DEFAULT} − {name}", *cells)
    return found


def markdown(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of docs/arithmetic.md."""
    head = ["set", "n", "asked by", *NAMES]
    rows = [head, ["---", "---:", "---", *("---:" for _ in NAMES)]]
    for title, ways in found.items():
        for way, report in ways.items():
            cells = [title, str(report["asked"]), way]
            for name in NAMES:
                figures = report["rules"].get(name)
                cells.append("–" if figures is None else f"{figures['p_at_10']:.3f}"[1:])
            best = max(range(3, len(cells)), key=lambda at: cells[at] if cells[at] != "–" else "")
            cells[best] = f"**{cells[best]}**"
            rows.append(cells)
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def panels(reports: Mapping[Set, Mapping[str, SwapReport]]) -> Iterator[tuple[str, Any]]:
    for kind, ways in reports.items():
        if kind.half != "test":
            continue
        for way, report in ways.items():
            title = f"{way}, in synonyms" if kind.synonyms else way
            yield title, {name: report.p_at_10(name) for name in NAMES if name in report.answers}


def interval(figure: Figure, sign: str = "") -> str:
    return f"{figure.mean:{sign}.3f} ({figure.low:{sign}.3f}…{figure.high:{sign}.3f})"


if __name__ == "__main__":
    main()
