"""Parser of filters.

    filter     := all ("or" all)*
    all        := one ("and" one)*
    one        := "not" one | "(" filter ")" | tagged("text") | has("word or phrase")
                | field comparison value | field ["not"] "in" "(" value ("," value)* ")"
                | field ["not"] "contains" text | field "is" ["not"] "missing"
    comparison := "=" | "!=" | "<" | "<=" | ">" | ">="
    field      := ["metadata."] name ("." name)*        name := bare | `in backticks`
    value      := "text" | 'text' | number | true | false | 2019-06 | 2019-06-01

Keywords are case-insensitive. Inside quotes `\\"`, `\\'` and `\\\\` stand for the
character itself; inside backticks two stand for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from cavewall.errors import FilterError
from cavewall.query.filters.nodes import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    OPERATORS,
    And,
    Comparison,
    Contains,
    ContainsWords,
    Field,
    Filter,
    In,
    Missing,
    Not,
    Or,
    SourcePosition,
    Tagged,
    Value,
)
from cavewall.query.filters.printer import quoted
from cavewall.query.filters.tokens import KEYWORDS, Token, tokens

__all__ = ["as_filter", "parse_field", "parse_filter"]

_EXPECTED = "expected =, !=, <, <=, >, >=, in, contains or is missing"
_OTHER_LANGUAGES = {
    "like": 'write contains "…"',
    "ilike": 'write contains "…"',
    "matches": 'write contains "…"',
    "between": "write `x >= 1 and x <= 2`",
    "eq": "write =",
    "equals": "write =",
}


def parse_filter(source: str) -> Filter:
    """Parse a filter.

    Raises:
        FilterError: with the column of the fault and what was expected there.
    """
    parser = _Parser(_checked(source))
    condition = parser.any()
    parser.expect_end("expected and, or, or the end of the filter")
    return condition


def as_filter(where: str | Filter | None) -> Filter | None:
    """A filter as it is, read where it is text. Raises FilterError."""
    return parse_filter(where) if isinstance(where, str) else where


def parse_field(source: str) -> Field:
    """Parse the name of a field in the syntax of filters. Raises FilterError."""
    parser = _Parser(_checked(source))
    name = parser.field()
    parser.expect_end("expected the end of the field's name; odd names stand in backticks")
    return name


def _checked(source: str) -> str:
    if len(source) > MAX_CHARACTERS:
        raise FilterError(
            f"a filter of {len(source):,} characters is longer than the {MAX_CHARACTERS:,} allowed",
            source,
            MAX_CHARACTERS + 1,
        )
    for at, character in enumerate(source):
        if "\ud800" <= character <= "\udfff":
            raise FilterError("this is not valid Unicode text", source, at + 1)
    if not source.strip():
        raise FilterError("the filter is empty: write a condition, such as width > 640", source, 1)
    return source


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.next = 0
        self.depth = 0

    # The grammar, one method per rule.

    def any(self) -> Filter:
        return self.several("or", self.all, Or)

    def all(self) -> Filter:
        return self.several("and", self.one, And)

    def several(self, word: str, part: Callable[[], Filter], kind: type[And] | type[Or]) -> Filter:
        start = self.token
        parts = [part()]
        while self.take(word):
            parts.append(part())
        with self.located(start):
            return parts[0] if len(parts) == 1 else kind(tuple(parts))

    def one(self) -> Filter:
        start = self.token
        if self.take("not"):
            with self.deeper(start), self.located(start):
                return Not(self.one())
        if self.take("("):
            with self.deeper(start):
                inner = self.any()
            self.close(start, "expected and, or, or )")
            return inner
        if start.is_one_of("tagged", "has"):
            return self.call()
        return self.predicate(self.field())

    def call(self) -> Filter:
        name = self.advance()
        word = name.text.lower()
        opening = self.token
        if not self.take("(") or self.token.kind != "text":
            self.fail(f'{word} takes one quoted text: {word}("…"){_else_backticks(name.text)}')
        text = self.advance()
        self.close(opening, f'{word} takes one quoted text and nothing else: {word}("…")')
        return (Tagged if word == "tagged" else ContainsWords)(text.value, self.place(text))

    def predicate(self, name: Field) -> Filter:
        sign = self.token
        if sign.is_one_of(*OPERATORS):
            self.advance()
            return Comparison(name, sign.text, self.value(name))
        if self.take("is"):
            present = self.take("not")
            if not self.take("missing"):
                self.fail(f"expected missing: `{name} is missing` or `{name} is not missing`")
            return Not(Missing(name)) if present else Missing(name)
        opposite = self.take("not")
        if self.take("in"):
            condition: Filter = In(name, self.list(name))
        elif self.take("contains"):
            condition = Contains(name, self.value(name))
        else:
            self.fail_predicate(name)
        with self.located(sign):
            return Not(condition) if opposite else condition

    def list(self, name: Field) -> tuple[Value, ...]:
        opening = self.token
        if not self.take("("):
            self.fail(f'expected a list in brackets: `{name} in ("a", "b")`')
        values = [self.value(name)]
        while self.take(","):
            values.append(self.value(name))
        self.close(opening, "expected , or )")
        return tuple(values)

    def field(self) -> Field:
        start = self.token
        names = [self.name(bare_only_if_free=True)]
        while self.take("."):
            names.append(self.name(bare_only_if_free=False))
        # `metadata` in backticks is an ordinary name.
        is_metadata = start.kind == "word" and start.text == "metadata" and len(names) > 1
        return Field(tuple(names[1:] if is_metadata else names), is_metadata, self.place(start))

    def name(self, bare_only_if_free: bool) -> str:
        token = self.token
        if token.kind not in ("word", "name"):
            self.fail_name(token)
        if token.kind == "word" and bare_only_if_free and token.text.lower() in KEYWORDS:
            self.fail(f"expected a field's name{_else_backticks(token.text)}")
        if not token.value:
            self.fail("the name between these backticks is empty")
        return str(self.advance().value)

    def value(self, name: Field) -> Value:
        token = self.token
        if token.kind in ("text", "number", "date"):
            self.advance()
            return Value(token.value, self.place(token))
        if token.is_one_of("true", "false"):
            self.advance()
            return Value(token.is_one_of("true"), self.place(token))
        if token.is_one_of("null", "none", "missing"):
            self.fail(f"{token.text} is no value: write `{name} is missing`")
        if token.kind in ("word", "name"):
            self.fail(f"expected a value: as a text, write {quoted(token.value)} with quotes")
        self.fail("expected a value: a quoted text, a number, a date, true or false")

    # The position in the tokens.

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def advance(self) -> Token:
        token = self.token
        self.next += 1
        return token

    def take(self, word: str) -> bool:
        """Consume that word or sign if it comes next."""
        if not self.token.is_one_of(word):
            return False
        self.advance()
        return True

    def close(self, opening: Token, expected: str) -> None:
        if self.token.kind == "end":
            self.fail("this bracket is never closed: add )", opening)
        if not self.take(")"):
            self.fail(expected)

    def expect_end(self, expected: str) -> None:
        if self.token.is_one_of(")"):
            self.fail("this bracket closes nothing: remove it")
        if self.token.kind != "end":
            self.fail(expected)

    def place(self, token: Token) -> SourcePosition:
        return SourcePosition(self.source, token.at + 1)

    @contextmanager
    def deeper(self, start: Token) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested deeper than the {MAX_DEPTH} levels allowed", start)
        yield
        self.depth -= 1

    # Errors.

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise FilterError(message, *self.place(token or self.token))

    def fail_name(self, token: Token) -> NoReturn:
        if token.kind in ("text", "number", "date"):
            self.fail("a field's name comes first, then what it is compared with: `width > 640`")
        self.fail('expected a condition, such as width > 640 or tagged("draft")')

    def fail_predicate(self, name: Field) -> NoReturn:
        token = self.token
        if token.kind == "word" and token.text.lower() in _OTHER_LANGUAGES:
            self.fail(f"there is no {token.text}: {_OTHER_LANGUAGES[token.text.lower()]}")
        if token.kind == "end" or token.is_one_of("and", "or", ")"):
            self.fail(f"{_EXPECTED} after {name}; what is true or false is written {name} = true")
        self.fail(f"{_EXPECTED} after {name}")

    @contextmanager
    def located(self, start: Token) -> Iterator[None]:
        """Give errors of the values themselves the column where the value began."""
        try:
            yield
        except FilterError as found:
            if found.column is None:
                self.fail(found.message, start)
            raise


def _else_backticks(word: str) -> str:
    return f"; a field of that name is written `{word}`"
