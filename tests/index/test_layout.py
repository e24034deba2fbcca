"""Places on a map, and where a vector lies that is no picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall.index.layout import Frame, MapLayout
from cavewall.index.pca import Pca2D

CROSS = np.array([[1, 0, 0], [-1, 0, 0], [0, 0.5, 0], [0, -0.5, 0]], np.float32)


@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3, width=32), st.floats(-1e3, 1e3, width=32)), min_size=2)
)
def test_a_frame_keeps_shapes_and_is_filled(points: list[tuple[float, float]]) -> None:
    places = np.array(points, np.float32)
    fitted = Frame.around(places).fit(places)
    assert np.isfinite(fitted).all()
    assert np.abs(fitted).max() <= 1
    span = np.ptp(places.astype(np.float64), axis=0)
    if span.max() > 1e-3:
        assert np.ptp(fitted, axis=0).max() == pytest.approx(2, abs=1e-5)
        np.testing.assert_allclose(
            np.ptp(fitted, axis=0).astype(np.float64), 2 * span / span.max(), atol=1e-5
        )


@pytest.mark.parametrize("places", [np.empty((0, 2), np.float32), np.full((3, 2), 7, np.float32)])
def test_nothing_and_what_is_all_in_one_place_stand_in_the_middle(
    places: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    assert not Frame.around(places).fit(places).any()


def test_a_flat_map_places_every_vector_exactly() -> None:
    layout = MapLayout.flat(CROSS, Pca2D.of_batches([CROSS]))
    expected = np.array([[1, 0], [-1, 0], [0, 0.5], [0, -0.5]])
    np.testing.assert_allclose(layout.positions, expected, atol=1e-6)
    wanted = np.array([[0.5, 0.25, 9], [0, 2, 0]], np.float32)
    there = np.array([[0.5, 0.25], [0, 2]])
    np.testing.assert_allclose(layout.places(wanted, CROSS), there, atol=1e-6)
    assert layout.variance == pytest.approx(1)


def test_elsewhere_a_vector_lies_with_the_pictures_nearest_to_it() -> None:
    vectors = np.eye(30, dtype=np.float32)
    layout = MapLayout.of_places(np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32))
    assert layout.variance is None
    np.testing.assert_allclose(
        layout.places(vectors[[4, 7]], vectors), layout.positions[[4, 7]], atol=1e-6
    )
    between = ((vectors[4] + vectors[7]) / np.sqrt(2))[None]
    expected = layout.positions[[4, 7]].mean(axis=0)[None]
    np.testing.assert_allclose(layout.places(between, vectors), expected, atol=1e-5)


def test_on_a_map_without_pictures_all_is_in_the_middle() -> None:
    none = MapLayout.of_places(np.empty((0, 2), np.float32))
    wanted = np.ones((2, 4), np.float32)
    assert not none.places(wanted, np.empty((0, 4), np.float32)).any()
