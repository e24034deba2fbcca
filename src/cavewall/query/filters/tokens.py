"""Tokeniser of filters; common mistakes of other languages get an error with the right spelling."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from cavewall.errors import FilterError
from cavewall.query.filters.dates import Date
from cavewall.query.filters.nodes import number

__all__ = ["KEYWORDS", "Token", "is_bare", "tokens"]

KEYWORDS = frozenset(
    ("and", "or", "not", "in", "is", "missing", "contains", "tagged", "has", "true", "false")
)
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"(?P<mark>[\"'])(?P<text>(?:\\.|(?!(?P=mark))[^\\])*+)(?P=mark)", re.DOTALL)
_NAME = re.compile(r"`((?:``|[^`])*+)`")
_DATE = re.compile(r"[0-9]{4}-[0-9]+(?:-[0-9]+)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+")
_SIGN = re.compile(r"!=|<=|>=|[=<>().,]")
_MISTAKES = {
    "==": "write =",
    "=>": "write >=",
    "=<": "write <=",
    "=~": "write contains",
    "<>": "write !=",
    "&&": "write and",
    "||": "write or",
    "--": "there are no comments in a filter: leave it out, or quote the text",
    "/*": "there are no comments in a filter: leave it out, or quote the text",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "!": "write not, or !=",
    "&": "write and",
    "|": "write or",
    ";": "a filter is one condition: leave the ; out, or quote the text",
    "#": "there are no comments in a filter: leave it out, or quote the text",
    "%": "there are no wildcards: write contains",
    "−": "write - for a minus",
    "–": "write -",
    "—": "write -",
}
_ROUND_QUOTES = dict.fromkeys("“”„‟«»〝〞＂″", '"') | dict.fromkeys("‘’‚‛‹›＇′´", "'")


@dataclass(frozen=True)
class Token:
    """`at` counts characters from 0; `value` is the value of a text, number or name."""

    kind: Literal["word", "name", "text", "number", "date", "sign", "end"]
    text: str
    value: Any
    at: int

    def is_one_of(self, *words: str) -> bool:
        """Whether it is one of those keywords (case-insensitively) or signs."""
        return self.kind in ("word", "sign") and self.text.lower() in words


def is_bare(name: str) -> bool:
    """Whether a name parses without backticks."""
    return _WORD.fullmatch(name) is not None and unicodedata.normalize("NFKC", name) == name


def tokens(source: str) -> list[Token]:
    """All tokens of a filter, including the end.

    Raises:
        FilterError: an invalid character or literal; the message says what to write instead.
    """
    found: list[Token] = []
    at = _after_space(source, 0)
    while at < len(source):
        token = _token(source, at)
        found.append(token)
        at = _after_space(source, at + len(token.text))
    return [*found, Token("end", "", None, len(source))]


def _after_space(source: str, at: int) -> int:
    space = _SPACE.match(source, at)
    return at if space is None else space.end()


def _token(source: str, at: int) -> Token:
    for mistake in (source[at : at + 2], source[at]):
        if mistake in _MISTAKES and source[at : at + 2] != "!=":
            _fail(f"{mistake} means nothing in a filter: {_MISTAKES[mistake]}", source, at)
    if (word := _WORD.match(source, at)) is not None:
        return _word(source, word[0], at)
    if source[at] in "\"'":
        return _text(source, at)
    if source[at] == "`":
        return _backticked(source, at)
    if (date := _DATE.match(source, at)) is not None:
        return _date(source, date[0], at)
    if (written := _NUMBER.match(source, at)) is not None:
        return _number(source, written[0], at)
    if (sign := _SIGN.match(source, at)) is not None:
        return Token("sign", sign[0], None, at)
    _fail_character(source, at)


def _word(source: str, word: str, at: int) -> Token:
    if not is_bare(word):
        meant = unicodedata.normalize("NFKC", word)
        _fail(f"{word} only looks like {meant}: write {meant}, or `{word}`", source, at)
    return Token("word", word, word, at)


def _text(source: str, at: int) -> Token:
    found = _QUOTED.match(source, at)
    if found is None:
        _fail(f"this quote is never closed: add {source[at]} where the text ends", source, at)
    text = re.sub(r"\\([\"'\\])", r"\1", found["text"])
    return Token("text", found[0], text, at)


def _backticked(source: str, at: int) -> Token:
    found = _NAME.match(source, at)
    if found is None:
        _fail("this name is never closed: add ` where it ends", source, at)
    return Token("name", found[0], found[1].replace("``", "`"), at)


def _date(source: str, written: str, at: int) -> Token:
    _check_end(source, written, at)
    date = Date.from_text(written)
    if date is None:
        _fail(f"{written} is no date: a month is 2019-06, a day 2019-06-01", source, at)
    return Token("date", written, date, at)


def _number(source: str, written: str, at: int) -> Token:
    _check_end(source, written, at)
    value = number(written)
    if value is None:
        _fail("this number is too large", source, at)
    return Token("number", written, value, at)


def _check_end(source: str, written: str, at: int) -> None:
    """Refuse a number or date that runs into further characters."""
    rest = re.match(r"[\w.:%+-]+", source[at + len(written) :])
    if rest is not None:
        whole = written + rest[0]
        _fail(f'{whole} is neither number nor date: as a text, write "{whole}"', source, at)


def _fail_character(source: str, at: int) -> NoReturn:
    character = source[at]
    if character in _ROUND_QUOTES:
        straight = _ROUND_QUOTES[character]
        _fail(
            f"{character} is no quote of a filter: write straight ones, {straight}…{straight}",
            source,
            at,
        )
    meant = unicodedata.normalize("NFKC", character)
    if meant != character and meant.isascii() and meant.strip():
        _fail(f"{character} only looks like {meant}: write {meant}", source, at)
    shown = character if character.isprintable() else f"the character U+{ord(character):04X}"
    _fail(f"{shown} means nothing in a filter: quote texts, and put odd names in `…`", source, at)


def _fail(message: str, source: str, at: int) -> NoReturn:
    raise FilterError(message, source, at + 1)
