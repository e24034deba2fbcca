"""The first two principal components."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall.index.pca import Pca2D


def test_the_axes_are_those_of_most_difference() -> None:
    rows = np.array([[0, 3, 0], [0, -3, 0], [1, 0, 0], [-1, 0, 0]], np.float32) + 5
    found = Pca2D.of_batches([rows[:1], rows[1:]])
    np.testing.assert_allclose(found.mean, [5, 5, 5])
    np.testing.assert_allclose(found.axes, [[0, 1, 0], [1, 0, 0]], atol=1e-6)
    assert found.variance == pytest.approx(1)
    np.testing.assert_allclose(found.places(rows), [[3, 0], [-3, 0], [0, 1], [0, -1]], atol=1e-5)


def test_batches_make_no_difference_and_the_answer_is_that_of_svd() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32) * [9, 4, 1, 1, 1, 1]
    rows = rows.astype(np.float32)
    found = Pca2D.of_batches(np.array_split(rows, 7))
    axes = found.axes
    _, lengths, expected = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(axes @ expected[:2].T), np.eye(2), atol=1e-4)
    assert found.variance == pytest.approx((lengths[:2] ** 2).sum() / (lengths**2).sum(), rel=1e-4)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in axes)


@pytest.mark.parametrize(
    "batches",
    [[], [np.empty((0, 3), np.float32)], [np.ones((1, 3), np.float32)], [np.ones((5, 1), "f4")]],
)
def test_where_there_is_no_difference_there_are_no_axes(
    batches: list[NDArray[np.float32]],
) -> None:
    found = Pca2D.of_batches(batches)
    assert found.axes.shape == (2, len(found.mean))
    assert not found.axes.any()
    assert found.variance == 0
