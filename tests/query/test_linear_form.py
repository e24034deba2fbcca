"""What expressions mean, by hand in two dimensions and against plain vector arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cavewall.errors import ExpressionError
from cavewall.query import (
    Expression,
    Function,
    Leaf,
    LinearCombination,
    Sum,
    Text,
    mean,
    parse,
    text,
    to_linear_combination,
)
from cavewall.query.values import weighted_sum
from tests.profile import scaled

Vector = NDArray[np.float64]

# Unit vectors in the plane. ne lies half-way between e and n; u has the sides 3, 4, 5.
HALF = math.sqrt(0.5)
PLANE: dict[str, Vector] = {
    "e": np.array([1.0, 0.0]),
    "n": np.array([0.0, 1.0]),
    "w": np.array([-1.0, 0.0]),
    "ne": np.array([HALF, HALF]),
    "u": np.array([0.6, 0.8]),
}


def unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)


def name_of(leaf: Leaf) -> str:
    assert isinstance(leaf, Text)
    return leaf.text


def leaf_rows(value: Expression, vectors: dict[str, Vector]) -> Vector:
    return np.stack([vectors[name_of(leaf)] for leaf in value.leaves()])


def meaning(value: Expression, vectors: dict[str, Vector]) -> tuple[LinearCombination, Vector]:
    rows = leaf_rows(value, vectors)
    found = to_linear_combination(value, rows @ rows.T)
    return found, found.weights @ rows


def in_plane(source: str) -> tuple[LinearCombination, Vector]:
    return meaning(parse(source), PLANE)


@pytest.mark.parametrize(
    ("source", "weights", "length"),
    [
        ("e", [1], 1),
        ("3 * e", [3], 3),
        ("- e", [-1], 1),
        ("e + n", [1, 1], math.sqrt(2)),
        ("e - n", [1, -1], math.sqrt(2)),
        ("e + u", [1, 1], math.sqrt(1.6**2 + 0.8**2)),
        ("e + e", [1, 1], 2),
        ("3 * e + 4 * n", [3, 4], 5),
        ("0 * e + n", [0, 1], 1),
        ("e - u + n", [1, -1, 1], math.sqrt(0.4**2 + 0.2**2)),
        ("1e-300 * e", [1e-300], 1e-300),
        ("3e-200 * e + 4e-200 * n", [3e-200, 4e-200], 5e-200),
        ("1e6 * e", [1e6], 1e6),
    ],
)
def test_a_sum_weighs_its_terms(source: str, weights: list[float], length: float) -> None:
    found, _ = in_plane(source)
    np.testing.assert_allclose(found.weights, weights, rtol=1e-15)
    assert found.length == pytest.approx(length, rel=1e-14)


@pytest.mark.parametrize(
    ("source", "weights"),
    [
        ("u + (e + n)", [1, 1, 1]),
        ("u - (e + n)", [1, -1, -1]),
        ("u - (e - n)", [1, -1, 1]),
        ("2 * (e + 3 * n) - u", [2, 6, -1]),
        ("- (e - 0.5 * (n - 4 * u))", [-1, 0.5, -2]),
    ],
)
def test_brackets_are_plain_sums_never_normalised_again(source: str, weights: list[float]) -> None:
    found, _ = in_plane(source)
    np.testing.assert_array_equal(found.weights, weights)


@pytest.mark.parametrize(
    ("source", "weights", "vector"),
    [
        ("mean(e)", [1], [1, 0]),
        ("mean(7 * e)", [1], [1, 0]),
        ("mean(e, n)", [HALF, HALF], [HALF, HALF]),
        ("mean(e, n, n, e)", [HALF / 2] * 4, [HALF, HALF]),
        ("mean(3 * e, 4 * n)", [0.6, 0.8], [0.6, 0.8]),
        ("slerp(e, n, 0)", [1, 0], [1, 0]),
        ("slerp(e, n, 1)", [0, 1], [0, 1]),
        ("slerp(e, n, 0.5)", [HALF, HALF], [HALF, HALF]),
        ("slerp(9 * e, n, 0.5)", [HALF, HALF], [HALF, HALF]),
        ("slerp(e, e, 0.3)", [1, 0], [1, 0]),
        ("slerp(ne, e, 0)", [1, 0], [HALF, HALF]),
        ("analogy(e, n, e)", [-1, 1, 1], [0, 1]),
        ("without(ne, e)", [math.sqrt(2), -1], [0, 1]),
        ("without(u, e)", [1.25, -0.75], [0, 1]),
        ("without(u, 5 * e)", [1.25, -0.75], [0, 1]),
        ("without(e, n)", [1, 0], [1, 0]),
        ("2 * mean(e, n)", [2 * HALF, 2 * HALF], [2 * HALF, 2 * HALF]),
        ("u - mean(e, n)", [1, -HALF, -HALF], [0.6 - HALF, 0.8 - HALF]),
    ],
)
def test_functions_are_unit_vectors_that_reach_their_leaves(
    source: str, weights: list[float], vector: list[float]
) -> None:
    found, total = in_plane(source)
    np.testing.assert_allclose(found.weights, weights, atol=1e-14)
    np.testing.assert_allclose(total, vector, atol=1e-14)


def test_conditions_have_no_part_in_the_meaning() -> None:
    found, total = in_plane('has("x") + 3 * e - has("y") + 4 * n')
    np.testing.assert_array_equal(found.weights, [3, 4])
    np.testing.assert_array_equal(total, [3, 4])
    assert in_plane('e - has("n")')[0].is_plain


def test_an_analogy_is_b_minus_a_plus_c() -> None:
    found, total = in_plane("analogy(e, u, n)")
    length = math.hypot(0.6 - 1.0, 0.8 + 1.0)
    np.testing.assert_allclose(found.weights, np.array([-1, 1, 1]) / length, atol=1e-14)
    np.testing.assert_allclose(total, np.array([-0.4, 1.8]) / length, atol=1e-14)


@pytest.mark.parametrize("t", [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
def test_slerp_turns_by_its_share_of_the_angle(t: float) -> None:
    _, total = in_plane(f"slerp(e, n, {t})")
    angle = t * math.pi / 2
    np.testing.assert_allclose(total, [math.cos(angle), math.sin(angle)], atol=1e-15)


def test_without_is_orthogonal_to_what_was_removed() -> None:
    _, total = in_plane("without(e + 2 * n, u)")
    assert total @ PLANE["u"] == pytest.approx(0, abs=1e-15)
    assert np.linalg.norm(total) == pytest.approx(1)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("e - e", "e - e"),
        ("0 * e", "0 * e"),
        ("5e-324 * e + 5e-324 * n", "5e-324 * e + 5e-324 * n"),
        ("e + w", "e + w"),
        ("0.5 * e + 0.5 * w", "0.5 * e + 0.5 * w"),
        ("e + n - (n + e)", "e + n - (n + e)"),
        ("1e-200 * e + 1e-200 * w", "1e-200 * e + 1e-200 * w"),
        ("n + mean(e, w)", "mean(e, w)"),
        ("without(e, e)", "without(e, e)"),
        ("without(e, w)", "without(e, w)"),
        ("without(e, n - n)", "n - n"),
        ("slerp(e - e, n, 0.5)", "e - e"),
        ("mean(n, slerp(u, 0 * n, 1))", "0 * n"),
        ("analogy(n, 0 * e, n)", "analogy(n, 0 * e, n)"),
        ("mean(e) - mean(e)", "mean(e) - mean(e)"),
    ],
)
def test_what_cancels_out_is_an_error_that_names_it(source: str, named: str) -> None:
    with pytest.raises(ExpressionError, match="there is no direction to search in") as caught:
        in_plane(source)
    assert str(caught.value).startswith(f"`{named}` cancels out")


@pytest.mark.parametrize("t", [0, 0.5, 1])
def test_opposite_ends_have_no_arc(t: float) -> None:
    with pytest.raises(ExpressionError, match=r"`slerp\(e, w, .*` has opposite ends"):
        in_plane(f"slerp(e, w, {t})")


def test_a_non_finite_similarity_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="no direction"):
        to_linear_combination(text("e"), np.array([[np.nan]]))


def test_a_small_difference_is_a_direction() -> None:
    near = np.array([math.cos(1e-4), math.sin(1e-4)])
    _, total = meaning(parse("e - near"), {**PLANE, "near": near})
    assert unit(total) @ np.array([0, -1]) == pytest.approx(1, abs=1e-6)


def test_a_difference_within_rounding_is_no_direction() -> None:
    near = np.array([math.cos(1e-7), math.sin(1e-7)])
    with pytest.raises(ExpressionError, match="cancels out"):
        meaning(parse("e - near"), {**PLANE, "near": near})


# Against vectors computed directly, with no Gram matrix.

NAMES = [f"leaf{number}" for number in range(5)]


def directly(value: Expression, vectors: dict[str, Vector]) -> Vector:
    match value:
        case Text(name):
            return vectors[name]
        case Sum(terms):
            parts = [weight * directly(part, vectors) for weight, part in terms]
            return np.asarray(np.sum(parts, axis=0))
        case Function(name, arguments, t):
            return _function(name, [directly(part, vectors) for part in arguments], t or 0.0)
    raise AssertionError(value)


def _function(name: str, values: list[Vector], t: float) -> Vector:
    if name == "mean":
        return unit(np.asarray(np.mean(values, axis=0)))
    if name == "analogy":
        return unit(values[1] - values[0] + values[2])
    a, b = values
    if name == "without":
        return unit(a - (a @ unit(b)) * unit(b))
    # Turn from a towards the part of b that is orthogonal to it.
    across = unit(unit(b) - (unit(b) @ unit(a)) * unit(a))
    angle = t * math.acos(np.clip(unit(a) @ unit(b), -1, 1))
    return math.cos(angle) * unit(a) + math.sin(angle) * across


def _compound(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    weights = st.sampled_from([1.0, -1.0, 0.5, 2.0, -3.0])
    return st.one_of(
        st.lists(st.tuples(weights, parts), min_size=1, max_size=3).map(weighted_sum),
        st.lists(parts, min_size=1, max_size=3).map(lambda arguments: mean(*arguments)),
        st.tuples(parts, parts, st.floats(0, 1)).map(lambda x: Function("slerp", x[:2], x[2])),
        st.tuples(parts, parts, parts).map(lambda arguments: Function("analogy", arguments)),
        st.tuples(parts, parts).map(lambda arguments: Function("without", arguments)),
    )


EXPRESSIONS = st.recursive(st.sampled_from(NAMES).map(text), _compound, max_leaves=6)


def _well_conditioned(value: Expression, vectors: dict[str, Vector]) -> bool:
    """Whether nothing inside comes near to cancelling, where no two ways agree to 1e-9."""
    match value:
        case Sum(terms):
            parts = [part for _, part in terms]
            scale = sum(abs(weight) for weight, _ in terms)
        case Function(_, arguments):
            parts, scale = list(arguments), 1.0
        case _:
            return True
    if not all(_well_conditioned(part, vectors) for part in parts):
        return False
    return _spread(value, parts, vectors) and bool(
        np.linalg.norm(directly(value, vectors)) > 0.05 * scale
    )


def _spread(value: Expression, parts: list[Expression], vectors: dict[str, Vector]) -> bool:
    if not isinstance(value, Function):
        return True
    values = [directly(part, vectors) for part in parts]
    if value.name in ("without", "slerp"):
        a, b = values
        return bool(abs(unit(a) @ unit(b)) < 0.99)
    raw = values[1] - values[0] + values[2] if value.name == "analogy" else np.mean(values, axis=0)
    return bool(np.linalg.norm(raw) > 0.05)


@given(EXPRESSIONS, st.integers(0, 2**32 - 1), st.integers(2, 16))
@example(parse("slerp(leaf0 - leaf1, mean(leaf2, 2 * leaf3), 0.3) - without(leaf4, leaf0)"), 7, 5)
@example(parse("analogy(leaf0, leaf1, leaf2) - 2 * without(mean(leaf3, leaf4), leaf1)"), 8, 16)
@settings(max_examples=scaled(300))
def test_coefficients_equal_direct_vector_arithmetic(
    value: Expression, seed: int, dimension: int
) -> None:
    rows = np.random.default_rng(seed).normal(size=(len(NAMES), dimension))
    vectors = {name: unit(row) for name, row in zip(NAMES, rows, strict=True)}
    if not _well_conditioned(value, vectors):
        return
    found, total = meaning(value, vectors)
    expected = directly(value, vectors)
    np.testing.assert_allclose(total, expected, atol=1e-9)
    assert found.length == pytest.approx(float(np.linalg.norm(expected)), abs=1e-9)
    assert found.weights.dtype == np.float64
