"""Expressions as values: operators, constructors, equality, limits."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from cavewall.errors import ExpressionError
from cavewall.query import (
    Expression,
    Function,
    Image,
    Keyword,
    Like,
    MustContain,
    Sum,
    Text,
    analogy,
    has,
    image,
    keyword,
    like,
    mean,
    parse,
    slerp,
    text,
    without,
)
from cavewall.query.values import MAX_DEPTH, MAX_TERMS, MAX_WEIGHT, weighted_sum

DOG, CAT, SAND = text("dog"), text("cat"), text("sand")


@pytest.mark.parametrize(
    ("built", "terms"),
    [
        (DOG + CAT, ((1.0, DOG), (1.0, CAT))),
        (DOG - CAT, ((1.0, DOG), (-1.0, CAT))),
        (DOG - CAT + SAND, ((1.0, DOG), (-1.0, CAT), (1.0, SAND))),
        (DOG - (CAT + SAND), ((1.0, DOG), (-1.0, CAT + SAND))),
        (DOG - (CAT - SAND), ((1.0, DOG), (-1.0, CAT - SAND))),
        (0.5 * DOG, ((0.5, DOG),)),
        (DOG * 2, ((2.0, DOG),)),
        (-DOG, ((-1.0, DOG),)),
        (0 * DOG, ((0.0, DOG),)),
        (2 * (3 * DOG), ((6.0, DOG),)),
        (CAT - 2 * DOG, ((1.0, CAT), (-2.0, DOG))),
        (-(2 * DOG) + CAT, ((-2.0, DOG), (1.0, CAT))),
        (0.5 * (DOG + CAT), ((0.5, DOG + CAT),)),
        (2 * mean(DOG, CAT), ((2.0, mean(DOG, CAT)),)),
    ],
)
def test_operators_build_flat_weighted_sums(
    built: Expression, terms: tuple[tuple[float, Expression], ...]
) -> None:
    assert isinstance(built, Sum)
    assert built.terms == terms


@pytest.mark.parametrize("same", [+DOG, 1 * DOG, DOG * 1.0, 2 * (0.5 * DOG)])
def test_a_weight_of_one_is_the_term_itself(same: Expression) -> None:
    assert same == DOG
    assert type(same) is Text


def test_signs_cancel() -> None:
    negative = -DOG
    assert -negative == DOG
    assert CAT - negative == CAT + DOG


@pytest.mark.parametrize(
    ("built", "source"),
    [
        (
            text("dog running through sand") - DOG + text("human"),
            "dog running through sand - dog + human",
        ),
        (DOG - (CAT - SAND), "dog - (cat - sand)"),
        (-DOG + 0.5 * CAT, "- dog + 0.5 * cat"),
        (-(DOG - CAT), "- (dog - cat)"),
        (2 * (DOG + CAT) - SAND, "2 * (dog + cat) - sand"),
        (1e-7 * DOG, "1e-07 * dog"),
        (image("p.jpg") + like("a/b.jpg"), 'image("p.jpg") + like("a/b.jpg")'),
        (mean(DOG, CAT - SAND), "mean(dog, cat - sand)"),
        (slerp(DOG, CAT, 0.25), "slerp(dog, cat, 0.25)"),
        (analogy(DOG, CAT, SAND), "analogy(dog, cat, sand)"),
        (without(DOG, 2 * CAT), "without(dog, 2 * cat)"),
        (text("a - b") + text("man (smiling)"), '"a - b" + "man (smiling)"'),
    ],
)
def test_python_builds_what_the_parser_reads(built: Expression, source: str) -> None:
    assert parse(source) == built
    assert str(built) == source


def test_text_is_never_parsed() -> None:
    assert text("Paris - Eiffel Tower") == Text("Paris - Eiffel Tower")
    assert text("Paris - Eiffel Tower") != parse("Paris - Eiffel Tower")


def test_leaves_are_in_reading_order_and_repeated() -> None:
    value = DOG - mean(CAT, 2 * DOG) + like("x") + slerp(image("p"), DOG, 0.5)
    assert list(value.leaves()) == [DOG, CAT, DOG, Like("x"), Image("p"), DOG]


@pytest.mark.parametrize(
    "value",
    [
        DOG,
        image("p"),
        like("x"),
        keyword("x"),
        DOG - has("x"),
        DOG - 0.5 * CAT,
        slerp(DOG, mean(CAT, SAND), 0.5),
    ],
)
def test_values_hash_copy_and_pickle(value: Expression) -> None:
    for other in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert other == value
        assert hash(other) == hash(value)
        assert other.size == value.size


def test_a_representation_is_the_expression_itself() -> None:
    assert repr(DOG - CAT) == "dog - cat"
    assert f"{like('a')}" == 'like("a")'


def test_leaves_of_different_kinds_differ() -> None:
    assert len({Text("x"), Image("x"), Like("x"), Keyword("x"), MustContain("x")}) == 5


def test_conditions_are_no_terms() -> None:
    value = has("b") + DOG - has("c d")
    assert list(value.leaves()) == [DOG]
    assert value.conditions == ((1.0, MustContain("b")), (-1.0, MustContain("c d")))
    assert DOG.conditions == (2 * (DOG - CAT)).conditions == mean(DOG).conditions == ()
    assert (-has("b")).conditions == ((-1.0, MustContain("b")),)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        DOG.text = "cat"  # type: ignore[misc]


@pytest.mark.parametrize("weight", [np.float64(2), np.float32(2), np.int64(2)])
def test_numpy_numbers_are_weights_from_the_left(weight: Any) -> None:
    assert weight * DOG == 2 * DOG


def _multiply(weight: Any) -> Callable[[], Expression]:
    return lambda: weight * DOG


@pytest.mark.parametrize(
    "weight",
    [math.nan, math.inf, -math.inf, 1_000_001, -1e7, 10**400, np.float64("nan")],
    ids=lambda weight: f"{float(min(weight, 1e9)):g}",
)
def test_a_weight_beyond_the_limit_is_an_error(weight: float) -> None:
    with pytest.raises(ExpressionError, match=r"between -1,000,000 and 1,000,000"):
        _multiply(weight)()


def test_the_largest_weight_is_allowed() -> None:
    assert parse("1e6 * dog") == MAX_WEIGHT * DOG
    assert parse("- 1e6 * dog") == -1_000_000 * DOG


def test_a_sum_checks_weights_that_came_past_the_operators() -> None:
    with pytest.raises(ExpressionError, match="finite"):
        weighted_sum([(math.nan, DOG), (1.0, CAT)])


@pytest.mark.parametrize(
    "build",
    [
        lambda: 1e3 * (1001 * DOG),
        lambda: 1e3 * (1001 * DOG + CAT),
        lambda: SAND - 1e6 * (DOG - 2 * CAT),
        lambda: 1000 * (1000 * (2 * DOG + CAT) + SAND),
        lambda: 1e6 * (2 * (0.1 * DOG + 0.1 * CAT)),
    ],
)
def test_nested_weights_are_limited_by_their_product(build: Callable[[], Expression]) -> None:
    with pytest.raises(ExpressionError, match="a weight must be a number between"):
        build()


def test_nested_weights_up_to_the_limit_are_allowed() -> None:
    inner = Sum(((1000.0, DOG), (1.0, CAT)))
    assert Sum(((1000.0, inner),)) == 1000 * (1000 * DOG + CAT)


def test_a_function_starts_weights_afresh() -> None:
    assert 1e6 * mean(1e6 * DOG, CAT) == Sum(((1e6, mean(1e6 * DOG, CAT)),))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: text(""), "the text of a term is empty"),
        (lambda: text(" \u00a0\n"), "the text of a term is empty"),
        (lambda: keyword(" "), r"the text of keyword\(\) is empty"),
        (lambda: keyword("!!!"), r"the text of keyword\(\) has no word in it, only `!!!`"),
        (lambda: has("–"), r"the text of has\(\) has no word in it"),
        (lambda: has("*"), r"a \* stands at the end of a word"),
        (lambda: 2 * has("x"), r'has\("x"\) is a condition and takes no weight'),
        (lambda: DOG - 0.5 * has("x"), "takes no weight"),
        (lambda: DOG - (CAT + has("x")), "not in brackets: write `… [+] has"),
        (lambda: -(CAT + has("x")), "not in brackets"),
        (lambda: mean(DOG, has("x")), r"not inside mean\(\)"),
        (lambda: slerp(DOG, CAT - has("x"), 0.5), r"not inside slerp\(\)"),
        (lambda: image(""), r"the path of image\(\) is empty"),
        (lambda: like("\t"), r"the image_id of like\(\) is empty"),
        (lambda: text("x" * 4097), "4,097 characters is longer than the 4,096 allowed"),
        (lambda: text("a\ud800b"), "not valid Unicode"),
        (lambda: text(3), "takes a string, not int"),  # type: ignore[arg-type]
        (lambda: like(None), "takes a string, not NoneType"),  # type: ignore[arg-type]
        (mean, r"mean\(\) takes at least one expression, not 0"),
        (lambda: mean("dog"), r"mean\(\) takes expressions: write text"),  # type: ignore[arg-type]
        (lambda: Function("without", (DOG,)), r"without\(\) takes 2 expressions, not 1"),
        (lambda: Function("analogy", (DOG, CAT)), r"analogy\(\) takes 3 expressions, not 2"),
        (lambda: slerp(DOG, CAT, 1.01), "from 0 to 1, not to 1.01"),
        (lambda: slerp(DOG, CAT, -0.5), "from 0 to 1, not to -0.5"),
        (lambda: slerp(DOG, CAT, math.nan), "from 0 to 1, not to nan"),
    ],
)
def test_values_that_cannot_be_are_refused(build: Callable[[], Expression], message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        build()
    assert caught.value.source is None
    assert caught.value.column is None


def test_a_text_may_be_as_long_as_an_expression() -> None:
    assert len(text("x" * 4096).text) == 4096


@pytest.mark.parametrize("wrong", ["dog", 1, None])
def test_only_expressions_add_up(wrong: Any) -> None:
    with pytest.raises(TypeError):
        _ = DOG + wrong
    with pytest.raises(TypeError):
        _ = wrong - DOG


@pytest.mark.parametrize("wrong", ["2", True, None, CAT])
def test_only_numbers_are_weights(wrong: Any) -> None:
    with pytest.raises(TypeError):
        _ = wrong * DOG


def test_as_many_terms_as_allowed_and_no_more() -> None:
    most = weighted_sum([(1.0, DOG)] * MAX_TERMS)
    assert len(list(most.leaves())) == 256
    with pytest.raises(ExpressionError, match="257 terms are more than the 256 allowed"):
        _ = most + CAT
    with pytest.raises(ExpressionError, match="257 terms"):
        mean(most, CAT)


def _nested_functions(depth: int) -> Expression:
    value: Expression = DOG
    for _ in range(depth):
        value = mean(value)
    return value


def _nested_brackets(depth: int) -> Expression:
    value = DOG + CAT
    for _ in range(depth):
        value = SAND - value
    return value


@pytest.mark.parametrize("nested", [_nested_functions, _nested_brackets])
def test_nesting_as_deep_as_allowed_and_no_deeper(nested: Callable[[int], Expression]) -> None:
    deepest = nested(MAX_DEPTH)
    assert parse(str(deepest)) == deepest
    with pytest.raises(ExpressionError, match="nested deeper than the 64 levels allowed"):
        nested(MAX_DEPTH + 1)
