"""What a text or a picture says, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall.index.lexical.stopwords import content_words
from cavewall.index.lexical.word_index import WordIndex
from cavewall.index.lexical.word_similarity import nearest_weights

__all__ = ["FLOOR", "TermProfile", "TermWords"]

Floats = NDArray[np.float32]

# Below this, a word is as good as not there.
FLOOR = 0.003
# How much a word counts in itself: rarity and stability, each to its power.
_RARE, _STABLE = 2.5, 1.5
# An unknown word counts not at all below, and fully above, these cosines to its nearest known one.
_UNKNOWN, _KNOWN = 0.50, 0.65
_LEAST_SHARE = 0.05
_UNKNOWN_RARITY, _UNKNOWN_STABILITY = 7.0, 0.3


class TermProfile:
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
    def from_text(
        cls, text: str, index: WordIndex, encode: Callable[[list[str]], Floats]
    ) -> TermProfile:
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
    def from_picture(cls, position: int, index: WordIndex) -> TermProfile:
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
    def support(self) -> Any:
        """Sparse (words, pictures): how often captions of a picture say each word, 1 is all."""
        return self.says @ self.index.postings

    @cached_property
    def levels(self) -> Any:
        """Sparse (pictures, words): ln(1 + e / FLOOR), for e how far captions say the word.

        By columns, so that means over the words touch only pictures that say something of them.
        """
        from scipy import sparse

        heard = self.support
        found = np.log(np.minimum(heard.data, 1) / np.float32(FLOOR) + 1)
        return sparse.csr_matrix((found, heard.indices, heard.indptr), heard.shape).T


@dataclass(frozen=True)
class TermWords:
    """What a term of a query says, in words, and its weight.

    `known` is how far the wall knows each word, `agreement` how far a picture's captions agree on
    it, 1 for a text's.
    """

    weight: float
    said: TermProfile

    @classmethod
    def from_text(
        cls, text: str, weight: float, index: WordIndex, encode: Callable[[list[str]], Floats]
    ) -> TermWords:
        """The words of a text; words that the wall has not are read through their nearest."""
        said: TermProfile = index.remembered(
            text, lambda: TermProfile.from_text(text, index, encode)
        )
        return cls(weight, said)

    @classmethod
    def from_picture(cls, position: int, weight: float, index: WordIndex) -> TermWords:
        """The words of a picture's captions, with how far these agree on each."""
        said: TermProfile = index.remembered(
            position, lambda: TermProfile.from_picture(position, index)
        )
        return cls(weight, said)

    @property
    def words(self) -> tuple[str, ...]:
        return self.said.words

    @property
    def expansions(self) -> Any:
        return self.said.says

    @property
    def in_vocabulary(self) -> Floats:
        return self.said.known

    @property
    def agreement(self) -> Floats:
        return self.said.agreement

    @property
    def from_a_picture(self) -> bool:
        return self.said.from_a_picture


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
