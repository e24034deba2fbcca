"""Filters print to text that reads back as the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall.query.filters import Comparison, Date, Field, Value, parse_filter
from tests.generated_filters import FIELDS, NASTY, UNKNOWN, Maker
from tests.profile import scaled


@pytest.mark.parametrize(
    "source",
    [
        'year >= 2019 and camera = "X100" and not tagged("draft")',
        "a = 1 and (b = 2 or c = 3)",
        "a = 1 and b = 2 or c = 3",
        "not (a = 1 or b = 2)",
        "not not a = 1",
        "a is missing or a is not missing",
        'not a in (1, "b", true)',
        'not a contains "b"',
        "a = 2019-06 or a = 2019-06-01",
        'a = "2019-06"',
        "a = 'say \"x\"'",
        'a = "it\'s"',
        'a = "\\\\"',
        "a = 2.5 or a = -3 or a = 1e+22",
        "`in` = 1 or `a b` = 1 or `a``b` = 1 or `ｙear` = 1",
        "metadata.width = 1 or `metadata`.width = 1 or exif.iso = 1 or `exif.iso` = 1",
        'has("red bus*")',
    ],
)
def test_what_is_written_so_prints_so(source: str) -> None:
    assert str(parse_filter(source)) == source
    assert repr(parse_filter(source)) == source


@pytest.mark.parametrize("text", [text for text in NASTY if text])
def test_any_text_and_name_reads_back(text: str) -> None:
    found = Comparison(Field((text, text), metadata=True), "=", Value(text))
    assert parse_filter(str(found)) == found
    assert parse_filter(str(~found)) == ~found


@pytest.mark.parametrize("written", ["2019", "2019-06", "2019-06-01", "2019-06-01T10:30:00"])
def test_a_date_made_in_python_prints_as_its_grammar_has_it(written: str) -> None:
    date = Date.from_text(written)
    assert date is not None
    found = Comparison(Field(("date",)), "<", Value(date))
    assert parse_filter(str(found)) == found


@settings(max_examples=scaled(300))
@given(st.randoms(use_true_random=True))
def test_filters_print_and_read_back(drawn: Random) -> None:
    maker = Maker(drawn, FIELDS + UNKNOWN)
    for _ in range(5):
        found = maker.filter(depth=5)
        if len(str(found)) <= 4096 and found.comparisons <= 256:
            assert parse_filter(str(found)) == found


@settings(max_examples=scaled(200))
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_texts_and_names_read_back(text: str) -> None:
    found = Comparison(Field((text,)), "=", Value(text))
    assert parse_filter(str(found)) == found
