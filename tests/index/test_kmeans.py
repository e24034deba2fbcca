"""Unit vectors in groups."""

from __future__ import annotations

import numpy as np

from cavewall._internal.vectors import normalise
from cavewall.index.kmeans import centres_of, nearest_centres


def test_two_bundles_get_a_centre_each() -> None:
    angles = np.radians([8, 12, 10, 78, 82, 80])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    centres = centres_of(vectors, vectors[:2], 20)
    np.testing.assert_allclose(np.degrees(np.arctan2(*centres.T[::-1])), [10, 80], atol=1e-4)
    assert nearest_centres(vectors, centres).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_centre_that_nobody_is_near_stays_where_it_is() -> None:
    vectors = np.array([[1, 0], [1, 0]], np.float32)
    start = np.array([[1, 0], [0, 1]], np.float32)
    np.testing.assert_array_equal(centres_of(vectors, start, 5), start)


def test_vectors_that_cancel_out_move_no_centre() -> None:
    vectors = np.array([[1, 0], [-1, 0]], np.float32)
    start = np.array([[0, 1]], np.float32)
    np.testing.assert_array_equal(centres_of(vectors, start, 5), start)


def test_every_round_brings_vectors_nearer_to_their_centres() -> None:
    rows = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    vectors = normalise(rows).astype(np.float32)
    near = [
        float((vectors @ centres_of(vectors, vectors[:9], rounds).T).max(axis=1).sum())
        for rounds in range(6)
    ]
    assert near == sorted(near)
    assert near[5] > near[0] + 10


def test_no_vectors_are_near_to_nothing() -> None:
    none = np.empty((0, 4), np.float32)
    assert nearest_centres(none, np.ones((1, 4), np.float32)).shape == (0,)
