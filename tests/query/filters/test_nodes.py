"""Filters as values: made in Python, compared, combined, limited."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from cavewall.errors import FilterError
from cavewall.query.filters import (
    And,
    Comparison,
    Contains,
    ContainsWords,
    Field,
    Filter,
    In,
    Not,
    Or,
    Tagged,
    Value,
    number,
    parse_filter,
    truth,
)

X = Field(("x",))
ONE = Comparison(X, "=", Value(1))
TWO = Comparison(X, "=", Value(2))


def test_filters_combine() -> None:
    assert And((ONE, TWO)) == ONE & TWO
    assert Or((ONE, TWO)) == ONE | TWO
    assert Not(ONE) == ~ONE
    assert And((ONE, TWO, ONE)) == (ONE & TWO) & ONE
    assert str((ONE | TWO) & ~(ONE | TWO)) == "(x = 1 or x = 2) and not (x = 1 or x = 2)"
    with pytest.raises(TypeError):
        ONE & "x = 1"  # type: ignore[operator]


def test_equal_filters_are_equal_wherever_they_were_read() -> None:
    assert parse_filter("  x   =  1") == parse_filter("x=1") == ONE
    assert hash(parse_filter(" x = 1 and tagged('a')")) == hash(ONE & Tagged("a"))
    assert parse_filter("x = 1") == parse_filter("x = 1.0")


def test_true_is_not_one() -> None:
    assert Value(True) != Value(1)
    assert parse_filter("x = true") != parse_filter("x = 1")


def test_filters_cross_a_process_boundary() -> None:
    found = parse_filter("x = 1 and not has('a b')")
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    "make",
    [
        lambda: Field(()),
        lambda: Field(("",)),
        lambda: Field(("\ud800",)),
        lambda: Value(float("nan")),
        lambda: Value(float("-inf")),
        lambda: Value(10**400),
        lambda: Value("\udfff"),
        lambda: Value(None),  # type: ignore[arg-type]
        lambda: Comparison(X, "~", Value(1)),
        lambda: Comparison(X, "=", Value("")),
        lambda: Comparison(X, "<", Value(True)),
        lambda: In(X, ()),
        lambda: Contains(X, Value(1)),
        lambda: Contains(X, Value("")),
        lambda: Tagged(""),
        lambda: ContainsWords(""),
        lambda: ContainsWords("*"),
        lambda: ContainsWords("a" * 257),
        lambda: Tagged("a" * 257),
        lambda: And((ONE,)),
        lambda: Or(()),
    ],
)
def test_what_means_nothing_cannot_be_made(make: Any) -> None:
    with pytest.raises(FilterError):
        make()


def test_limits_hold_in_python_too() -> None:
    many: Filter = ONE
    for _ in range(255):
        many = many | ONE
    assert many.comparisons == 256
    with pytest.raises(FilterError, match="257 comparisons"):
        many | ONE
    deep: Filter = ONE
    for _ in range(64):
        deep = ~deep
    with pytest.raises(FilterError, match="64 levels"):
        Not(deep)


def test_a_phrase_is_made_of_words() -> None:
    words = (("red", False), ("bus", True), ("über", False), ("x", False))
    assert ContainsWords("  Red-bus* über_x ").words == words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("7", 7), (" -12 ", -12), ("+3", 3), ("007", 7), ("2.50", 2.5), (".5", 0.5), ("5.", 5.0)),
        *(("1e3", 1000.0), ("9007199254740993", 9007199254740993), ("9" * 30, 1e30)),
    ],
)
def test_a_text_that_is_a_number(text: str, value: float) -> None:
    assert number(text) == value
    assert type(number(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1e", "1,5", "0x1", "NaN", "inf", "1e999", "１", "1_0"]
)
def test_a_text_that_is_none(text: str) -> None:
    assert number(text) is None


def test_texts_that_are_booleans() -> None:
    assert [truth(text) for text in ("true", " FALSE ", "yes", "1", "")] == [
        True,
        False,
        None,
        None,
        None,
    ]
