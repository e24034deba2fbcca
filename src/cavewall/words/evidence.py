"""How far the captions of every picture say what each term of a query says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.words.affinity import nearest_weights
from cavewall.words.index import WordIndex
from cavewall.words.tokens import content_words

__all__ = ["FLOOR", "Evidence", "Said", "TermWords", "evidence"]

Floats = NDArray[np.float32]

# Below this, a term is as good as not there.
FLOOR = 0.003
# How much a word of a term counts: agreement of the captions, rarity, stability, and unlikeness
# to what is subtracted, each to its power.
_RARE, _STABLE, _UNLIKE = 2.5, 1.5, 1.5
# A word that no page of pictures has together with the other terms is dropped.
_PAGE = 10.0
# From meaning all of a short term's words (0) towards any of a long one's (1).
_LOOSEST, _STRICT = 0.5, 0.02
# An unknown word counts not at all below, and fully above, these cosines to its nearest known one.
_UNKNOWN, _KNOWN = 0.50, 0.65
_LEAST_SHARE = 0.05
_UNKNOWN_RARITY, _UNKNOWN_STABILITY = 7.0, 0.3


class Said:
    """What a text or a picture says, in words, whatever its weight in a query.

    Kept from query to query (see `WordIndex.remembered`): what it costs to find out is paid once.
    """

    def __init__(
        self,
        index: WordIndex,
        words: tuple[str, ...],
        says: Any,
        known: Floats,
        agreement: Floats,
        from_a_picture: bool = False,
    ) -> None:
        self.index = index
        self.words = words
        self.says = says  # sparse (words, V): the chance that each word of the wall says the word
        self.known = known
        self.agreement = agreement
        self.from_a_picture = from_a_picture

    @classmethod
    def from_text(cls, text: str, index: WordIndex, encode: Callable[[list[str]], Floats]) -> Said:
        """The words of a text; words that the wall has not are read through their nearest."""
        from scipy import sparse

        words = content_words(text) if index.words else []
        if not words:
            none = np.zeros(0, np.float32)
            return cls(index, (), sparse.csr_matrix((0, len(index.words))), none, none)
        unknown = [word for word in words if word not in index.ids]
        met = dict(zip(unknown, _meet(unknown, index, encode), strict=True)) if unknown else {}
        found = [
            met[word] if word in met else (index.affinity[[index.ids[word]]], 1.0) for word in words
        ]
        says = sparse.vstack([row for row, _ in found]).tocsr()
        known = np.array([certainty for _, certainty in found], np.float32)
        return cls(index, tuple(words), says, known, np.ones(len(words), np.float32))

    @classmethod
    def from_picture(cls, position: int, index: WordIndex) -> Said:
        """The words of a picture's captions, with how far these agree on each."""
        row = index.shares[[position]]
        says = index.affinity[row.indices]
        agreement = np.minimum((says @ row.T).toarray().ravel(), 1).astype(np.float32)
        words = tuple(index.words[at] for at in row.indices)
        return cls(index, words, says, np.ones(len(words), np.float32), agreement, True)

    @cached_property
    def ids(self) -> NDArray[np.intp]:
        """The words' places in the index, -1 for those it has not."""
        return np.array([self.index.ids.get(word, -1) for word in self.words], np.intp)

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """The logarithm of how much each word counts before the other terms are looked at."""
        known = self.ids >= 0
        rarity = np.where(known, self.index.rarity[self.ids], _UNKNOWN_RARITY)
        stability = np.where(known, self.index.stability[self.ids], _UNKNOWN_STABILITY)
        counts = np.log(np.maximum(self.agreement.astype(np.float64), 0.02))
        counts += _RARE * np.log(rarity) + _STABLE * np.log(stability)
        return np.asarray(counts + np.log(self.known + 1e-6), np.float64)

    @cached_property
    def evidence(self) -> Any:
        """Sparse (words, pictures), made from the postings of words that say them."""
        found = self.says @ self.index.postings
        np.minimum(found.data, 1, out=found.data)
        return found

    @cached_property
    def loudest(self) -> Floats:
        """The chance that each word of the wall says any of the words, (V,)."""
        most = np.zeros(len(self.index.words), np.float32)
        np.maximum.at(most, self.says.indices, self.says.data)
        return most

    def without(self, words: set[str]) -> Said:
        """The same without those words."""
        kept = [at for at, word in enumerate(self.words) if word not in words]
        if len(kept) == len(self.words):
            return self
        return Said(
            self.index,
            tuple(self.words[at] for at in kept),
            self.says[kept],
            self.known[kept],
            self.agreement[kept],
            self.from_a_picture,
        )


@dataclass(frozen=True)
class TermWords:
    """What a term of a query says, in words, and its weight.

    `known` is how far the wall knows each word, `agreement` how far a picture's captions agree on
    it, 1 for a text's.
    """

    weight: float
    said: Said

    @classmethod
    def from_text(
        cls, text: str, weight: float, index: WordIndex, encode: Callable[[list[str]], Floats]
    ) -> TermWords:
        """The words of a text; words that the wall has not are read through their nearest."""
        said: Said = index.remembered(text, lambda: Said.from_text(text, index, encode))
        return cls(weight, said)

    @classmethod
    def from_picture(cls, position: int, weight: float, index: WordIndex) -> TermWords:
        """The words of a picture's captions, with how far these agree on each."""
        said: Said = index.remembered(position, lambda: Said.from_picture(position, index))
        return cls(weight, said)

    @property
    def words(self) -> tuple[str, ...]:
        return self.said.words

    @property
    def says(self) -> Any:
        return self.said.says

    @property
    def known(self) -> Floats:
        return self.said.known

    @property
    def agreement(self) -> Floats:
        return self.said.agreement

    @property
    def from_a_picture(self) -> bool:
        return self.said.from_a_picture


@dataclass(frozen=True)
class Evidence:
    """Per term and picture, 0 to 1; and per term, how far its words are known at all."""

    values: Floats  # (terms, pictures)
    certainty: Floats  # (terms,)

    def at(self, positions: NDArray[np.intp]) -> Evidence:
        """The same for those pictures alone."""
        return Evidence(self.values[:, positions], self.certainty)


def evidence(terms: Sequence[TermWords], index: WordIndex) -> Evidence:
    """What every picture's captions say of every term.

    A word of a long term counts by how rare it is, how stably the captions of one picture repeat
    it, how unlike it is to what the query subtracts, and whether enough pictures have it together
    with the other terms. A short term means all of its words, a long one most of them.
    """
    subtracted = [_subtracted_from(term, terms) for term in terms]
    found = [
        _said(term.said.evidence, _importance(term, minus)) if term.words else None
        for term, minus in zip(terms, subtracted, strict=True)
    ]
    logs = {
        at: np.log(said + 1e-4)
        for at, said in enumerate(found)
        if said is not None and terms[at].weight > 0
    }
    total = sum(logs.values(), np.zeros(index.pictures, np.float32))
    values = np.zeros((len(terms), index.pictures), np.float32)
    certainty = np.zeros(len(terms), np.float32)
    for at, (term, mine) in enumerate(zip(terms, found, strict=True)):
        if mine is None:
            continue
        values[at] = mine
        certainty[at] = term.known.max()
        if term.weight > 0 and len(term.words) > 1 and len(logs) > 1:
            others = np.exp((total - logs[at]) / (len(logs) - 1))
            together = index.postings @ others
            values[at] = _said(term.said.evidence, _importance(term, subtracted[at], together))
    return Evidence(values, certainty)


def _subtracted_from(term: TermWords, terms: Sequence[TermWords]) -> list[TermWords]:
    """What of the minus terms takes weight from the words of this plus term.

    `red shirt on a man - red shirt + blue shirt`: what another plus text names does not go.
    """
    if term.weight <= 0:
        return []
    asked_for = {
        word
        for other in terms
        if other is not term and other.weight > 0 and not other.from_a_picture
        for word in other.words
    }
    minus = [
        TermWords(other.weight, other.said.without(asked_for))
        for other in terms
        if other.weight < 0
    ]
    return [other for other in minus if other.words]


def _importance(
    term: TermWords, subtracted: Sequence[TermWords], together: Floats | None = None
) -> Floats:
    """How much each word of the term counts; they sum to 1."""
    if not term.words:
        return np.zeros(0, np.float32)
    # In logarithms: heavy weights would leave nothing of any word.
    counts = term.said.counts.copy()
    known = term.said.ids >= 0
    for minus in subtracted:
        says = np.array([word in minus.words for word in term.words], np.float64)
        says[known] = np.maximum(says[known], minus.said.loudest[term.said.ids[known]])
        counts += _UNLIKE * abs(minus.weight) * np.log(1.02 - np.minimum(says, 1))
    if together is not None:
        jointly = np.asarray(term.says @ together, np.float64).ravel()
        counts += np.log(jointly / (jointly + _PAGE) + 1e-3)
    shares = np.exp(counts - counts.max())
    return np.asarray(shares / shares.sum(), np.float32)


def _said(words: Any, importance: Floats) -> Floats:
    """The evidence of a term: a power mean of its words', from all of them to most of them.

    Only pictures that say something of a word are computed; the others share one value.
    """
    several = 1 / float((importance**2).sum())
    loose = float(np.clip((several - 2) / 3, 0, _LOOSEST))
    if loose < _STRICT:
        silent = np.log(FLOOR)
        total = _mixed(words, importance, np.log(words.data + FLOOR) - silent)
        return np.asarray(np.exp(total + silent) - FLOOR, np.float32)
    silent = FLOOR**loose
    total = _mixed(words, importance, (words.data + FLOOR) ** loose - silent)
    return np.asarray((total + silent) ** (1 / loose) - FLOOR, np.float32)


def _mixed(words: Any, importance: Floats, values: Floats) -> Floats:
    per_value = np.repeat(importance, np.diff(words.indptr)) * values
    total = np.bincount(words.indices, per_value, minlength=words.shape[1])
    return total.astype(np.float32)


def _meet(
    words: list[str], index: WordIndex, encode: Callable[[list[str]], Floats]
) -> list[tuple[Any, float]]:
    """Words that the wall has not, through the words that it has."""
    from scipy import sparse

    cosines = encode(words) @ index.vectors.T
    nearest, weights = nearest_weights(cosines)
    met = []
    for at in range(len(words)):
        row = np.asarray(index.affinity[nearest[at]].T @ weights[at]).ravel()
        row = np.minimum(row / max(float(row.max()), 1e-9), 1).astype(np.float32)
        row[row < _LEAST_SHARE] = 0
        certainty = (float(cosines[at].max()) - _UNKNOWN) / (_KNOWN - _UNKNOWN)
        met.append((sparse.csr_matrix(row[None]), float(np.clip(certainty, 0, 1))))
    return met
