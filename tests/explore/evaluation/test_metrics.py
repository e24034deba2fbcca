"""Figures checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cavewall.explore.evaluation import Figure, bootstrap, precision_at, reciprocal_rank


@pytest.mark.parametrize(
    ("found", "relevant", "k", "expected"),
    [
        ([1, 2, 3], {1, 2, 3}, 10, 1.0),  # all there are
        ([1, 2, 3, 4], {1, 4, 9}, 2, 0.5),
        ([5, 6], {1}, 10, 0.0),
        ([5, 1], {1}, 10, 1.0),  # one place holds all of it
        (list(range(10)), set(range(5, 30)), 10, 0.5),
        ([], {1}, 10, 0.0),
    ],
)
def test_precision(found: list[int], relevant: set[int], k: int, expected: float) -> None:
    assert precision_at(found, relevant, k) == expected


def test_precision_of_nothing_relevant_is_undefined() -> None:
    with pytest.raises(ValueError, match="undefined"):
        precision_at([1], set())


@pytest.mark.parametrize(
    ("found", "expected"), [([1, 2], 1.0), ([9, 2], 0.5), ([9, 8, 7, 1], 0.25), ([9], 0.0)]
)
def test_reciprocal_rank(found: list[int], expected: float) -> None:
    assert reciprocal_rank(found, {1, 2}) == expected


def test_the_interval_is_the_same_in_every_run_and_shrinks_with_more_questions() -> None:
    values = np.random.default_rng(1).random(400)
    assert bootstrap(values) == bootstrap(values.copy())
    low, high = bootstrap(values)
    assert low < values.mean() < high
    # The standard error of a uniform's mean is 1 / sqrt(12 n).
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(12 * 400), rel=0.1)
    few_low, few_high = bootstrap(values[:25])
    assert few_high - few_low > 2 * (high - low)


def test_many_values_are_drawn_in_parts() -> None:
    low, high = bootstrap(np.tile([0.0, 1.0], 10_000))
    assert low == pytest.approx(0.5 - 0.5 * 1.96 / np.sqrt(20_000), abs=0.001)
    assert high == pytest.approx(0.5 + 0.5 * 1.96 / np.sqrt(20_000), abs=0.001)


def test_a_figure_of_equal_values_has_no_width() -> None:
    assert Figure.from_values([0.5, 0.5, 0.5]) == Figure(0.5, 0.5, 0.5, 3)
    with pytest.raises(ValueError, match="no questions"):
        Figure.from_values([])
