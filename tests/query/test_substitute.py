"""Names get their meaning: whatever stands in what, printing the same, within the limits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cavewall.errors import ExpressionError, InputError
from cavewall.query import (
    Centroid,
    Expression,
    TermRef,
    has,
    mean,
    parse,
    saved,
    substitute,
    text,
    to_linear_combination,
)
from cavewall.query.negation import without_negation

A, B, C = text("a"), text("b"), text("c")


class Terms:
    """What names stand for, and which were asked for."""

    def __init__(self, **terms: str | Expression) -> None:
        self.terms = terms
        self.asked: list[str] = []

    def __call__(self, name: str) -> Expression:
        self.asked.append(name)
        if name not in self.terms:
            raise InputError(f"no {name}")
        value = self.terms[name]
        return parse(value) if isinstance(value, str) else value


def test_nobody_is_asked_where_there_is_no_name() -> None:
    terms = Terms()
    value = parse("a - mean(b, c)")
    assert substitute(value, terms) is value
    assert terms.asked == []


def test_a_name_stands_for_its_meaning_and_prints_the_same() -> None:
    terms = Terms(x="a - b", y="2 * @x + c", z="like")
    value = substitute(parse("@z + mean(@y, 3 * (@x - a))"), terms)
    assert str(value) == "@z + mean(@y, 3 * (@x - a))"
    assert [str(leaf) for leaf in value.leaves()] == ["like", *"abcaba"]
    assert sorted(terms.asked) == ["x", "y", "z"]
    assert substitute(value, Terms()) is value


@pytest.mark.parametrize(
    ("source", "written_out"),
    [
        ("@x", "(3 * a + 4 * b)"),
        ("- 2 * @x", "- 2 * (3 * a + 4 * b)"),
        ("@y - b", "(2 * (3 * a + 4 * b) - a) - b"),
        ("mean(@x, b)", "mean(3 * a + 4 * b, b)"),
        ("without(@x, a)", "without(3 * a + 4 * b, a)"),
        ("slerp(@x, @x - a, 0.3)", "slerp(3 * a + 4 * b, (3 * a + 4 * b) - a, 0.3)"),
    ],
)
def test_it_means_what_the_bracket_means(source: str, written_out: str) -> None:
    named = substitute(parse(source), Terms(x="3 * a + 4 * b", y="2 * @x - a"))
    bracket = parse(written_out)
    assert list(named.leaves()) == list(bracket.leaves())
    angle = {"a": (1.0, 0.0), "b": (math.sqrt(0.5), math.sqrt(0.5))}
    vectors = np.array([angle[str(leaf)] for leaf in bracket.leaves()])
    there, here = (to_linear_combination(each, vectors @ vectors.T) for each in (bracket, named))
    assert here.weights.tolist() == pytest.approx(there.weights.tolist())
    assert here.length == pytest.approx(there.length)


def test_a_centroid_is_a_leaf_of_that_name() -> None:
    centroid = Centroid("x", (0.6, 0.8))
    value = substitute(parse("@x - a"), Terms(x=centroid))
    assert list(value.leaves()) == [centroid, A]
    assert str(centroid) == "@x"
    assert len({centroid, Centroid("x", (0.6, 0.8)), Centroid("x", (0.8, 0.6))}) == 2


@pytest.mark.parametrize(
    ("terms", "source", "circle"),
    [
        ({"x": "@x"}, "@x", "@x stands for itself (@x → @x)"),
        ({"x": "a + @y", "y": "mean(@x, b)"}, "c - @x", "@x stands for itself (@x → @y → @x)"),
        ({"w": "@x", "x": "@y", "y": "@x"}, "@w", "@x stands for itself (@x → @y → @x)"),
    ],
)
def test_a_circle_is_shown(terms: dict[str, str], source: str, circle: str) -> None:
    with pytest.raises(InputError) as fault:
        substitute(parse(source), Terms(**terms))
    assert str(fault.value) == f"{circle}: save one of these as something else"


def test_the_same_name_twice_is_no_circle() -> None:
    value = substitute(parse("@x + @y"), Terms(x="@y - @y + a", y="b"))
    assert [str(leaf) for leaf in value.leaves()] == ["b", "b", "a", "b"]


def test_what_is_not_there_is_said_with_where_it_is_named() -> None:
    with pytest.raises(InputError, match=r"^no x$"):
        substitute(saved("x"), Terms())
    with pytest.raises(InputError, match=r"^in @y: no z$"):
        substitute(saved("x"), Terms(x="@y", y="a + @z"))


def test_limits_hold_for_what_is_meant() -> None:
    half = " + ".join("a" * 128)
    assert sum(1 for _ in substitute(parse("@x + @x"), Terms(x=half)).leaves()) == 256
    with pytest.raises(ExpressionError, match=r"`@x \+ @x \+ b` with what it names: 257 terms"):
        substitute(parse("@x + @x + b"), Terms(x=half))
    with pytest.raises(ExpressionError, match="a weight must be a number"):
        substitute(parse("1e4 * @x"), Terms(x="1e4 * a"))


@pytest.mark.parametrize("form", ["{}", "mean({}, a)", "a - (b - (c + {}))"])
def test_endless_chains_of_names_are_told_and_not_run_into(form: str) -> None:
    chain = {f"n{at}": form.format(f"@n{at + 1}") for at in range(3000)}
    with pytest.raises(ExpressionError, match="nested deeper than the 64 levels"):
        substitute(saved("n0"), Terms(**chain))
    doubled = {f"n{at}": f"@n{at + 1} + @n{at + 1}" for at in range(60)}
    with pytest.raises(ExpressionError, match="512 terms are more than the 256"):
        substitute(saved("n0"), Terms(**doubled, n60="a"))


def test_sixty_four_names_deep_is_allowed() -> None:
    chain = {f"n{at}": f"@n{at + 1}" for at in range(63)}
    assert list(substitute(saved("n0"), Terms(**chain, n63="a")).leaves()) == [A]
    with pytest.raises(ExpressionError, match="nested deeper"):
        substitute(mean(saved("n0")), Terms(**chain, n63="a"))


def test_conditions_are_no_meaning() -> None:
    with pytest.raises(ExpressionError, match="not inside the saved term @x"):
        TermRef("x", A + has("b"))


def test_written_negation_in_what_is_meant() -> None:
    value = substitute(parse("@x + a"), Terms(x="dog without a leash"))
    assert str(without_negation(value)) == "dog - leash + a"
    plain = substitute(parse("@x + a"), Terms(x="b - c"))
    assert without_negation(plain) is plain
    assert without_negation(parse("@x")) == parse("@x")
