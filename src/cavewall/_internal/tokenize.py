"""Tokeniser of captions and keywords: stop words are kept, nothing is stemmed.

A word is a run of letters and digits with their accents, case-folded, in Unicode's composed form
(NFC): `Strandcafé` is one word however it is encoded, and differs from `strandcafe`. All other
characters separate words: `t-shirt`, `man's` and `snow_ball` are two adjacent words each. Han
characters and hiragana, written without spaces, are words one by one.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from cavewall.errors import ExpressionError

__all__ = ["END", "TermPattern", "term_patterns", "tokenize", "words_of_all"]

END = "\n"

_ASCII = r"[a-z0-9]+"
_SINGLE = (
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3041-\u3096\u309d-\u309f"
    r"\U00020000-\U0003ffff]"
)


class TermPattern(NamedTuple):
    """A word to match, or a prefix of words."""

    word: str
    begins: bool = False

    def matches(self, word: str) -> bool:
        """Whether a word of a text matches."""
        return word.startswith(self.word) if self.begins else word == self.word

    def __str__(self) -> str:
        return f"{self.word}*" if self.begins else self.word


def tokenize(text: str) -> list[str]:
    """The words of a text in order, including repetitions."""
    text = _folded(text)
    return re.findall(_word(text), text)


def words_of_all(texts: Iterable[str]) -> list[str]:
    """The words of many texts in one list, with `END` after each text."""
    # One pass over all texts is several times as fast as one pass per text.
    joined = END.join([*(text.replace(END, " ") for text in texts), ""])
    joined = _folded(joined)
    return re.findall(f"{END}|{_word(joined)}", joined)


def term_patterns(text: str) -> tuple[TermPattern, ...]:
    """The patterns of a keyword in order; a `*` right after a word makes it a prefix.

    Raises:
        ExpressionError: a `*` anywhere else.
    """
    folded = _folded(text)
    found = re.findall(rf"({_word(folded)})(\*(?![^\W_]))?", folded)
    if sum(bool(star) for _, star in found) != folded.count("*"):
        raise ExpressionError(
            f"`{text}`: a * stands at the end of a word, for what begins like it: `bright*`"
        )
    return tuple(TermPattern(word, bool(star)) for word, star in found)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", composed)


def _word(text: str) -> str:
    """The regular expression of the words of a text."""
    if text.isascii():
        return _ASCII
    # Python's regular expressions do not count combining marks (Hindi, Hebrew) as letters.
    marks = sorted(each for each in set(text) if unicodedata.category(each).startswith("M"))
    return _pattern("".join(marks))


@functools.lru_cache(64)
def _pattern(marks: str) -> str:
    letter = rf"(?!{_SINGLE})[^\W_]"
    accent = f"|[{marks}]" if marks else ""
    return f"{_SINGLE}|{letter}(?:{letter}{accent})*"
