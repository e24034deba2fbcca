"""Text from strangers on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from tests.profile import scaled

ANYTHING = st.text(st.characters())
DANGEROUS = ("Cc", "Cf", "Cs", "Zl", "Zp")


EMOJI = ["🐕", "👩\u200d👩\u200d👧", "❤\ufe0f", "🏳\ufe0f\u200d🌈"]
WORDS = [
    "",
    "a dog in the sand",
    "naïve café",
    "東京の犬",
    "שלום",
    "e\u0301",
    "a\u00a0b",
    r"\u001b",
]


@pytest.mark.parametrize("harmless", EMOJI + WORDS)
def test_harmless_text_stays_as_it_is(harmless: str) -> None:
    assert escape_control(harmless) == harmless


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b2J", "\\u009b2J"),
        ("\x00\x08\x0b\x0c\x7f", "\\u0000\\u0008\\u000b\\u000c\\u007f"),
        ("\x85", "\\u0085"),
        ("line\nbreak\r\ttab", "line break  tab"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"),
        ("\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"),
        ("zero\u200bwidth\u200c\u2060\ufeff", "zero\\u200bwidth\\u200c\\u2060\\ufeff"),
        ("soft\u00adhyphen", "soft\\u00adhyphen"),
        ("\ud800 \udfff", "\\ud800 \\udfff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_could_steer_or_hide_is_spelled_out(hostile: str, shown: str) -> None:
    assert escape_control(hostile) == shown


@given(ANYTHING)
@settings(max_examples=scaled(200))
def test_nothing_dangerous_is_left(text: str) -> None:
    left = [character for character in escape_control(text) if character not in "\u200d\ufe0f"]
    assert not [character for character in left if unicodedata.category(character) in DANGEROUS]
    escape_control(text).encode()


@given(ANYTHING)
@settings(max_examples=scaled(50))
def test_what_is_inert_stays_so(text: str) -> None:
    assert escape_control(escape_control(text)) == escape_control(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("12345", "12345"),
        ("123456", "1234…"),
        ("1234567890", "1234…"),
        ("\x1b", "\\u00…"),
        ("a\nb", "a b"),
    ],
)
def test_long_text_is_clipped(text: str, shown: str) -> None:
    assert truncate(text, 5) == shown


def test_captions_may_be_300_characters_long() -> None:
    assert truncate("x" * 300) == "x" * 300
    assert truncate("x" * 301) == "x" * 299 + "…"


@given(ANYTHING, st.integers(1, 20))
@settings(max_examples=scaled(100))
def test_clipped_text_is_inert_and_short(text: str, length: int) -> None:
    assert len(truncate(text, length)) <= length
    assert escape_control(truncate(text, length)) == truncate(text, length)


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 groups"), (1, "1 group"), (2000, "2,000 groups")]
)
def test_one_is_not_many(count: int, expected: str) -> None:
    assert pluralize(count, "group") == expected
