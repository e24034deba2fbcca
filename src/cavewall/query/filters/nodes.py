"""Filters as frozen values that print themselves and combine with &, | and ~.

Every filter is true or false for a picture: a comparison with a missing value is false, and `Not`
is the exact opposite. A field may have several values (a list, the captions): a comparison is true
if it is true for one of them, and `!=` is the opposite of `=`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cavewall._internal.tokenize import TermPattern, term_patterns
from cavewall.errors import ExpressionError, FilterError
from cavewall.query.filters.dates import Date

__all__ = [
    "MAX_CHARACTERS",
    "MAX_COMPARISONS",
    "MAX_DEPTH",
    "OPERATORS",
    "And",
    "Comparison",
    "Contains",
    "ContainsWords",
    "Field",
    "Filter",
    "In",
    "Missing",
    "Not",
    "Or",
    "SourcePosition",
    "Tagged",
    "Value",
    "ValueKind",
    "number",
    "truth",
]

MAX_CHARACTERS = 4096
MAX_COMPARISONS = 256
MAX_DEPTH = 64
# Phrases and tags become patterns, whose size is limited.
MAX_PHRASE = 256
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")

ValueKind = Literal["text", "number", "boolean", "date"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?")
_INT64 = 2**63


class SourcePosition(NamedTuple):
    """A position in the source of a filter; `column` counts characters from 1."""

    source: str
    column: int


def filter_error(message: str, place: SourcePosition | None) -> FilterError:
    """An error at that position."""
    return FilterError(message, *(place or (None, None)))


class Filter:
    """A condition as a value: compare, hash, print it, or combine it with `&`, `|` and `~`."""

    # The number of comparisons, and the nesting of brackets and nots.
    comparisons: int = 1
    depth: int = 0

    def __and__(self, other: Filter) -> Filter:
        return And((self, other)) if isinstance(other, Filter) else NotImplemented

    def __or__(self, other: Filter) -> Filter:
        return Or((self, other)) if isinstance(other, Filter) else NotImplemented

    def __invert__(self) -> Filter:
        return Not(self)

    def _measure(self, comparisons: int, depth: int) -> None:
        if comparisons > MAX_COMPARISONS:
            raise FilterError(
                f"{comparisons} comparisons are more than the {MAX_COMPARISONS} allowed"
            )
        if depth > MAX_DEPTH:
            raise FilterError(f"nested deeper than the {MAX_DEPTH} levels allowed")
        object.__setattr__(self, "comparisons", comparisons)
        object.__setattr__(self, "depth", depth)

    def __str__(self) -> str:
        from cavewall.query.filters.printer import to_text

        return to_text(self)

    __repr__ = __str__


@dataclass(frozen=True)
class Field:
    """A field of pictures: a column, a metadata key, or a derived field.

    `path` has several names for nested metadata (`exif.iso`); `metadata` excludes a column of the
    same name.
    """

    path: tuple[str, ...]
    metadata: bool = False
    place: SourcePosition | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.path or not all(self.path):
            raise filter_error("a field's name is empty", self.place)
        for name in self.path:
            _check_text(name, "a field's name", self.place)

    def __str__(self) -> str:
        from cavewall.query.filters.printer import field_text

        return field_text(self)


@dataclass(frozen=True)
class Value:
    """The right-hand side of a comparison; a `Date` stands for its whole period.

    As in the grammar, a year alone is a number, and a date with a time is a text.
    """

    value: str | int | float | bool | Date
    place: SourcePosition | None = field(default=None, compare=False, repr=False)
    # True equals 1 in Python, and `flag = true` is not `flag = 1`.
    kind: ValueKind = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.value, Date) and len(self.value.parts) not in (2, 3):
            alone = len(self.value.parts) == 1
            written = self.value.parts[0] if alone else str(self.value)
            object.__setattr__(self, "value", written)
        object.__setattr__(self, "kind", _kind(self.value, self.place))

    def __str__(self) -> str:
        from cavewall.query.filters.printer import value_text

        return value_text(self.value)


@dataclass(frozen=True, repr=False)
class Comparison(Filter):
    """A field compared with a value by one of `OPERATORS`. Texts compare exactly."""

    field: Field
    operator: str
    value: Value

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise FilterError(f"{self.operator!r} is no comparison: there are {OPERATORS}")
        _check_value(self.field, self.value)
        if self.value.kind == "boolean" and self.operator not in ("=", "!="):
            raise filter_error("true and false are compared with = and != only", self.value.place)


@dataclass(frozen=True, repr=False)
class In(Filter):
    """A field that equals one of the values."""

    field: Field
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise filter_error("a list after `in` holds one value at least", self.field.place)
        for value in self.values:
            _check_value(self.field, value)


@dataclass(frozen=True, repr=False)
class Contains(Filter):
    """A field whose text contains a text, case-insensitively."""

    field: Field
    text: Value

    def __post_init__(self) -> None:
        if self.text.kind != "text":
            raise filter_error(
                f'contains takes a text: write "{self.text}" with quotes', self.text.place
            )
        _check_value(self.field, self.text)


@dataclass(frozen=True, repr=False)
class Missing(Filter):
    """A field without a value: null, an empty text or an empty list."""

    field: Field


@dataclass(frozen=True, repr=False)
class Tagged(Filter):
    """Pictures with a tag, case-insensitively."""

    tag: str
    place: SourcePosition | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_text(self.tag, "a tag", self.place, MAX_PHRASE)
        if not self.tag.strip():
            raise filter_error('a tag is empty: write tagged("draft")', self.place)


@dataclass(frozen=True, repr=False)
class ContainsWords(Filter):
    """Pictures with a caption that contains this phrase, case-insensitively.

    Words are those of `_internal.tokenize`. A word that ends with `*` matches by prefix.
    """

    phrase: str
    place: SourcePosition | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_text(self.phrase, "a phrase", self.place, MAX_PHRASE)
        if not self.words:
            raise filter_error('has() takes a word or several: has("red bus")', self.place)

    @property
    def words(self) -> tuple[TermPattern, ...]:
        """The phrase as patterns, word by word."""
        try:
            return term_patterns(self.phrase)
        except ExpressionError as found:
            raise filter_error(found.message, self.place) from None


@dataclass(frozen=True, repr=False)
class Not(Filter):
    """True where `part` is false."""

    part: Filter

    def __post_init__(self) -> None:
        bracket = isinstance(self.part, And | Or)
        self._measure(self.part.comparisons, self.part.depth + 1 + bracket)


@dataclass(frozen=True, repr=False)
class And(Filter):
    """True where all parts are; nested `And`s are flattened."""

    parts: tuple[Filter, ...]

    def __post_init__(self) -> None:
        parts = _flat(And, self.parts)
        object.__setattr__(self, "parts", parts)
        depth = max(part.depth + isinstance(part, Or) for part in parts)
        self._measure(sum(part.comparisons for part in parts), depth)


@dataclass(frozen=True, repr=False)
class Or(Filter):
    """True where at least one part is; nested `Or`s are flattened."""

    parts: tuple[Filter, ...]

    def __post_init__(self) -> None:
        parts = _flat(Or, self.parts)
        object.__setattr__(self, "parts", parts)
        depth = max(part.depth for part in parts)
        self._measure(sum(part.comparisons for part in parts), depth)


def _flat(kind: type[And] | type[Or], parts: tuple[Filter, ...]) -> tuple[Filter, ...]:
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    if len(flat) < 2:
        raise FilterError(f"{kind.__name__} takes two filters or more")
    return tuple(flat)


def _kind(value: object, place: SourcePosition | None) -> ValueKind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise filter_error("a number is too large, or none at all", place)
        return "number"
    if isinstance(value, Date):
        return "date"
    if not isinstance(value, str):
        raise filter_error(
            f"a value is text, a number, true, false or a date, not {value!r}", place
        )
    _check_text(value, "a text", place)
    return "text"


def _check_value(name: Field, value: Value) -> None:
    if value.value == "":
        raise filter_error(f"an empty text matches nothing: write `{name} is missing`", value.place)


def _check_text(
    text: str, what: str, place: SourcePosition | None, most: int | None = None
) -> None:
    if most is not None and len(text) > most:
        raise filter_error(f"{what} has {most} characters at most", place)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise filter_error(f"{what} is not valid Unicode", place)


def number(text: str) -> int | float | None:
    """The finite number written in a text, else None. Integers beyond int64 become floats."""
    written = _NUMBER.fullmatch(text.strip())
    if written is None:
        return None
    if not any(written.groups()) and len(text) < 20 and -_INT64 <= int(text) < _INT64:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def truth(text: str) -> bool | None:
    """The boolean written in a text, else None."""
    return {"true": True, "false": False}.get(text.strip().lower())
