"""The background of a wall against a pass over all of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cavewall.index.background import Background
from tests.profile import scaled

Doubles = NDArray[np.float64]
LEAST = 1e-9**0.5


def units(rows: Doubles) -> Doubles:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def random_wall(
    random: np.random.Generator, count: int, dimension: int, spread: float = 1.0
) -> NDArray[np.float32]:
    """Unit vectors around one direction, the nearer to it the smaller the spread."""
    centre = units(random.normal(size=(1, dimension)))
    rows = centre + spread * random.normal(size=(count, dimension))
    return units(rows).astype(np.float32)


def brute_force(terms: Doubles, vectors: NDArray[np.float32]) -> tuple[Doubles, Doubles]:
    cosines = vectors.astype(np.float64) @ terms.T
    return cosines.mean(axis=0), np.maximum(cosines.std(axis=0), LEAST)


def assert_as_brute_force(vectors: NDArray[np.float32], terms: Doubles, **options: int) -> None:
    mean, deviation = Background.from_vectors(vectors, **options).of(terms)
    expected_mean, expected_deviation = brute_force(terms, vectors)
    np.testing.assert_allclose(mean, expected_mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(deviation, expected_deviation, rtol=1e-9)


def test_mean_and_deviation_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], np.float32)
    mean, deviation = Background.from_vectors(vectors).of(np.eye(2))
    np.testing.assert_allclose(mean, [0.15, 0.45], rtol=1e-7)
    np.testing.assert_allclose(deviation, np.sqrt([0.59 - 0.0225, 0.41 - 0.2025]), rtol=1e-7)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 200),
    st.integers(1, 40),
    st.sampled_from([0.01, 0.1, 1.0, 10.0]),
    st.integers(0, 5),
)
@settings(max_examples=scaled(150))
def test_mean_and_deviation_are_those_of_all_cosines(
    seed: int, count: int, dimension: int, spread: float, terms: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = random_wall(random, count, dimension, spread)
    assert_as_brute_force(vectors, units(random.normal(size=(terms, dimension))))


@pytest.mark.parametrize("block", [1, 2, 33, 99, 100, 101])
def test_blocks_change_nothing(block: int) -> None:
    random = np.random.default_rng(block)
    vectors = random_wall(random, 100, 16, 0.3)
    assert_as_brute_force(vectors, units(random.normal(size=(4, 16))), block_rows=block)


def test_a_wall_sorted_by_kind_is_no_worse_for_it() -> None:
    """The first block is nothing like the rest, so that its mean is a bad first guess."""
    random = np.random.default_rng(0)
    kinds = [random_wall(random, 40, 16, 0.02) for _ in range(5)]
    terms = units(random.normal(size=(4, 16)))
    assert_as_brute_force(np.concatenate(kinds), terms, block_rows=10)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_pictures_all_alike_deviate_the_least_there_is(count: int) -> None:
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (count, 1))
    mean, deviation = Background.from_vectors(vectors).of(np.eye(2))
    np.testing.assert_allclose(mean, [0.6, 0.8], rtol=1e-7)
    np.testing.assert_allclose(deviation, LEAST, rtol=1e-6)


def test_no_picture_has_a_background_of_nothing() -> None:
    background = Background.from_vectors(np.empty((0, 3), np.float32))
    mean, deviation = background.of(np.eye(3))
    np.testing.assert_array_equal(mean, 0)
    np.testing.assert_array_equal(deviation, LEAST)


def test_the_vectors_are_left_as_they_were(tmp_path: Path) -> None:
    vectors = random_wall(np.random.default_rng(1), 10, 4)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    Background.from_vectors(mapped)
    np.testing.assert_array_equal(mapped, vectors)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_what_is_written_is_read(count: int, tmp_path: Path) -> None:
    background = Background.from_vectors(random_wall(np.random.default_rng(2), count, 8))
    background.to_folder(tmp_path)
    again = Background.from_folder(tmp_path)
    np.testing.assert_array_equal(again.mean, background.mean)
    np.testing.assert_array_equal(again.covariance, background.covariance)
    assert again.mean.dtype == again.covariance.dtype == np.float64


@pytest.mark.parametrize("count", [1, 2, 30])
def test_the_cosine_between_two_pictures_is_that_of_all_pairs(count: int) -> None:
    vectors = random_wall(np.random.default_rng(3), count, 8, 0.4)
    pairs = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    mean, deviation = Background.from_vectors(vectors).between_pictures
    assert mean == pytest.approx(pairs.mean(), rel=1e-9)
    assert deviation == pytest.approx(max(float(pairs.std()), LEAST), rel=1e-9)
