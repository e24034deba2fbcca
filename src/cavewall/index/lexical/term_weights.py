"""How much each word of a term counts, given the other terms of the query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall.index.lexical.term_profile import TermWords

__all__ = ["term_shares", "weigh_terms"]

Doubles = NDArray[np.float64]

# How much unlikeness to what is subtracted counts, as a power.
_UNLIKE = 1.5


def weigh_terms(terms: Sequence[TermWords]) -> list[Doubles]:
    """The logarithm of how much each word of each term counts: (words of the term,) each.

    `red shirt on a man - red shirt + blue shirt`: words that say what is subtracted count for
    less, but what another plus text names does not go.
    """
    minus = [term for term in terms if term.weight < 0 and term.words]
    plus = [term for term in terms if term.weight > 0 and term.words]
    if not minus or not plus:
        return [term.said.counts for term in terms]
    subtracted = _Subtracted(minus, plus)
    return [
        term.said.counts + subtracted.from_(term)
        if term.weight > 0 and term.words
        else term.said.counts
        for term in terms
    ]


def term_shares(counts: Doubles) -> NDArray[np.float32]:
    """How much each word counts, from the logarithms; they sum to 1."""
    # In logarithms until here: heavy weights would leave nothing of any word.
    powers = np.exp(counts - counts.max())
    return np.asarray(powers / powers.sum(), np.float32)


class _Subtracted:
    """What the minus terms say of each word of the plus terms."""

    def __init__(self, minus: Sequence[TermWords], plus: Sequence[TermWords]) -> None:
        self._words = [word for term in minus for word in term.words]
        self._starts = np.cumsum([0, *(len(term.words) for term in minus[:-1])])
        self._powers = _UNLIKE * np.array([-term.weight for term in minus])
        self._columns: dict[str, int] = {}
        for term in plus:
            for word in term.words:
                self._columns.setdefault(word, len(self._columns))
        self._chances = self._looked_up(minus, plus)
        texts = [term for term in plus if not term.from_a_picture]
        named = Counter(word for term in texts for word in term.words)
        self._named = np.array([named[word] for word in self._words])

    def from_(self, term: TermWords) -> Doubles:
        """What they take from each word of a plus term, in logarithms: (words,)."""
        chances = self._chances[:, [self._columns[word] for word in term.words]]
        chances[self._asked_for_beside(term)] = 0
        says = np.maximum.reduceat(chances, self._starts)
        taken: Doubles = self._powers @ np.log(1.02 - np.minimum(says, 1))
        return taken

    def _asked_for_beside(self, term: TermWords) -> NDArray[np.bool_]:
        """Which words of the minus terms another plus text names."""
        if term.from_a_picture or not self._named.any():
            return self._named > 0
        return self._named > np.array([word in term.words for word in self._words])

    def _looked_up(self, minus: Sequence[TermWords], plus: Sequence[TermWords]) -> Doubles:
        """The chance that each word of the plus terms says each of the minus terms, or is it."""
        index = plus[0].said.index
        # One place more takes what is none of these words.
        column = np.full(len(index.words) + 1, len(self._columns))
        for word, at in self._columns.items():
            column[index.ids.get(word, -1)] = at
        column[-1] = len(self._columns)
        chances = np.zeros((len(self._words), len(self._columns) + 1))
        for start, term in zip(self._starts, minus, strict=True):
            says = term.expansions
            rows = start + np.repeat(np.arange(len(term.words)), np.diff(says.indptr))
            chances[rows, column[says.indices]] = says.data
        for row, word in enumerate(self._words):
            chances[row, self._columns.get(word, -1)] = 1
        return chances[:, :-1]
