"""What a score is worth: its percentile against the background of the wall.

A cosine of 0.41 is much on one wall and little on another, and the scores of other rules have
units of their own. The percentile is the share, in percent, of the wall's background that scores
lower. What is background depends on the score, not on the question, so that percentiles compare
across questions:

- cosines (a single plus term, and rule `add`): the cosines between two pictures of the wall;
- other rules: what random pictures score where each of the question's terms is replaced by a
  random word of the wall's captions, weights kept.

The share of *this question's* own scores would be simpler and says less: the best picture for
nonsense is as far ahead of its field as a dog is among dogs (docs/decisions has the figures).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache, cached_property
from cavewall.index.background import Background
from cavewall.index.lexical import Evidence, WordIndex
from cavewall.query import LinearCombination
from cavewall.search.rules import Rule, TermBackground, Terms

__all__ = ["Calibration"]

# Half a million pairs and so many draws tell 99.99 from 99.9; more only cost time.
_MOST_PICTURES = 1024
_WORDS = 64
_DRAWS = 32_768
# Queries of the same shape, so many minus and plus of the same weights, share their draws.
_MOST_REMEMBERED = 64
# Terms whose draws are kept, 128 kB each: a weight that is dragged asks for those of the others.
_TERMS = 64


class Calibration:
    """The background of one version of a wall: `vectors` (n, d), unit rows.

    `background` and `words` are asked for once a rule needs them.
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        background: Callable[[], Background],
        words: Callable[[], WordIndex],
    ) -> None:
        self._vectors = vectors
        self._background = background
        self._words = words
        self._lock = threading.Lock()
        self._scores: dict[tuple[str, tuple[float, ...]], NDArray[np.float32]] = {}
        self._terms: LRUCache[tuple[str, int, bool], NDArray[np.float32]] = LRUCache(_TERMS)
        self._known: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    @cached_property
    def pairs(self) -> NDArray[np.float32]:
        """The cosines between two different pictures, ascending; all of them on small walls."""
        rows = self._vectors[self._sample]
        upper = np.triu_indices(len(rows), 1)
        return np.sort((rows @ rows.T)[upper]).astype(np.float32)

    def of_cosines(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Percentiles, 0 to 100, of cosines; None where the wall has fewer than two pictures."""
        return _share_below(self.pairs, scores) if len(self._vectors) > 1 else None

    def of_scores(
        self, scores: NDArray[np.float64], rule: Rule, weights: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Percentiles, 0 to 100, of another rule's scores for terms of these weights.

        None where the wall has fewer than two pictures, or no words.
        """
        if len(self._vectors) < 2 or not self._words().words:
            return None
        counted = tuple(sorted(weights[weights != 0].tolist()))
        return _share_below(self._totals(rule, counted), scores)

    def _totals(self, rule: Rule, weights: tuple[float, ...]) -> NDArray[np.float32]:
        """The scores of the draws for terms of these weights, ascending."""
        with self._lock:
            if (rule.name, weights) in self._scores:
                return self._scores[rule.name, weights]
        total = np.zeros(_DRAWS, np.float32)
        for place, weight in enumerate(weights):
            total += np.float32(abs(weight)) * self._drawn(rule, place, weight > 0)
        total.sort()
        with self._lock:
            if len(self._scores) >= _MOST_REMEMBERED:
                self._scores.clear()
            self._scores[rule.name, weights] = total
        return total

    def _drawn(self, rule: Rule, place: int, plus: bool) -> NDArray[np.float32]:
        """What a term of weight one or minus one, the `place`-th, brings to each draw."""
        return self._terms.get(
            (rule.name, place, plus),
            lambda: self._draws(rule)[0 if plus else 1][self._words_at(place), self._pictures],
        )

    @cached_property
    def _pictures(self) -> NDArray[np.int64]:
        return np.random.default_rng(0).integers(len(self._sample), size=_DRAWS)

    def _words_at(self, place: int) -> NDArray[np.int64]:
        return np.random.default_rng([1, place]).integers(_WORDS, size=_DRAWS)

    @cached_property
    def _sample(self) -> NDArray[np.intp]:
        count = len(self._vectors)
        return np.linspace(0, count - 1, min(count, _MOST_PICTURES)).astype(np.intp)

    def _draws(self, rule: Rule) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What words bring to pictures, (words, pictures), as a plus and as a minus term."""
        with self._lock:
            if rule.name not in self._known:
                self._known[rule.name] = (self._brought(rule, 1.0), self._brought(rule, -1.0))
            return self._known[rule.name]

    def _brought(self, rule: Rule, weight: float) -> NDArray[np.float32]:
        index, background = self._words(), self._background()
        # Words as often as captions have them: at even steps through all that is said.
        said = np.cumsum(np.asarray(index.shares.sum(axis=0)).ravel())
        steps = (np.arange(_WORDS) + 0.5) / _WORDS * said[-1]
        chosen = np.minimum(np.searchsorted(said, steps), len(said) - 1)
        vectors = np.asarray(index.vectors[chosen], np.float64)
        terms = Terms(
            LinearCombination(np.full(_WORDS, weight), 1.0),
            lambda: TermBackground(*background.of(vectors)),
            lambda: Evidence.from_values(
                self._evidence(index, chosen), np.ones(_WORDS, np.float32)
            ),
        )
        similarities = vectors.astype(np.float32) @ self._vectors[self._sample].T
        return np.asarray(rule.contributions(terms, similarities), np.float32)

    def _evidence(self, index: WordIndex, chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        shares = index.shares[self._sample]
        found = (index.affinity[chosen] @ shares.T).toarray()
        return np.asarray(np.minimum(found, 1), np.float32)


def _share_below(
    background: NDArray[np.floating], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    below = np.searchsorted(background, scores.astype(background.dtype))
    return np.asarray(100.0 * below / len(background), np.float64)
