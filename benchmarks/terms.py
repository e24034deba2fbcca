"""What a term costs: whole searches of several terms under each rule, beside one under `add`.

On walls of Flickr-8k's pictures, all of them and over and over with noise on the vectors. Every
text is known to the encoder, as in a process that is warm. All searches of a wall take turns.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator

from measuring import Bar, Row, in_turn, run, say
from walls import Collection, remembering, wall_of

import cavewall
from cavewall.explore.evaluation import Lexicon
from cavewall.query import Expression
from cavewall.search.rules import DEFAULT, RULES

# The bar is that of five terms; the others show where it goes.
FIVE = 5
CASES = [(DEFAULT, 3), *((rule, FIVE) for rule in RULES), (DEFAULT, 20)]
ROUNDS, QUICK_ROUNDS = 41, 5


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    encoder = remembering()
    collection = Collection.of(200 if quick else None)
    for count in sizes:
        wall = wall_of(collection, count, encoder)
        yield from beside_one(wall, count, QUICK_ROUNDS if quick else ROUNDS)
        say(f"{count:,} pictures", begin)


def beside_one(wall: cavewall.Wall, count: int, rounds: int) -> Iterator[Row]:
    def search(rule: str, terms: int) -> Callable[[], float]:
        weights = (1 + number / 1000 for number in itertools.count())
        wall.search(query(terms, 1), rule=rule)  # texts, statistics and words are made in it
        # A minus term that weighs otherwise changes what the words of all others count.
        return lambda: wall.search(query(terms, next(weights)), rule=rule).took_ms

    cases = [("add", 1), *CASES]
    found = in_turn({f"{rule}, {terms}": search(rule, terms) for rule, terms in cases}, rounds)
    for rule, terms in CASES:
        yield Row.compared(
            f"{terms} terms by {rule}, {count:,} pictures",
            "one term by add",
            found[f"{rule}, {terms}"],
            found["add, 1"],
            "ms",
            Bar("≤", 1.5) if terms == FIVE else None,
        )


def query(count: int, weight: float) -> Expression:
    """A sentence, less and more of what the lexicon names; the first that is less so heavy."""
    concepts = Lexicon.shipped().concepts
    words = [concept.name for concept in concepts]
    texts = [*words, *(f"{a} {b}" for a, b in itertools.combinations(words[:40], 2))]
    random.Random(count).shuffle(texts)
    found: Expression = cavewall.text("dog running through sand")
    for number, text in enumerate(texts[: count - 1]):
        term = cavewall.text(text)
        found = found + term if number % 2 else found - (term if number else weight * term)
    return found


if __name__ == "__main__":
    run(__doc__, rows, sizes="pictures", full=(1_148, 8_091, 100_000), quick=(8_091,))
