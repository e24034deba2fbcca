"""How far the captions of every picture say what each term of a query says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.index.lexical.term_profile import FLOOR, TermWords
from cavewall.index.lexical.term_weights import term_shares, weigh_terms
from cavewall.index.lexical.word_index import WordIndex

__all__ = ["Evidence", "evidence"]

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

# A word that no page of pictures has together with the other terms is dropped.
_PAGE = 10.0
# A term that is not said at all does not rule out its company.
_UNSAID = 1e-4
# From meaning all of a short term's words (0) towards any of a long one's (1).
_LOOSEST, _STRICT = 0.5, 0.02


@dataclass(frozen=True)
class Evidence:
    """Per term and picture, 0 to 1; and per term, how far its words are known at all.

    It is kept as levels, ln(1 + e / FLOOR) of evidence e: what captions do not say is 0, and
    means over words and products of terms are sums.
    """

    levels: Floats  # (terms, pictures)
    certainty: NDArray[np.float32]  # (terms,)

    @classmethod
    def from_values(cls, values: Floats, certainty: NDArray[np.float32]) -> Evidence:
        """From evidence (terms, pictures), 0 to 1."""
        return cls(np.log1p(values / FLOOR), certainty)

    @property
    def values(self) -> Floats:
        """The evidence itself, (terms, pictures)."""
        return FLOOR * (np.exp(self.levels) - 1)

    def at(self, positions: NDArray[np.intp]) -> Evidence:
        """The same for those pictures alone."""
        return Evidence(self.levels[:, positions], self.certainty)


def evidence(terms: Sequence[TermWords], index: WordIndex) -> Evidence:
    """What every picture's captions say of every term.

    A word of a long term counts by how rare it is, how stably the captions of one picture repeat
    it, how unlike it is to what the query subtracts, and whether enough pictures have it together
    with the other terms. A short term means all of its words, a long one most of them. Nothing
    depends on how much a plus term weighs: with another weight it is not made again.
    """
    key = tuple((term.said, term.weight > 0, min(term.weight, 0.0)) for term in terms)
    found: Evidence = index.remembered_query(key, lambda: _evidence(terms, index))
    return found


def _evidence(terms: Sequence[TermWords], index: WordIndex) -> Evidence:
    counts = weigh_terms(terms)
    levels = np.zeros((len(terms), index.pictures), np.float32)
    certainty = np.zeros(len(terms), np.float32)
    for at, term in enumerate(terms):
        if term.words:
            levels[at] = _level(term, counts[at])
            certainty[at] = term.in_vocabulary.max()
    for at, company in _company(terms, levels).items():
        levels[at] = _level(terms[at], counts[at] + company)
    levels.flags.writeable = False
    return Evidence(levels, certainty)


def _level(term: TermWords, counts: Doubles) -> NDArray[np.float32]:
    """The level of a term: a power mean of its words' evidence, from all to most of them.

    Only pictures that say something of a word are computed; the others' level is 0.
    """
    from scipy import sparse

    said, importance = term.said.levels, term_shares(counts)
    several = 1 / float((importance**2).sum())
    loose = float(np.clip((several - 2) / 3, 0, _LOOSEST))
    if loose < _STRICT:
        return np.asarray(said @ importance, np.float32)
    powers = np.exp(np.float32(loose) * said.data) - 1
    total = sparse.csc_matrix((powers, said.indices, said.indptr), said.shape) @ importance
    return np.asarray(np.log(total + 1) / np.float32(loose), np.float32)


def _company(terms: Sequence[TermWords], levels: NDArray[np.float32]) -> dict[int, Doubles]:
    """How far pictures have each word of a plus term together with the other plus terms.

    In logarithms, for the terms that have several words, if there are others.
    """
    plus = [at for at, term in enumerate(terms) if term.words and term.weight > 0]
    several = [at for at in plus if len(terms[at].words) > 1]
    if len(plus) < 2 or not several:
        return {}
    logs = {at: _log_values(levels[at]) for at in plus}
    total = sum(logs.values(), np.zeros(levels.shape[1], np.float32))
    found = {}
    for at in several:
        others = total - logs[at]
        others /= len(plus) - 1
        np.exp(others, out=others)
        jointly = np.asarray(terms[at].said.support @ others, np.float64)
        found[at] = np.log(jointly / (jointly + _PAGE) + 1e-3)
    return found


def _log_values(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logarithm of evidence, and of a little where there is none; in place: it may be long."""
    found = np.exp(levels)
    found *= FLOOR
    found += _UNSAID - FLOOR
    return np.log(found, out=found)
