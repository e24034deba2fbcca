"""What a filter is: frozen values that print themselves and combine with &, | and ~.

Every filter is true or false of a picture: a comparison with a value that is missing is false,
and `Not` is the exact opposite. A field may have several values (a list, the captions): a
comparison holds where it holds for one of them, and `!=` is the opposite of `=`.
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
    "Place",
    "Tagged",
    "Value",
    "ValueKind",
    "number",
    "truth",
]

MAX_CHARACTERS = 4096
MAX_COMPARISONS = 256
MAX_DEPTH = 64
# What is looked for as words becomes a pattern, and those have their limits.
MAX_PHRASE = 256
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")

ValueKind = Literal["text", "number", "boolean", "date"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?")
_INT64 = 2**63


class Place(NamedTuple):
    """Where in a text something was read: `column` counts characters from 1."""

    source: str
    column: int


def fault(message: str, place: Place | None) -> FilterError:
    """The error that says so of that place."""
    return FilterError(message, *(place or (None, None)))


class Filter:
    """A condition as a value: compare, hash, print it, or combine it with `&`, `|` and `~`."""

    # How many comparisons it has, and how many brackets and nots stand one inside the other.
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
    """What a picture has a value of: a column, metadata of that name, or what follows from it.

    `path` has several names where metadata lie in one another (`exif.iso`); `metadata` says that
    a column of that name is not meant.
    """

    path: tuple[str, ...]
    metadata: bool = False
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.path or not all(self.path):
            raise fault("a field's name is empty", self.place)
        for name in self.path:
            _check_text(name, "a field's name", self.place)

    def __str__(self) -> str:
        from cavewall.query.filters.printer import field_text

        return field_text(self)


@dataclass(frozen=True)
class Value:
    """What a field is compared with; a `Date` stands for the whole period that it names.

    As in the grammar, a year alone is a number, and a moment of a day a text.
    """

    value: str | int | float | bool | Date
    place: Place | None = field(default=None, compare=False, repr=False)
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
    """A field beside a value, `operator` being one of `OPERATORS`. Texts compare exactly."""

    field: Field
    operator: str
    value: Value

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise FilterError(f"{self.operator!r} is no comparison: there are {OPERATORS}")
        _check_value(self.field, self.value)
        if self.value.kind == "boolean" and self.operator not in ("=", "!="):
            raise fault("true and false are compared with = and != only", self.value.place)


@dataclass(frozen=True, repr=False)
class In(Filter):
    """A field that equals one of the values."""

    field: Field
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise fault("a list after `in` holds one value at least", self.field.place)
        for value in self.values:
            _check_value(self.field, value)


@dataclass(frozen=True, repr=False)
class Contains(Filter):
    """A field in whose text that text stands, in capitals or not."""

    field: Field
    text: Value

    def __post_init__(self) -> None:
        if self.text.kind != "text":
            raise fault(f'contains takes a text: write "{self.text}" with quotes', self.text.place)
        _check_value(self.field, self.text)


@dataclass(frozen=True, repr=False)
class Missing(Filter):
    """A field of which a picture has no value: none, an empty text or an empty list."""

    field: Field


@dataclass(frozen=True, repr=False)
class Tagged(Filter):
    """Pictures that bear a tag, in capitals or not."""

    tag: str
    place: Place | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_text(self.tag, "a tag", self.place, MAX_PHRASE)
        if not self.tag.strip():
            raise fault('a tag is empty: write tagged("draft")', self.place)


@dataclass(frozen=True, repr=False)
class ContainsWords(Filter):
    """Pictures with a caption that says these words one after the other, in capitals or not.

    What words are is said in `_internal.tokenize`. A word that ends with `*` stands for all that
    begin with it.
    """

    phrase: str
    place: Place | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_text(self.phrase, "a phrase", self.place, MAX_PHRASE)
        if not self.words:
            raise fault('has() takes a word or several: has("red bus")', self.place)

    @property
    def words(self) -> tuple[TermPattern, ...]:
        """What is looked for, word by word."""
        try:
            return term_patterns(self.phrase)
        except ExpressionError as found:
            raise fault(found.message, self.place) from None


@dataclass(frozen=True, repr=False)
class Not(Filter):
    """What the other is not true of."""

    part: Filter

    def __post_init__(self) -> None:
        bracket = isinstance(self.part, And | Or)
        self._measure(self.part.comparisons, self.part.depth + 1 + bracket)


@dataclass(frozen=True, repr=False)
class And(Filter):
    """What all parts are true of; `And`s among them are taken apart."""

    parts: tuple[Filter, ...]

    def __post_init__(self) -> None:
        parts = _flat(And, self.parts)
        object.__setattr__(self, "parts", parts)
        depth = max(part.depth + isinstance(part, Or) for part in parts)
        self._measure(sum(part.comparisons for part in parts), depth)


@dataclass(frozen=True, repr=False)
class Or(Filter):
    """What one part at least is true of; `Or`s among them are taken apart."""

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


def _kind(value: object, place: Place | None) -> ValueKind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise fault("a number is too large, or none at all", place)
        return "number"
    if isinstance(value, Date):
        return "date"
    if not isinstance(value, str):
        raise fault(f"a value is text, a number, true, false or a date, not {value!r}", place)
    _check_text(value, "a text", place)
    return "text"


def _check_value(name: Field, value: Value) -> None:
    if value.value == "":
        raise fault(f"an empty text matches nothing: write `{name} is missing`", value.place)


def _check_text(text: str, what: str, place: Place | None, most: int | None = None) -> None:
    if most is not None and len(text) > most:
        raise fault(f"{what} has {most} characters at most", place)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise fault(f"{what} is not valid Unicode", place)


def number(text: str) -> int | float | None:
    """The finite number that a text is, None where it is none. What int64 cannot hold is float."""
    written = _NUMBER.fullmatch(text.strip())
    if written is None:
        return None
    if not any(written.groups()) and len(text) < 20 and -_INT64 <= int(text) < _INT64:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def truth(text: str) -> bool | None:
    """The boolean that a text is, None where it is none."""
    return {"true": True, "false": False}.get(text.strip().lower())
