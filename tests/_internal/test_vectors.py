"""Vector arithmetic on rows."""

from __future__ import annotations

import numpy as np
import pytest

from cavewall._internal.vectors import Array, cosines, mean_direction, normalise
from cavewall.search.keyword_scores import Cosines, Keywords

BAD = [0.0, np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_normalise_keeps_directions_shape_and_precision(kind: type[np.floating]) -> None:
    unit = normalise(np.array([[3, 4], [-5, 0], [1e-3, 0]], kind))
    assert unit.dtype == kind
    np.testing.assert_allclose(unit, [[0.6, 0.8], [-1.0, 0.0], [1.0, 0.0]], rtol=1e-7)


def test_normalise_takes_one_vector_too() -> None:
    np.testing.assert_allclose(normalise(np.array([3.0, 4.0])), [0.6, 0.8], rtol=1e-15)


def test_normalise_leaves_its_argument_alone() -> None:
    vectors = np.array([[3.0, 4.0]])
    normalise(vectors)
    np.testing.assert_array_equal(vectors, [[3, 4]])


def test_normalise_takes_no_rows() -> None:
    assert normalise(np.empty((0, 3), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("size", [1e-44, 1e-30, 1e30, 3e38])
def test_normalise_takes_every_finite_single(size: float) -> None:
    unit = normalise(np.array([[size, 0], [0, -size]], np.float32))
    np.testing.assert_array_equal(unit, [[1, 0], [0, -1]])


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_row_without_direction_is_an_error(bad: float, kind: type[np.floating]) -> None:
    with pytest.raises(ValueError, match="no direction"):
        normalise(np.array([[1, 0], [bad, 0]], kind))
    with pytest.raises(ValueError, match="no direction"):
        normalise(np.array([bad, 0], kind))


def test_cosines_are_of_every_row_with_every_row() -> None:
    left = np.array([[2, 0], [0, 3]], np.float32)
    right = np.array([[1, 0], [3, 4], [-7, 0]], np.float32)
    found = cosines(left, right)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[1, 0.6, -1], [0, 0.8, 0]], atol=1e-15)


def test_cosines_never_leave_their_range() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 7)).astype(np.float32)
    found = cosines(rows, rows)
    assert found.max() <= 1.0
    assert found.min() >= -1.0
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-15)
    np.testing.assert_allclose(found, found.T, atol=1e-15)


def test_cosines_of_a_zero_row_are_an_error() -> None:
    with pytest.raises(ValueError, match="no direction"):
        cosines(np.eye(2), np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1, 0]], [1, 0]),
        ([[1, 0], [0, 1]], [0.5**0.5, 0.5**0.5]),
        ([[1, 0], [1, 0], [0, 1]], [2 / 5**0.5, 1 / 5**0.5]),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_mean_direction_is_a_unit_vector(
    rows: list[list[float]], expected: list[float], kind: type[np.floating]
) -> None:
    found = mean_direction(np.array(rows, kind))
    assert found.dtype == kind
    np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.array([[1.0, 0.0], [-1.0, 0.0]]), "no direction"),
        (np.array([[np.nan, 0.0]]), "no direction"),
        (np.empty((0, 2)), "the mean of no vectors is undefined"),
    ],
)
def test_vectors_without_a_mean_direction_are_an_error(rows: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_direction(rows)


# Cosines of terms and pictures.

TERMS = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
ROWS = np.array([[1, 0], [0.8, 0.6]], np.float32)
EACH = [[1, 0.8], [0, 0.6], [0.6, 0.96]]


def test_the_cosines_of_each_term_and_every_picture() -> None:
    np.testing.assert_allclose(Cosines(TERMS, ROWS).each, EACH, atol=1e-6)


@pytest.mark.parametrize("known", [False, True])
def test_a_sum_of_cosines_is_that_of_each(known: bool) -> None:
    cosines = Cosines(TERMS, ROWS)
    if known:
        assert cosines.each.shape == (3, 2)
    found = cosines.summed(np.array([2, -1, 0.5]))
    np.testing.assert_allclose(found, [2.3, 1.48], atol=1e-6)
    assert found.dtype == np.float32


def test_heavy_weights_cancel_before_they_are_rounded() -> None:
    found = Cosines(TERMS[[0, 0]], ROWS).summed(np.array([1e9 + 1, -1e9]))
    np.testing.assert_allclose(found, [1, 0.8], atol=1e-6)


def test_keywords_have_coordinates_in_place_of_cosines() -> None:
    keywords = Keywords(np.array([1]), np.array([[0.5, 1]], np.float32))
    terms = TERMS * [[1], [0], [1]]
    for known in (False, True):
        cosines = Cosines(terms, ROWS, keywords)
        if known:
            np.testing.assert_allclose(cosines.each, [EACH[0], [0.5, 1], EACH[2]], atol=1e-6)
        np.testing.assert_allclose(cosines.summed(np.array([2, -1, 0.5])), [1.8, 1.08], atol=1e-6)
    some = cosines.of([1, 0])
    np.testing.assert_allclose(some.summed(np.array([1.0, 1.0])), [1.5, 1.8], atol=1e-6)
    alone = Cosines(terms, ROWS, keywords).of([1])
    np.testing.assert_allclose(alone.summed(np.array([2.0])), [1, 2])


def test_the_cosines_of_some_terms_are_those_among_all() -> None:
    some = Cosines(TERMS, ROWS).of([2, 0])
    np.testing.assert_allclose(some.each, [EACH[2], EACH[0]], atol=1e-6)
    np.testing.assert_allclose(some.summed(np.array([1.0, 1.0])), [1.6, 1.76], atol=1e-6)
