"""Expressions print to text that parses back to equal values."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cavewall.errors import ExpressionError
from cavewall.query import (
    Expression,
    analogy,
    has,
    image,
    keyword,
    like,
    mean,
    parse,
    saved,
    slerp,
    text,
    without,
)
from cavewall.query.parser import quoted
from cavewall.query.printer import to_text
from cavewall.query.values import MAX_CHARACTERS, weighted_sum
from tests.profile import scaled

A, B, C = text("a"), text("b"), text("c")


@pytest.mark.parametrize(
    "bare",
    [
        "dog",
        "t-shirt",
        "pre- and post-war",
        "C++",
        "man's",
        "10:30",
        "2 dogs",
        "mean dog",
        "é 🐕",
        '5" nail',
        "a, b",
        "dog *cat",
        "**",
        r"back\slash",
        "x@y",
        "dog — cat",
    ],
)
def test_texts_are_bare_where_that_reads_the_same(bare: str) -> None:
    assert str(text(bare)) == bare


@pytest.mark.parametrize(
    "inner",
    [
        "a - b",
        "- a",
        "-a",
        "a -b",
        "+",
        "−",
        "man (smiling)",
        "mean(a)",
        "mean (a)",
        "foo(a)",
        ")",
        "2 * dog",
        "2*dog",
        "3*",
        "*",
        "dog * 2",
        "auto * x",
        "auto*x",
        "@name",
        "has(x)",
        "keyword(x)",
        "has (x)",
        " dog",
        "dog ",
        "a  b",
        "a\nb",
        "a\u00a0b",
        "a + b",
        "a −",
        "- - a",
    ],
)
def test_texts_are_quoted_where_they_would_read_otherwise(inner: str) -> None:
    assert str(text(inner)) == f'"{inner}"'
    assert parse(f'"{inner}"') == text(inner)


@pytest.mark.parametrize(
    ("inner", "shown"),
    [('"', r'"\""'), ('"a" b', r'"\"a\" b"'), ("\\ (a)", r'"\\ (a)"'), ('(\\"', r'"(\\\""')],
)
def test_quotes_and_backslashes_are_escaped(inner: str, shown: str) -> None:
    assert quoted(inner) == shown
    assert str(text(inner)) == shown


def test_commas_are_quoted_inside_functions_only() -> None:
    assert str(text("a, b")) == "a, b"
    assert str(mean(text("a, b"), C)) == 'mean("a, b", c)'
    assert str(mean(C - (text("a, b") + C), C)) == 'mean(c - ("a, b" + c), c)'
    assert to_text(text("a, b"), in_function=True) == '"a, b"'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (A - B + C, "a - b + c"),
        (-A, "- a"),
        (A - (B + C), "a - (b + c)"),
        (weighted_sum([(1, A + B), (-1, C)]), "(a + b) - c"),
        (-2.5 * A + 0 * B, "- 2.5 * a + 0 * b"),
        (1e6 * A, "1000000 * a"),
        (1e-9 * A, "1e-09 * a"),
        (5e-324 * A, "5e-324 * a"),
        (0.1 * A, "0.1 * a"),
        (2 * (A - B), "2 * (a - b)"),
        (2 * text("3"), "2 * 3"),
        (2 * text("3 * x"), '2 * "3 * x"'),
        (image("a b.jpg"), 'image("a b.jpg")'),
        (0.5 * saved("a-b") - mean(saved("c")), "0.5 * @a-b - mean(@c)"),
        (like('a"b\\'), r'like("a\"b\\")'),
        (slerp(A, B, 1), "slerp(a, b, 1)"),
        (slerp(A, B, 1e-5), "slerp(a, b, 1e-05)"),
        (mean(-A, 2 * B, A - B), "mean(- a, 2 * b, a - b)"),
        (analogy(A, without(B, C), A), "analogy(a, without(b, c), a)"),
    ],
)
def test_values_print_as_the_grammar_writes_them(value: Expression, shown: str) -> None:
    assert str(value) == shown
    assert parse(shown) == value


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("  a −  b ", "a - b"),
        ("((a))", "a"),
        ("1 * a", "a"),
        ("+ a", "a"),
        ("a - - b", "a + b"),
        ('"a"-"b"', "a - b"),
        ("2*(3*a)", "6 * a"),
        ("(2 * a)", "2 * a"),
        ("mean( a ,b )", "mean(a, b)"),
        ("1e3 * a", "1000 * a"),
        ('has( "b" )+a', 'has("b") + a'),
        ('a − has("b")', 'a - has("b")'),
    ],
)
def test_what_was_read_prints_in_one_form(source: str, printed: str) -> None:
    assert str(parse(source)) == printed


# print, then parse.

NASTY = '+-−*()"\\,@ \t\n\u00a0\u200b\u200d0123456789.eE–—\u0301\x00abé東🐕'
SIGNS = [" - ", " + ", "- ", " -", ")-", '"-', "2 * ", "1e5*", " *", "auto * ", ",", '\\"', "\\\\"]
CALLS = ["mean(", "like(", "has(", "slerp (", "image", "@x", "dog"]
PIECES = st.sampled_from(SIGNS + CALLS)


@st.composite
def phrases(draw: st.DrawFn) -> str:
    kinds = (
        st.text(NASTY, min_size=1, max_size=12),
        st.lists(PIECES, min_size=1, max_size=5).map("".join),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    )
    return draw(st.one_of(*kinds).filter(str.strip))


NAMES = st.from_regex(r"[^\W_][\w-]{0,5}", fullmatch=True)


@st.composite
def leaves(draw: st.DrawFn) -> Expression:
    make: Callable[[str], Expression] = draw(st.sampled_from([text, text, image, like, keyword]))
    if draw(st.integers(0, 5)) == 0:
        return saved(draw(NAMES))
    phrase = draw(phrases())
    if make is keyword:
        phrase = f"{phrase.replace('*', '')} word*"
    return make(phrase)


WEIGHTS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0, 1e6, -1e6, 1e-7, 5e-324, 1 / 3]),
    st.floats(-1e6, 1e6),
)


def _weighted(terms: list[tuple[float, Expression]]) -> Expression | None:
    try:
        return weighted_sum(terms)
    except ExpressionError:
        return None


def _is_value(value: Expression | None) -> bool:
    return value is not None


def _compound(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    sums = st.lists(st.tuples(WEIGHTS, parts), min_size=1, max_size=4).map(_weighted)
    return st.one_of(
        sums.filter(_is_value),
        st.lists(parts, min_size=1, max_size=3).map(lambda arguments: mean(*arguments)),
        st.builds(slerp, parts, parts, st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1)),
        st.builds(analogy, parts, parts, parts),
        st.builds(without, parts, parts),
    )


TERMS = st.recursive(leaves(), _compound, max_leaves=8)
CONDITIONS = st.tuples(st.sampled_from([1.0, -1.0]), phrases(), st.booleans())


def _with_conditions(value: Expression, conditions: list[tuple[float, str, bool]]) -> Expression:
    for sign, phrase, before in conditions:
        condition = sign * has(f"{phrase.replace('*', '')} word*")
        # A sum on the right is a bracket, which holds no conditions.
        value = condition + value if before and not value.conditions else value + condition
    return value


EXPRESSIONS = st.builds(_with_conditions, TERMS, st.lists(CONDITIONS, max_size=2))


@given(EXPRESSIONS)
@example(text('"') - text("\\"))
@example(-0.0 * A)
@settings(max_examples=scaled(500), suppress_health_check=[HealthCheck.too_slow])
def test_what_prints_parses_back_to_the_same_value(value: Expression) -> None:
    printed = str(value)
    assume(len(printed) <= MAX_CHARACTERS)
    again = parse(printed)
    assert again == value
    assert str(again) == printed
    assert list(again.leaves()) == list(value.leaves())


@given(phrases())
@settings(max_examples=scaled(300))
def test_a_text_is_bare_exactly_where_it_reads_back(phrase: str) -> None:
    printed = str(text(phrase))
    try:
        reads_back = parse(phrase) == text(phrase)
    except ExpressionError:
        reads_back = False
    assert printed == (phrase if reads_back else quoted(phrase))


@given(st.lists(st.sampled_from([*NASTY, "dog", " - ", "mean(", "0.5 * "]), max_size=20))
@settings(max_examples=scaled(300))
def test_what_parses_prints_and_parses_to_the_same_value(pieces: list[str]) -> None:
    try:
        value = parse("".join(pieces))
    except ExpressionError:
        return
    assert parse(str(value)) == value
