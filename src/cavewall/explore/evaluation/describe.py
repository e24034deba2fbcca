"""Matching concepts to pictures by the word forms in their captions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["CaptionMatcher", "words_of"]

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_AGREEING = 2

Counts = NDArray[np.int32]


def words_of(text: str) -> list[str]:
    """The words of a text in order, lower-cased; `t-shirt` and `man's` are one word each.

    >>> words_of("A man's red T-shirt.")
    ['a', "man's", 'red', 't-shirt']
    """
    return _WORD.findall(text.lower().replace("’", "'"))


class CaptionMatcher:
    """An inverted index of captions by words and phrases.

    A picture *holds* a concept if two of its captions name it, or its only one does; it *shows*
    a concept if any of them does.
    """

    def __init__(self, captions: Sequence[Sequence[str]]) -> None:
        self.texts = [text for texts in captions for text in texts]
        self._words: list[list[str]] = []
        self._captions_with: dict[str, list[int]] = {}
        owners: list[int] = []
        for picture, texts in enumerate(captions):
            for text in texts:
                words = words_of(text)
                for word in set(words):
                    self._captions_with.setdefault(word, []).append(len(owners))
                self._words.append(words)
                owners.append(picture)
        self._owners = np.asarray(owners, np.int64)
        self.captions_of = np.bincount(self._owners, minlength=len(captions)).astype(np.int32)
        self._known: dict[tuple[str, ...], Counts] = {}

    def captions(self, forms: Iterable[str]) -> set[int]:
        """The indices of the captions that name one of the forms."""
        return set().union(*(self._named(form) for form in forms))

    def owner(self, caption: int) -> int:
        """The index of the picture of a caption."""
        return int(self._owners[caption])

    def counts(self, forms: Iterable[str]) -> Counts:
        """The number of captions per picture that name one of the forms, (pictures,)."""
        key = tuple(sorted(set(forms)))
        if key not in self._known:
            owners = self._owners[np.asarray(sorted(self.captions(key)), np.int64)]
            counted = np.bincount(owners, minlength=len(self.captions_of))
            self._known[key] = counted.astype(np.int32)
        return self._known[key]

    def holds(self, forms: Iterable[str]) -> NDArray[np.bool_]:
        """Mask of the pictures whose captions agree on the concept, (pictures,)."""
        needed = np.minimum(self.captions_of, _AGREEING)
        return np.asarray((self.counts(forms) >= needed) & (needed > 0), np.bool_)

    def shows(self, forms: Iterable[str]) -> NDArray[np.bool_]:
        """Mask of the pictures with a caption that names the concept, (pictures,)."""
        return np.asarray(self.counts(forms) > 0, np.bool_)

    def length(self, caption: int) -> int:
        """The number of words of a caption."""
        return len(self._words[caption])

    def _named(self, form: str) -> set[int]:
        phrase = words_of(form)
        if not phrase:
            return set()
        found = set(self._captions_with.get(phrase[0], ()))
        for word in phrase[1:]:
            found &= set(self._captions_with.get(word, ()))
        if len(phrase) == 1:
            return found
        return {caption for caption in found if _holds_phrase(self._words[caption], phrase)}


def _holds_phrase(words: list[str], phrase: list[str]) -> bool:
    size = len(phrase)
    return any(words[at : at + size] == phrase for at in range(len(words) - size + 1))
