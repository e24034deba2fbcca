"""Rules, by hand in two dimensions and against the cosine with the normalised sum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.expression import Direction, direction, text
from cavewall.expression.values import weighted_sum
from cavewall.rules import DEFAULT, RULES, Rule, rule

PICTURES = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])
E, N, U = PICTURES[:3]

every_rule = pytest.mark.parametrize("known", RULES.values(), ids=RULES)


def query(weights: list[float], terms: NDArray[np.float64]) -> Direction:
    pairs = [(weight, text(f"leaf{number}")) for number, weight in enumerate(weights)]
    return direction(weighted_sum(pairs), terms @ terms.T)


def units(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("weights", "terms", "parts"),
    [
        ([1], [E], [[1, 0, 0.6, -1]]),
        ([-1], [E], [[-1, 0, -0.6, 1]]),
        ([3, 4], [E, N], [[0.6, 0, 0.36, -0.6], [0, 0.8, 0.64, 0]]),
        ([3, -4], [E, N], [[0.6, 0, 0.36, -0.6], [0, -0.8, -0.64, 0]]),
        ([0, 2], [E, N], [[0, 0, 0, 0], [0, 1, 0.8, 0]]),
        ([1, 1], [E, E], [[0.5, 0, 0.3, -0.5], [0.5, 0, 0.3, -0.5]]),
    ],
)
def test_add_by_hand(
    weights: list[float], terms: list[NDArray[np.float64]], parts: list[list[float]]
) -> None:
    rows = np.stack(terms)
    found = rule("add").contributions(query(weights, rows), rows @ PICTURES.T)
    np.testing.assert_allclose(found, parts, atol=1e-15)


@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=6),
    st.integers(2, 64),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=150)
def test_add_is_the_cosine_with_the_normalised_sum(
    weights: list[float], dimension: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    terms = units(random.normal(size=(len(weights), dimension)))
    pictures = units(random.normal(size=(20, dimension)))
    largest = max(np.abs(weights))
    assume(largest >= 1e-300)
    shares = np.asarray(weights) / largest
    total = shares @ terms
    assume(np.linalg.norm(total) > 0.1 * np.abs(shares).sum())
    scores = rule("add").contributions(query(weights, terms), terms @ pictures.T).sum(axis=0)
    np.testing.assert_allclose(scores, pictures @ total / np.linalg.norm(total), atol=1e-12)


@every_rule
@pytest.mark.parametrize("weight", [1e-300, 1e-6, 0.3, 1.0, 7.0, 1e6])
def test_one_positive_term_scores_by_its_cosine(known: Rule, weight: float) -> None:
    cosines = U[None] @ PICTURES.T
    found = known.contributions(query([weight], U[None]), cosines)
    np.testing.assert_allclose(found, cosines, rtol=0, atol=1e-12)


@every_rule
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_contributions_have_the_shape_and_precision_of_the_similarities(
    known: Rule, kind: type[np.floating]
) -> None:
    rows = np.stack([E, U])
    found = known.contributions(query([1, -0.5], rows), (rows @ PICTURES.T).astype(kind))
    assert found.shape == (2, len(PICTURES))
    assert found.dtype == kind
    assert np.all(np.isfinite(found))


@every_rule
def test_similarities_are_left_as_they_were(known: Rule) -> None:
    rows = np.stack([E, U])
    similarities = rows @ PICTURES.T
    before = similarities.copy()
    known.contributions(query([1, -0.5], rows), similarities)
    np.testing.assert_array_equal(similarities, before)


def test_contributions_of_add_sum_to_the_score() -> None:
    rows = np.stack([E, N])
    parts = rule("add").contributions(query([1, 1], rows), rows @ U[:, None])
    assert parts.sum() == pytest.approx(1.4 / math.sqrt(2), abs=1e-15)


@every_rule
def test_a_rule_is_chosen_by_its_name(known: Rule) -> None:
    assert rule(known.name) is known


def test_no_name_is_the_default() -> None:
    assert rule() is rule(None) is RULES[DEFAULT]


def test_add_is_there() -> None:
    assert rule("add").name == "add"


@pytest.mark.parametrize("name", ["Add", "cosine", "add "])
def test_an_unknown_rule_lists_those_there_are(name: str) -> None:
    with pytest.raises(InputError) as caught:
        rule(name)
    assert str(caught.value).startswith(f"there is no rule {name!r}: choose one of ")
    for known in RULES:
        assert known in str(caught.value)
