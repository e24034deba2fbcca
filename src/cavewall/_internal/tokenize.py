"""The words of a text as they are written: what keywords match, stop words too, no stemming.

A word is a run of letters and digits with their accents, case-folded, in Unicode's composed form
(NFC): `Strandcafé` is one word however it is typed, and not `strandcafe`. Whatever else stands
between words only parts them: `t-shirt`, `man's` and `snow_ball` are two words each, which stand
side by side. Han characters and hiragana, written without spaces, are words one by one.
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
    """A word that is looked for, or the beginning of words."""

    word: str
    begins: bool = False

    def matches(self, word: str) -> bool:
        """Whether a written word is what is looked for."""
        return word.startswith(self.word) if self.begins else word == self.word

    def __str__(self) -> str:
        return f"{self.word}*" if self.begins else self.word


def tokenize(text: str) -> list[str]:
    """The words of a text in their order, repeated ones each time."""
    text = _folded(text)
    return re.findall(_word(text), text)


def words_of_all(texts: Iterable[str]) -> list[str]:
    """The words of many texts in one list, `END` after each text."""
    # One pass over all of them is several times as fast as one over each.
    joined = END.join([*(text.replace(END, " ") for text in texts), ""])
    joined = _folded(joined)
    return re.findall(f"{END}|{_word(joined)}", joined)


def term_patterns(text: str) -> tuple[TermPattern, ...]:
    """What a keyword looks for, in its order: a `*` right after a word makes it a beginning.

    Raises:
        ExpressionError: a `*` that stands elsewhere.
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
    """The pattern of the words of a text."""
    if text.isascii():
        return _ASCII
    # To Python's patterns, accents that cannot be composed (Hindi, Hebrew) are no letters.
    marks = sorted(each for each in set(text) if unicodedata.category(each).startswith("M"))
    return _pattern("".join(marks))


@functools.lru_cache(64)
def _pattern(marks: str) -> str:
    letter = rf"(?!{_SINGLE})[^\W_]"
    accent = f"|[{marks}]" if marks else ""
    return f"{_SINGLE}|{letter}(?:{letter}{accent})*"
