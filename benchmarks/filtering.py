"""What filters and pages cost: searches among few of the pictures, and hits far down.

On walls of Flickr-8k's pictures, all of them and over and over with noise on the vectors. Texts are
known to the encoder, and each filter was asked before: a search counts, not the first look at ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from measuring import Bar, Row, in_turn, run, say
from walls import Collection, remembering, wall_of

import cavewall
from cavewall.encoders import Encoder
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import DEFAULT, rule
from cavewall.search.wall_version import WallVersion
from cavewall.storage import open_store

QUERIES = (
    "dog running through sand - dog + human",
    "a child on a swing",
    "two men - bicycle + horse",
    "people at the beach - water",
    "a red bus in the street + snow",
)
# Ids end in three digits, so that these are of a tenth of the pictures, and so on.
FILTERS = {f'image_id contains "{end}.jpg"': end for end in ("7", "77", "777")}
RULES = ("add", DEFAULT)
K, FAR = 10, 9_990
RECALL = Bar("≥", 0.98, "ours")
ROUNDS, QUICK_ROUNDS = 21, 5


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    encoder = remembering()
    collection = Collection.of(200 if quick else None)
    for count in sizes:
        wall = wall_of(collection, count, encoder)
        wall.maintenance.index()
        rounds = QUICK_ROUNDS if quick else ROUNDS
        yield from recalls(wall, encoder, count)
        yield from among_few(wall, count, rounds)
        yield far_down(wall, count, rounds)
        say(f"{count:,} pictures", begin)


def recalls(wall: cavewall.Wall, encoder: Encoder, count: int) -> Iterator[Row]:
    """The best ten by every score there is, beside those found."""
    ready = WallVersion(open_store(wall.address), lambda: encoder).caption
    ids = np.array(ready.snapshot.ids.to_pylist())
    for where, end in FILTERS.items():
        outside = ~np.char.endswith(ids, f"{end}.jpg")
        found: list[float] = []
        for name in RULES:
            for query in QUERIES:
                asked = SingleSpaceRanking.ask(cavewall.parse(query), ready, encoder, rule(name))
                scores = np.where(outside, -np.inf, asked.scores)
                best = set(ids[np.argsort(-scores)[: min(K, int((~outside).sum()))]])
                got = {hit.image_id for hit in wall.search(query, K, name, where)}
                found.append(len(best & got) / len(best))
        what = f"recall@{K} among {(~outside).mean():.2%} of {count:,} pictures"
        yield Row(what, "every one of them", float(np.mean(found)), 1, "", bar=RECALL)


def among_few(wall: cavewall.Wall, count: int, rounds: int) -> Iterator[Row]:
    def ask(where: str | None) -> Callable[[], float]:
        return lambda: float(
            np.median([wall.search(query, K, where=where).took_ms for query in QUERIES])
        )

    ways = {"": ask(None)} | {where: ask(where) for where in FILTERS}
    in_turn(ways, 1)
    found = in_turn(ways, rounds)
    for where in FILTERS:
        share = wall.search(QUERIES[0], K, where=where).total or 0
        yield Row.compared(
            f"a search among {share / count:.2%} of {count:,} pictures",
            "among all",
            found[where],
            found[""],
            "ms",
        )


def far_down(wall: cavewall.Wall, count: int, rounds: int) -> Row:
    def page(offset: int) -> Callable[[], float]:
        return lambda: float(
            np.median([wall.search(query, K, offset=offset).took_ms for query in QUERIES])
        )

    far = min(FAR, count - 2 * K)
    ways = {"first": page(0), "far": page(far)}
    in_turn(ways, 1)
    found = in_turn(ways, rounds)
    what = f"hits {far + 1:,} to {far + K:,} of {count:,} pictures"
    return Row.compared(what, "the first page", found["far"], found["first"], "ms", Bar("≤", 2))


if __name__ == "__main__":
    run(__doc__, rows, sizes="pictures", full=(8_091, 200_000), quick=(2_000,))
