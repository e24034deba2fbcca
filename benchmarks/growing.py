"""What more pictures cost: searches and adds at ten times the size, and what a hit carries.

    python benchmarks/growing.py [PICTURES WITH_THUMBNAILS ADDED]

Searches are timed once the index is made, on the wall of so many pictures beside a tenth of it;
each asks other words, of a picture that is on neither. The default rule's answers through the index
are held against its own look at everyone.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from limits import limits
from measuring import ROUNDS, Bar, Row, in_turn, run, say, seconds
from numpy.typing import NDArray
from walls import Collection, images, remembering, wall_of

import cavewall
from cavewall.encoders import Encoder
from cavewall.explore.evaluation import Lexicon
from cavewall.models import Picture
from cavewall.query import Expression, Text
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import DEFAULT, rule
from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion
from cavewall.storage import open_store

QUERIES, QUICK_QUERIES, K, MANY = 100, 15, 10, 50
_FLAT = Bar("≤", 1.2)


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    count, shown, added = sizes
    encoder = remembering()
    whole = Collection.of(300 if quick else None)
    asked = QUICK_QUERIES if quick else QUERIES
    # Those who ask are on no wall.
    askers, collection = parted(whole, asked)
    few, many = (wall_of(collection, each, encoder) for each in (count // 10, count))
    say(f"walls of {count // 10:,} and {count:,} pictures", begin)
    ready = {wall: indexed(wall, encoder) for wall in (few, many)}
    say("indexed", begin)
    single = [cavewall.text(texts[0]) for texts in askers]
    triple = [swapped(texts[0], number) for number, texts in enumerate(askers)]
    encoder.encode(
        [leaf.text for each in triple for leaf in each.leaves() if isinstance(leaf, Text)]
    )
    yield from beside_a_tenth(few, many, count, "one term by add", single, "add")
    yield from beside_a_tenth(few, many, count, f"three terms by {DEFAULT}", triple, DEFAULT)
    say("searched", begin)
    yield from beside_everyone(ready[many], encoder, triple, count, limits(quick))
    say("beside a look at everyone", begin)
    yield from beside_ids(wall_of(whole, shown, encoder, thumbnails=True), encoder, single, shown)
    say("beside bare ids", begin)
    rounds = 2 if quick else ROUNDS
    yield from adding(collection, encoder, added, rounds)
    yield from adding_to(few, many, collection, encoder, count, rounds)


def parted(whole: Collection, asked: int) -> tuple[list[list[str]], Collection]:
    """The captions of some pictures drawn, and the collection without them."""
    drawn = set(random.Random(0).sample(range(len(whole.said)), asked))
    rest = [at for at in range(len(whole.said)) if at not in drawn]
    left = Collection([whole.said[at] for at in rest], whole.vectors[rest], whole.caption_vectors)
    return [whole.said[at] for at in sorted(drawn)], left


def swapped(caption: str, number: int) -> Expression:
    """A caption, less one concept of the lexicon and with another."""
    names = [concept.name for concept in Lexicon.shipped().concepts]
    minus, plus = random.Random(number).sample(names, 2)
    return cavewall.text(caption) - cavewall.text(minus) + cavewall.text(plus)


def indexed(wall: cavewall.Wall, encoder: Encoder) -> VectorSpace:
    """What searches need, made; the index on small walls too, where it serves all the same."""
    found = WallVersion(open_store(wall.address), lambda: encoder).caption
    _ = found.background, found.words
    found.build_index()
    return found


def beside_a_tenth(
    few: cavewall.Wall,
    many: cavewall.Wall,
    count: int,
    what: str,
    queries: Sequence[Expression],
    name: str,
) -> Iterator[Row]:
    times: dict[cavewall.Wall, list[float]] = {few: [], many: []}
    for wall in times:
        wall.search(queries[0], rule=name)
    for query in queries:
        for wall, found in times.items():
            found.append(wall.search(query, K, name).took_ms)
    against = f"{count // 10:,} pictures"
    yield Row.compared(
        f"a search of {what}, {count:,} pictures",
        against,
        times[many],
        times[few],
        "ms",
        Bar("≤", 4),
    )


def beside_everyone(
    wall: VectorSpace,
    encoder: Encoder,
    queries: Sequence[Expression],
    count: int,
    most: dict[str, float],
) -> Iterator[Row]:
    recalls, fast, slow = [], [], []
    for query in queries:
        # Each its own: an inquiry that has looked at everyone does so again.
        inquiries = [SingleSpaceRanking.ask(query, wall, encoder, rule()) for _ in range(2)]
        start = time.perf_counter()
        found = {one.position for one in inquiries[0].top_k(K)}
        middle = time.perf_counter()
        true = {one.position for one in inquiries[1].page(K)}
        slow.append(1000 * (time.perf_counter() - middle))
        fast.append(1000 * (middle - start))
        recalls.append(len(found & true) / K)
    what, against = f"three terms by {DEFAULT}, {count:,} pictures", "a look at everyone"
    recall = statistics.mean(recalls)
    bar = Bar("≥", 0.98, "ours")
    yield Row(f"recall@{K} of {what}", against, recall, None, "", bar=bar)
    scan = 1000 * wall.snapshot.vectors.nbytes / most["bytes_all"]
    yield Row.compared(
        f"{what}, by the index",
        against,
        fast,
        slow,
        "ms",
        sooner=True,
        limit="their scan, of memory bandwidth",
        share=scan / statistics.median(slow),
    )


def beside_ids(
    wall: cavewall.Wall, encoder: Encoder, queries: Sequence[Expression], count: int
) -> Iterator[Row]:
    """Whole answers, beside the ranking alone: ids and scores, nothing read from the table."""
    ready = WallVersion(open_store(wall.address), lambda: encoder).caption

    def ids(query: Expression) -> list[str]:
        best = SingleSpaceRanking.ask(query, ready, encoder, rule("add")).top_k(MANY)
        found: list[str] = ready.snapshot.ids.take([one.position for one in best]).to_pylist()
        return found

    def whole(query: Expression) -> list[tuple[tuple[str, ...], bytes | None]]:
        return [(hit.captions, hit.thumbnail) for hit in wall.search(query, MANY, "add")]

    assert all(said and thumbnail for said, thumbnail in whole(queries[0]))
    ids(queries[0])
    taken = [
        (1000 * seconds(lambda: whole(query)), 1000 * seconds(lambda: ids(query)))  # noqa: B023
        for query in queries
    ]
    ours, theirs = zip(*taken, strict=True)
    what = f"{MANY} hits with captions and thumbnails, {count:,} pictures"
    yield Row.compared(what, "the bare ids", ours, theirs, "ms", Bar("≤", 2))


def adding(collection: Collection, encoder: Encoder, count: int, rounds: int) -> Iterator[Row]:
    """Pictures with their bytes onto new walls, the captions known: all that is not encoding."""
    known = Known(collection, encoder)
    with tempfile.TemporaryDirectory(prefix="cavewall-growing-") as name:

        def each(number: int) -> float:
            place = Path(name) / "wall"
            shutil.rmtree(place, ignore_errors=True)
            report = cavewall.open(place, known).add(pictures(collection, number))
            assert report.added == number
            return 1000 * report.seconds / number

        sides: dict[str, Callable[[], float]] = {
            "few": lambda: each(count // 10),
            "many": lambda: each(count),
        }
        sides["few"]()
        found = in_turn(sides, rounds)
    yield Row.compared(
        f"add a picture, of {count:,} onto a new wall",
        f"of {count // 10:,}",
        found["many"],
        found["few"],
        "ms",
        _FLAT,
        note="captions known beforehand, so nothing is encoded",
    )


def adding_to(
    few: cavewall.Wall,
    many: cavewall.Wall,
    collection: Collection,
    encoder: Encoder,
    count: int,
    rounds: int,
) -> Iterator[Row]:
    """A thousand pictures more, onto copies of walls that are there."""
    known = Known(collection, encoder)
    more = min(1024, count // 10)
    with tempfile.TemporaryDirectory(prefix="growing-", dir=Path(few.address).parent) as name:

        def each(wall: cavewall.Wall) -> float:
            place = Path(name) / "wall"
            shutil.rmtree(place, ignore_errors=True)
            # Lance never changes a file that is there, so links are copies.
            table = "pictures.lance"
            shutil.copytree(Path(wall.address) / table, place / table, copy_function=os.link)
            new = cavewall.open(place, known)
            taken = seconds(lambda: new.add(pictures(collection, more)))
            return 1000 * taken / more

        found = in_turn({"few": lambda: each(few), "many": lambda: each(many)}, rounds)
    yield Row.compared(
        f"add a picture, {more:,} onto {count:,}",
        f"onto {count // 10:,}",
        found["many"],
        found["few"],
        "ms",
        note="the wall's ids are read first",
    )


class Known:
    """An encoder that looks the captions up that are there already."""

    def __init__(self, collection: Collection, encoder: Encoder) -> None:
        self.name, self.identity = encoder.name, encoder.identity
        self._encoder = encoder
        self._vectors = {
            text: vector
            for texts, vector in zip(collection.said, collection.vectors, strict=True)
            for text in texts
        }

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if all(text in self._vectors for text in texts):
            return np.stack([self._vectors[text] for text in texts])
        return self._encoder.encode(texts)


def pictures(collection: Collection, count: int) -> Iterator[Picture]:
    """Those at hand, each with bytes of its own: what follows a JPEG's end says nothing."""
    files = [path.read_bytes() for path in images()]
    for number in range(count):
        said = collection.said[number % len(collection.said)]
        data = files[number % len(files)] + b"%08d" % number
        yield Picture(f"new-{number:08}.jpg", tuple(said), image=data)


if __name__ == "__main__":
    full, quick = (1_000_000, 8_091, 10_000), (20_000, 2_000, 640)
    run(__doc__, rows, sizes="sizes", full=full, quick=quick)
