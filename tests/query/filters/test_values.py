"""Texts that read as numbers and booleans."""

from __future__ import annotations

import pytest

from cavewall.query.filters import number, truth


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
