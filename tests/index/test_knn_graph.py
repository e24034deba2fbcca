"""The nearest others of every vector, with and without an index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.index import knn_graph
from cavewall.index.ivf import IVFIndex
from cavewall.index.knn_graph import KnnGraph

Floats = NDArray[np.float32]


def bundled(count: int, dimension: int = 16, bundles: int = 12) -> Floats:
    """Unit vectors around some directions, as captions are."""
    random = np.random.default_rng(0)
    middles = random.normal(size=(bundles, dimension))
    rows = middles[random.integers(bundles, size=count)] + 0.4 * random.normal(
        size=(count, dimension)
    )
    return np.asarray(normalise(rows), np.float32)


def true_cosines(vectors: Floats, count: int) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(exact, 2)
    return -np.sort(-exact, axis=1)[:, :count]


@pytest.mark.parametrize("products", [2**24, 1000])
def test_everyone_is_compared_with_everyone(products: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knn_graph, "_PRODUCTS", products)
    vectors = bundled(300)
    found = KnnGraph.of(vectors, 6)
    assert (found.rows[:, 0] == np.arange(300)).all()
    assert (found.distances[:, 0] == 0).all()
    expected = 1 - true_cosines(vectors, 6)[:, 1:]
    np.testing.assert_allclose(found.distances[:, 1:], expected, atol=1e-6)
    there = 1 - np.einsum("nd,nkd->nk", vectors, vectors[found.rows])
    np.testing.assert_allclose(there[:, 1:], expected, atol=1e-6)


def test_with_an_index_nearly_all_are_found_and_newer_vectors_too() -> None:
    vectors = bundled(4000, bundles=40)
    index = IVFIndex.of(vectors[:3700], bytes(16))
    found = KnnGraph.of(vectors, 10, index)
    assert (found.rows[:, 0] == np.arange(4000)).all()
    assert all(len(set(row)) == 10 for row in found.rows.tolist())
    true = KnnGraph.of(vectors, 10)
    both = [len(set(a) & set(b)) for a, b in zip(found.rows, true.rows, strict=True)]
    assert np.mean(both) > 9.8


def test_vectors_that_are_all_the_same_are_each_their_own_nearest() -> None:
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (200, 1))
    for index in (None, IVFIndex.of(vectors, bytes(16))):
        found = KnnGraph.of(vectors, 5, index)
        assert (found.rows[:, 0] == np.arange(200)).all()
        np.testing.assert_allclose(found.distances, 0, atol=1e-6)


def test_as_many_as_there_are_can_be_asked_for() -> None:
    assert sorted(KnnGraph.of(bundled(3), 3).rows[1].tolist()) == [0, 1, 2]


def test_it_tells_how_far_it_is_and_is_kept_as_files(tmp_path: Path) -> None:
    told: list[float] = []
    found = KnnGraph.of(bundled(50), 4, progress=told.append)
    assert told == [1.0]
    found.to_folder(tmp_path)
    again = KnnGraph.from_folder(tmp_path)
    np.testing.assert_array_equal(again.rows, found.rows)
    np.testing.assert_array_equal(again.distances, found.distances)
