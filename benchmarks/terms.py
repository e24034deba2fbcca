"""What a term costs: searches of one to 200 terms under each rule, beside one term under `add`.

On walls of 1,148, 8,091 and 100,000 pictures: the first pictures of Flickr-8k, all of them, and
these over and over with noise on the vectors. Every text is known to the encoder, as in a process
that is warm. All searches of a wall take turns, so that a busy machine slows them alike.

Needs the captions (research use only, so they are not part of this project): in
$CAVEWALL_FLICKR8K, or ../shared/data/flickr8k beside this folder. Keeps its walls in build/terms/.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import time
from pathlib import Path

import lance
import numpy as np
import pyarrow as pa
from arithmetic import DATA, ROOT, say
from rich.console import Console
from rich.table import Table

import cavewall
from cavewall.encoders import RememberingEncoder
from cavewall.evaluate import Lexicon
from cavewall.expression import Expression
from cavewall.rules import DEFAULT

OUT = ROOT / "build" / "terms"
CASES = ((DEFAULT, (1, 3, 5, 20, 200)), ("add", (1, 5, 200)), ("standardised", (5,)), ("mul", (5,)))
NOISE = 0.2
# A search of 200 terms takes as long as many of the others: it takes its turn less often.
SELDOM, EVERY = 100, 5


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of a term, on walls of three sizes.")
    parser.add_argument("--pictures", type=int, nargs="+", default=[1_148, 8_091, 100_000])
    parser.add_argument("--rounds", type=int, default=25, help="searches of each kind")
    asked = parser.parse_args()
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    begin = time.perf_counter()
    encoder = RememberingEncoder(cavewall.open(OUT / "captions").encoder, most=sys.maxsize)
    pictures = captioned(encoder)
    say(f"captions of {len(pictures):,} pictures", begin)
    found = {}
    for count in asked.pictures:
        wall = wall_of(pictures, count, encoder)
        found[count] = milliseconds(wall, asked.rounds)
        say(f"{count:,} pictures", begin)
    Console(width=100).print(table(found))


def captioned(encoder: RememberingEncoder) -> pa.Table:
    """The pictures of Flickr-8k with their captions and vectors; encoded in the first run only."""
    wall = cavewall.open(OUT / "captions", encoder)
    wall.add(DATA / "captions.txt", missing="keep", link=True)
    columns = ["image_id", "captions", "vector"]
    return lance.dataset(f"{wall.address}/pictures.lance").to_table(columns=columns)


def wall_of(pictures: pa.Table, count: int, encoder: RememberingEncoder) -> cavewall.Wall:
    wall = cavewall.open(OUT / f"wall-{count}", encoder)
    if not Path(wall.address).exists():
        rows = np.arange(count) % len(pictures)
        flat = pictures["vector"].combine_chunks().flatten().to_numpy()
        vectors = flat.reshape(len(pictures), -1)[rows]
        copies = vectors[len(pictures) :]
        noise = np.random.default_rng(0).normal(size=copies.shape).astype(np.float32)
        copies += noise * np.float32(NOISE / copies.shape[1] ** 0.5)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        data = {
            "image_id": [f"{number:07}.jpg" for number in range(count)],
            "captions": pictures["captions"].take(rows),
            "vector": pa.FixedSizeListArray.from_arrays(vectors.ravel(), vectors.shape[1]),
        }
        source = OUT / f"table-{count}.lance"
        lance.write_dataset(pa.table(data), source, mode="overwrite")
        wall.adopt(source)
    return wall


def query(count: int) -> Expression:
    """A sentence, less and more of what the lexicon names."""
    concepts = Lexicon.shipped().concepts
    words = [concept.name for concept in concepts]
    texts = [*words, *(f"{a} {b}" for a, b in itertools.combinations(words[:40], 2))]
    random.Random(count).shuffle(texts)
    found: Expression = cavewall.text("dog running through sand")
    for number, text in enumerate(texts[: count - 1]):
        found = found + cavewall.text(text) if number % 2 else found - cavewall.text(text)
    return found


def milliseconds(wall: cavewall.Wall, rounds: int) -> dict[tuple[str, int], float]:
    """The median of each kind of search."""
    cases = {(rule, count): query(count) for rule, counts in CASES for count in counts}
    taken: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for number in range(-1, rounds):
        for (rule, count), expression in cases.items():
            if count >= SELDOM and number % EVERY and number > 0:
                continue
            start = time.perf_counter()
            wall.search(expression, rule=rule)
            if number >= 0:  # what comes before is the warming up
                taken[rule, count].append((time.perf_counter() - start) * 1000)
    return {case: statistics.median(each) for case, each in taken.items()}


def table(found: dict[int, dict[tuple[str, int], float]]) -> Table:
    result = Table(
        title="milliseconds a search, and times one term under add", title_justify="left"
    )
    result.add_column("rule")
    result.add_column("terms", justify="right")
    for count in found:
        result.add_column(f"{count:,} pictures", justify="right")
    for rule, counts in CASES:
        for terms in counts:
            cells = [
                f"{each[rule, terms]:.1f}  {each[rule, terms] / each['add', 1]:.2f} ×"
                for each in found.values()
            ]
            result.add_row(rule, str(terms), *cells, style="bold" if rule == DEFAULT else None)
    return result


if __name__ == "__main__":
    main()
