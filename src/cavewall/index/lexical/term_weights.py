"""How much each word of a term counts, given the other terms of the query.

In `red shirt on a man - red shirt + blue shirt` the minus term takes weight from `red`, which it
names, but not from `shirt`, which another plus term asks for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall.index.lexical.term_profile import TermWords

__all__ = ["term_shares", "weigh_terms"]

Doubles = NDArray[np.float64]

# A word that means a subtracted word with chance p has its weight multiplied by about
# (1 - p)^(this times the minus weight).
_UNLIKE = 1.5


def weigh_terms(terms: Sequence[TermWords]) -> list[Doubles]:
    """The logarithm of how much each word of each term counts: (m,) for a term of m words."""
    minus = [term for term in terms if term.weight < 0 and term.words]
    plus = [term for term in terms if term.weight > 0 and term.words]
    if not minus or not plus:
        return [term.profile.counts for term in terms]
    subtracted = _Subtracted(minus, plus)
    return [
        term.profile.counts + subtracted.from_(term)
        if term.weight > 0 and term.words
        else term.profile.counts
        for term in terms
    ]


def term_shares(counts: Doubles) -> NDArray[np.float32]:
    """The shares of the words, which sum to 1, from the logarithms of their weights."""
    # Relative to the largest: large minus weights would underflow every word to zero.
    powers = np.exp(counts - counts.max())
    return np.asarray(powers / powers.sum(), np.float32)


class _Subtracted:
    """How far the minus terms mean each word of the plus terms."""

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
        """The logarithm of what is left of each word of a plus term: (m,), at most about 0."""
        chances = self._chances[:, [self._columns[word] for word in term.words]]
        chances[self._named_elsewhere(term)] = 0
        # Of each minus term the word that means it most.
        most = np.maximum.reduceat(chances, self._starts)
        taken: Doubles = self._powers @ np.log(1.02 - np.minimum(most, 1))
        return taken

    def _named_elsewhere(self, term: TermWords) -> NDArray[np.bool_]:
        """Which words of the minus terms another plus text names: they take nothing."""
        if term.from_a_picture or not self._named.any():
            return self._named > 0
        return self._named > np.array([word in term.words for word in self._words])

    def _looked_up(self, minus: Sequence[TermWords], plus: Sequence[TermWords]) -> Doubles:
        """The chance that each word of the plus terms means each of the minus terms.

        (words of the minus terms, words of the plus terms), 1 for the same word.
        """
        index = plus[0].profile.index
        # One column more receives all other words of the wall.
        column = np.full(len(index.words) + 1, len(self._columns))
        for word, at in self._columns.items():
            column[index.ids.get(word, -1)] = at
        column[-1] = len(self._columns)
        chances = np.zeros((len(self._words), len(self._columns) + 1))
        for start, term in zip(self._starts, minus, strict=True):
            found = term.expansions
            rows = start + np.repeat(np.arange(len(term.words)), np.diff(found.indptr))
            chances[rows, column[found.indices]] = found.data
        for row, word in enumerate(self._words):
            chances[row, self._columns.get(word, -1)] = 1
        return chances[:, :-1]
