"""The words of a term, and the words of the wall's captions that mean them.

A term is a text, or a picture of the wall, whose words are those of its captions. Each of its words
is expanded over the wall's vocabulary by `WordIndex.affinity`: `puppy` is also found where captions
say `dog`. A word that no caption has is expanded through its nearest known words by the encoder,
and counts less the further these are away.
"""

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

# Evidence below this counts as none.
FLOOR = 0.003
# The weight of a word by itself: rarity and stability, each to this power.
_RARE, _STABLE = 2.5, 1.5
# An unknown word counts nothing below the first and fully above the second cosine to its nearest
# known word; between them linearly.
_UNKNOWN, _KNOWN = 0.50, 0.65
_LEAST_SHARE = 0.05
_UNKNOWN_RARITY, _UNKNOWN_STABILITY = 7.0, 0.3


class TermProfile:
    """The words of a text or a picture, without its weight: cached from query to query.

    Attributes:
        index: the words of the wall.
        words: the m words of the term.
        expansions: sparse (m, V): the chance that each word of the wall means the word.
        in_vocabulary: (m,) how far the wall knows each word, 0 to 1.
        agreement: (m,) how far a picture's captions agree on each word, 1 for a text.
        from_a_picture: whether the words are a picture's.
    """

    def __init__(
        self,
        index: WordIndex,
        words: tuple[str, ...],
        expansions: Any,
        in_vocabulary: Floats,
        agreement: Floats,
        from_a_picture: bool = False,
    ) -> None:
        self.index = index
        self.words = words
        self.expansions = expansions
        self.in_vocabulary = in_vocabulary
        self.agreement = agreement
        self.from_a_picture = from_a_picture

    @classmethod
    def from_text(
        cls, text: str, index: WordIndex, encode: Callable[[list[str]], Floats]
    ) -> TermProfile:
        """The words of a text; unknown words are expanded through their nearest known words."""
        from scipy import sparse

        words = content_words(text) if index.words else []
        if not words:
            none = np.zeros(0, np.float32)
            return cls(index, (), sparse.csr_matrix((0, len(index.words))), none, none)
        unknown = [word for word in words if word not in index.ids]
        met = dict(zip(unknown, _expand(unknown, index, encode), strict=True)) if unknown else {}
        found = [
            met[word] if word in met else (index.affinity[[index.ids[word]]], 1.0) for word in words
        ]
        expansions = sparse.vstack([row for row, _ in found]).tocsr()
        in_vocabulary = np.array([certainty for _, certainty in found], np.float32)
        return cls(index, tuple(words), expansions, in_vocabulary, np.ones(len(words), np.float32))

    @classmethod
    def from_picture(cls, position: int, index: WordIndex) -> TermProfile:
        """The words of a picture's captions."""
        row = index.shares[[position]]
        expansions = index.affinity[row.indices]
        agreement = np.minimum((expansions @ row.T).toarray().ravel(), 1).astype(np.float32)
        words = tuple(index.words[at] for at in row.indices)
        return cls(index, words, expansions, np.ones(len(words), np.float32), agreement, True)

    @cached_property
    def ids(self) -> NDArray[np.intp]:
        """Where the words are in the index, -1 for unknown ones."""
        return np.array([self.index.ids.get(word, -1) for word in self.words], np.intp)

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """The logarithm of how much each word counts, before the other terms are considered."""
        known = self.ids >= 0
        rarity = np.where(known, self.index.rarity[self.ids], _UNKNOWN_RARITY)
        stability = np.where(known, self.index.stability[self.ids], _UNKNOWN_STABILITY)
        counts = np.log(np.maximum(self.agreement.astype(np.float64), 0.02))
        counts += _RARE * np.log(rarity) + _STABLE * np.log(stability)
        return np.asarray(counts + np.log(self.in_vocabulary + 1e-6), np.float64)

    @cached_property
    def support(self) -> Any:
        """Sparse (m, pictures): the share of a picture's captions that mean each word.

        Several words of one caption may mean the same one, so that it can exceed 1.
        """
        return self.expansions @ self.index.postings

    @cached_property
    def levels(self) -> Any:
        """Sparse (pictures, m) by columns: ln(1 + e / FLOOR), for e the support, at most 1."""
        from scipy import sparse

        support = self.support
        found = np.log(np.minimum(support.data, 1) / np.float32(FLOOR) + 1)
        return sparse.csr_matrix((found, support.indices, support.indptr), support.shape).T


@dataclass(frozen=True)
class TermWords:
    """A term of a query: its profile and its weight. The properties are the profile's."""

    weight: float
    profile: TermProfile

    @classmethod
    def from_text(
        cls, text: str, weight: float, index: WordIndex, encode: Callable[[list[str]], Floats]
    ) -> TermWords:
        """The words of a text; unknown words are expanded through their nearest known words."""
        profile: TermProfile = index.cached_term(
            text, lambda: TermProfile.from_text(text, index, encode)
        )
        return cls(weight, profile)

    @classmethod
    def from_picture(cls, position: int, weight: float, index: WordIndex) -> TermWords:
        """The words of a picture's captions."""
        profile: TermProfile = index.cached_term(
            position, lambda: TermProfile.from_picture(position, index)
        )
        return cls(weight, profile)

    @property
    def words(self) -> tuple[str, ...]:
        return self.profile.words

    @property
    def expansions(self) -> Any:
        return self.profile.expansions

    @property
    def in_vocabulary(self) -> Floats:
        return self.profile.in_vocabulary

    @property
    def agreement(self) -> Floats:
        return self.profile.agreement

    @property
    def from_a_picture(self) -> bool:
        return self.profile.from_a_picture


def _expand(
    words: list[str], index: WordIndex, encode: Callable[[list[str]], Floats]
) -> list[tuple[Any, float]]:
    """Expansions (1, V) and certainty of words that the wall lacks, through their nearest words."""
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
