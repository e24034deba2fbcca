"""The lexical evidence of each term of a query for every picture.

A word of a term has evidence in a picture as far as the words of its captions mean that word (see
`term_profile`). The evidence of a term is a weighted power mean of its words' evidence: near the
geometric mean for a short term, which means all of its words, and nearer to the arithmetic mean
for a long one, which means most of them.
"""

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

# A word counts fully if many more pictures than this have it together with the other terms: with
# fewer than a page of results it would only dilute the term.
_PAGE = 10.0
# The evidence of a term that captions lack, so that it does not rule out the other terms.
_UNSAID = 1e-4
# The power of the mean for the longest terms; powers below _STRICT count as 0 (geometric).
_LOOSEST, _STRICT = 0.5, 0.02


@dataclass(frozen=True)
class Evidence:
    """Evidence of each term and picture, 0 to 1, and how far the wall knows each term's words.

    It is kept as levels, ln(1 + e / FLOOR) of evidence e: no evidence is 0, so that matrices stay
    sparse, and geometric means over words and products of terms become sums.
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
    """The evidence of every term for every picture of the index.

    A word of a term counts by how rare it is, how consistently the captions of one picture repeat
    it, how unlike the subtracted terms it is, and whether enough pictures have it together with
    the other terms. The weight of a plus term plays no part, and so changing it is a cache hit.
    """
    key = tuple((term.profile, term.weight > 0, min(term.weight, 0.0)) for term in terms)
    found: Evidence = index.cached_query(key, lambda: _evidence(terms, index))
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
    """The level of a term for every picture: a power mean of its words' evidence.

    Computed on the sparse entries only: a picture without any of the words has the level 0.
    """
    from scipy import sparse

    words, importance = term.profile.levels, term_shares(counts)
    # The effective number of words: 1 if one has all the importance.
    several = 1 / float((importance**2).sum())
    loose = float(np.clip((several - 2) / 3, 0, _LOOSEST))
    if loose < _STRICT:
        return np.asarray(words @ importance, np.float32)
    powers = np.exp(np.float32(loose) * words.data) - 1
    total = sparse.csc_matrix((powers, words.indices, words.indptr), words.shape) @ importance
    return np.asarray(np.log(total + 1) / np.float32(loose), np.float32)


def _company(terms: Sequence[TermWords], levels: NDArray[np.float32]) -> dict[int, Doubles]:
    """For plus terms of several words: the logarithm of how far each word goes with the others.

    n pictures (by evidence) that have the word and all other plus terms give n / (n + a page).
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
        jointly = np.asarray(terms[at].profile.support @ others, np.float64)
        found[at] = np.log(jointly / (jointly + _PAGE) + 1e-3)
    return found


def _log_values(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logarithm of evidence, at least ln(_UNSAID). In place, since levels may be long."""
    found = np.exp(levels)
    found *= FLOOR
    found += _UNSAID - FLOOR
    return np.log(found, out=found)
