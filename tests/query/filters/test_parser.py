"""What filters mean, and what is said of those that mean nothing."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall.errors import FilterError
from cavewall.query.filters import (
    And,
    Comparison,
    Contains,
    ContainsWords,
    Date,
    Field,
    Filter,
    In,
    Missing,
    Not,
    Or,
    Tagged,
    Value,
    parse_field,
    parse_filter,
)
from tests.generated_filters import Maker
from tests.profile import scaled

YEAR = Comparison(Field(("year",)), ">=", Value(2019))
CAMERA = Comparison(Field(("camera",)), "=", Value("X100"))
WIDE = Comparison(Field(("width",)), ">", Value(640))


def compared(value: str | int | float | bool | Date, sign: str = "=", name: str = "x") -> Filter:
    return Comparison(Field((name,)), sign, Value(value))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            'year >= 2019 and camera = "X100" and not tagged("draft")',
            And((YEAR, CAMERA, Not(Tagged("draft")))),
        ),
        ("x=1", compared(1)),
        ("x != 1", compared(1, "!=")),
        ("x<1", compared(1, "<")),
        ("x <= -1.5e2", compared(-150.0, "<=")),
        ("x > .5", compared(0.5, ">")),
        ("x >= +5.", compared(5, ">=")),
        ("x = 'it is \"quoted\"'", compared('it is "quoted"')),
        (r'x = "a \"b\" \\ \n \'"', compared('a "b" \\ \\n \'')),
        ("x = '; -- /* */ #'", compared("; -- /* */ #")),
        ("x = 'a\0b\nc'", compared("a\0b\nc")),
        ("x = true or x = FALSE", Or((compared(True), compared(False)))),
        ("x = 2019", compared(2019)),
        ("x = 2019-06", compared(Date((2019, 6)))),
        ("x = 2019-06-01", compared(Date((2019, 6, 1)))),
        ('x = "2019-06-01"', compared("2019-06-01")),
        ("x in (1, 'a', true)", In(Field(("x",)), (Value(1), Value("a"), Value(True)))),
        ("x not in (1)", Not(In(Field(("x",)), (Value(1),)))),
        ("x contains 'a'", Contains(Field(("x",)), Value("a"))),
        ("x not contains 'a'", Not(Contains(Field(("x",)), Value("a")))),
        ("x is missing", Missing(Field(("x",)))),
        ("X IS NOT MISSING", Not(Missing(Field(("X",))))),
        ("has('red bus*')", ContainsWords("red bus*")),
        ("TAGGED('x') AND HAS('y')", And((Tagged("x"), ContainsWords("y")))),
        ("x=1 or x=2 and x=3", Or((compared(1), And((compared(2), compared(3)))))),
        ("(x=1 or x=2) and x=3", And((Or((compared(1), compared(2))), compared(3)))),
        ("not x=1 and x=2", And((Not(compared(1)), compared(2)))),
        ("not not x=1", Not(Not(compared(1)))),
        ("((x=1))", compared(1)),
        ("x=1 and (x=2 and x=3)", And((compared(1), compared(2), compared(3)))),
        ("metadata.width > 1", Comparison(Field(("width",), metadata=True), ">", Value(1))),
        ("`metadata`.width > 1", Comparison(Field(("metadata", "width")), ">", Value(1))),
        ("exif.iso > 1", Comparison(Field(("exif", "iso")), ">", Value(1))),
        ("`exif.iso` > 1", compared(1, ">", "exif.iso")),
        ("`a``b c` = 1", compared(1, "=", "a`b c")),
        ("`in` = 1", compared(1, "=", "in")),
        ("metadata.in = 1", Comparison(Field(("in",), metadata=True), "=", Value(1))),
        ("année = 1", compared(1, "=", "année")),
        ("撮影日 = 1", compared(1, "=", "撮影日")),
    ],
)
def test_a_filter_means(source: str, expected: Filter) -> None:
    assert parse_filter(source) == expected


@pytest.mark.parametrize(
    ("source", "column", "says"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("year", 5, "expected =, !=, <, <=, >, >=, in, contains or is missing after year"),
        ("favourite and x = 1", 11, "favourite = true"),
        ("year >=", 8, "expected a value"),
        ("year = = 1", 8, "expected a value"),
        ("camera = X100", 10, '"X100" with quotes'),
        ('camera = "X100', 10, "never closed"),
        ("`camera = 1", 1, "never closed"),
        ("`` = 1", 1, "empty"),
        ("x = 1)", 6, "closes nothing"),
        ("(x = 1", 1, "never closed"),
        ("(x = 1 x", 8, "expected and, or, or )"),
        ("x = 1 y = 2", 7, "expected and, or, or the end"),
        ("x = 1 and", 10, "expected a condition"),
        ("and x = 1", 1, "`and`"),
        ("1 < x", 1, "a field's name comes first"),
        ("x = ''", 5, "write `x is missing`"),
        ("x contains ''", 12, "write `x is missing`"),
        ("x contains 5", 12, 'write "5" with quotes'),
        ("x > true", 5, "= and != only"),
        ("x is null", 6, "expected missing"),
        ("x = null", 5, "write `x is missing`"),
        ("x in 1", 6, "a list in brackets"),
        ("x in ()", 7, "expected a value"),
        ("x in (1", 6, "never closed"),
        ("x in (1 2)", 9, "expected , or )"),
        ("x like 'a'", 3, "write contains"),
        ("x between 1 and 2", 3, "x >= 1 and x <= 2"),
        ("tagged(draft)", 8, 'tagged("…")'),
        ("tagged = 1", 8, "`tagged`"),
        ("tagged('a', 'b')", 11, "nothing else"),
        ("tagged('  ')", 8, "empty"),
        ("has('...')", 5, "a word or several"),
        ("has('*dog')", 5, "at the end of a word"),
        ("has('dog'", 4, "never closed"),
        ("x = 2019-13", 5, "no date"),
        ("x = 2019-6", 5, "a month is 2019-06"),
        ("x = 2019-02-30", 5, "no date"),
        ("x = 2019-06-01T10:00", 5, '"2019-06-01T10:00"'),
        ("x = 100px", 5, '"100px"'),
        ("x = 1.2.3", 5, '"1.2.3"'),
        ("x = 1e999", 5, "too large"),
        ("x = NaN", 5, "with quotes"),
        ("x == 1", 3, "write ="),
        ("x <> 1", 3, "write !="),
        ("x => 1", 3, "write >="),
        ("x ≥ 1", 3, "write >="),
        ("x ≠ 1", 3, "write !="),
        ("x = −1", 5, "write -"),
        ("x = 1 && y = 2", 7, "write and"),
        ("!x = 1", 1, "write not"),
        ("x = 1; DROP TABLE pictures", 6, "one condition"),
        ("x = 1 -- y", 7, "no comments"),
        ("x = 1 /* y */", 7, "no comments"),
        ("x = 1 # y", 7, "no comments"),
        ("x = “a”", 5, 'straight ones, "…"'),
        ("x = ‘a’", 5, "straight ones, '…'"),
        ("ｙear = 1", 1, "write year"),
        ("year ＝ 1", 6, "write ="),
        ("x = 1\0", 6, "U+0000"),
        ("x = '\ud800'", 6, "not valid Unicode"),
        ("x = ''' OR 1=1", 7, "never closed"),
        ("x = 'a'' OR 1=1", 8, "never closed"),
        ("metadata. = 1", 11, "expected a condition"),
    ],
)
def test_what_is_no_filter_says_where_and_what_to_write(
    source: str, column: int, says: str
) -> None:
    with pytest.raises(FilterError) as found:
        parse_filter(source)
    assert says in found.value.message
    assert (found.value.source, found.value.column) == (source, column)
    assert str(found.value).startswith(f"column {column}: ")


def test_four_thousand_characters_are_read_and_no_more() -> None:
    source = f"x = '{'a' * 4090}'"
    assert parse_filter(source) == compared("a" * 4090)
    with pytest.raises(FilterError, match="longer than the 4,096 allowed"):
        parse_filter(source + "  ")
    with pytest.raises(FilterError, match="10,000 characters is longer"):
        parse_filter("x" * 10_000)


def test_256_comparisons_are_read_and_no_more() -> None:
    assert parse_filter(" or ".join(["x=1"] * 256)).comparisons == 256
    with pytest.raises(FilterError, match="257 comparisons are more than the 256 allowed") as e:
        parse_filter(" or ".join(["x=1"] * 257))
    assert e.value.column == 1
    with pytest.raises(FilterError, match="longer than"):
        parse_filter(" or ".join(["x=1"] * 1000))


@pytest.mark.parametrize("opening", ["(", "not "])
def test_64_levels_are_read_and_no_more(opening: str) -> None:
    def nested(levels: int) -> str:
        return opening * levels + "x=1" + ")" * (levels if opening == "(" else 0)

    assert parse_filter(nested(64)).comparisons == 1
    with pytest.raises(FilterError, match="deeper than the 64") as found:
        parse_filter(nested(65))
    assert found.value.column == 64 * len(opening) + 1
    with pytest.raises(FilterError):
        parse_filter(nested(1000))


def test_a_field_is_read_alone() -> None:
    assert parse_field(" metadata.`a b` ") == Field(("a b",), metadata=True)
    for wrong in ("", "a b", "a = 1", "in", "'a'", "a;"):
        with pytest.raises(FilterError):
            parse_field(wrong)


def test_a_field_knows_where_it_was_read() -> None:
    found = parse_filter("x = 1 and yeer = 'a'")
    assert isinstance(found, And)
    last = found.parts[1]
    assert isinstance(last, Comparison)
    assert last.field.place == ("x = 1 and yeer = 'a'", 11)
    assert last.value.place == ("x = 1 and yeer = 'a'", 18)


def only_its_own_errors(source: str) -> None:
    fault: FilterError | None = None
    try:
        found = parse_filter(source)
        printed = str(found)
        assert len(printed) > 4096 or parse_filter(printed) == found
    except FilterError as raised:
        fault = raised
    if fault is not None:
        assert fault.source == source
        assert fault.column is not None
        assert 1 <= fault.column <= len(source) + 1


@settings(max_examples=scaled(300))
@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_filter_error(source: str) -> None:
    only_its_own_errors(source)


@settings(max_examples=scaled(150))
@given(st.randoms(use_true_random=True))
def test_what_nearly_is_a_filter_is_one_or_a_filter_error(drawn: Random) -> None:
    maker = Maker(drawn)
    for _ in range(5):
        only_its_own_errors(maker.mutated(str(maker.filter())))
        only_its_own_errors(maker.noise())
