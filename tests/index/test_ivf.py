"""Neighbourhoods of vectors: all of them are in one, and the near ones are looked at first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.index.ivf import IVFIndex, assign
from cavewall.index.kmeans import BLOCK

IDS = bytes(range(16))


def units(count: int, dimension: int = 16, seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(normalise(drawn), np.float32)


def clusters(count: int) -> NDArray[np.float32]:
    """Vectors around ten directions, in no order."""
    around = units(10, seed=1)[np.random.default_rng(2).integers(0, 10, count)]
    return np.asarray(normalise(around + 0.1 * units(count, seed=3)), np.float32)


def test_every_vector_has_one_place_in_the_neighbourhood_of_its_nearest_centre() -> None:
    vectors = clusters(500)
    index = IVFIndex.of(vectors, IDS)
    assert len(index.centres) == 45  # twice the root of 500
    assert sorted(index.rows) == list(range(500))
    np.testing.assert_allclose(index.leading @ index.axes.T, vectors[index.rows], atol=1e-6)
    assert (index.starts[0], index.starts[-1]) == (0, 500)
    nearest = np.argmax(vectors @ index.centres.T, axis=1)
    for at, (start, end) in enumerate(zip(index.starts, index.starts[1:], strict=False)):
        assert set(nearest[index.rows[start:end]]) <= {at}
    np.testing.assert_allclose(np.linalg.norm(index.centres, axis=1), 1, rtol=1e-5)


def test_a_look_gives_rows_with_their_products() -> None:
    vectors = clusters(500)
    index = IVFIndex.of(vectors, IDS)
    rows, products, _ = index.probe(vectors[7], 3)
    assert 7 in rows
    assert len(rows) < 250
    assert len(set(rows.tolist())) == len(rows)
    np.testing.assert_allclose(products, vectors[rows] @ vectors[7], rtol=1e-5, atol=1e-6)


def test_products_are_those_along_the_leading_axes() -> None:
    """Of 200 axes, 70 carry nearly everything: those are read, and the rest is left out."""
    scale = np.where(np.arange(200) < 70, 1, 0.01).astype(np.float32)
    vectors = np.asarray(normalise(units(3000, 200) * scale), np.float32)
    index = IVFIndex.of(vectors, IDS)
    assert index.axes.shape[0] == 200
    assert 64 <= index.axes.shape[1] <= 70
    np.testing.assert_allclose(index.axes.T @ index.axes, np.eye(index.axes.shape[1]), atol=1e-5)
    rows, products, _ = index.probe(vectors[7], 10_000)
    errors = products - vectors[rows] @ vectors[7]
    assert 1e-4 < np.abs(errors).max() < 0.35


def test_the_error_is_how_far_those_products_are_off() -> None:
    vectors, query = units(4000, 128), 2 * units(1, 128, seed=1)[0]
    index = IVFIndex.of(vectors, bytes(16))
    rows, products, error = index.probe(query, len(index.centres))
    off = vectors[rows] @ query - products
    assert index.axes.shape[1] < 128
    assert error == pytest.approx(off.std(), rel=0.1)
    assert index.probe(index.axes[:, 0], 1)[2] == pytest.approx(0, abs=1e-3)
    assert IVFIndex.of(units(100), bytes(16)).probe(units(1)[0], 1)[2] == pytest.approx(0, abs=1e-3)


def test_a_look_into_all_neighbourhoods_sees_everyone() -> None:
    vectors = units(300)
    rows, _, _ = IVFIndex.of(vectors, IDS).probe(vectors[0], 10_000)
    assert sorted(rows) == list(range(300))


def test_few_neighbourhoods_hold_most_of_the_nearest() -> None:
    vectors = clusters(5000)
    index = IVFIndex.of(vectors, IDS)
    found = []
    for query in vectors[:50]:
        true = set(np.argsort(-(vectors @ query))[:10].tolist())
        rows, _, _ = index.probe(query, 20)
        assert len(rows) < 2000
        found.append(len(true & set(rows.tolist())) / 10)
    assert np.mean(found) > 0.95


def test_centres_of_an_older_index_are_kept_while_they_suit() -> None:
    older = IVFIndex.of(clusters(500), IDS)
    assert IVFIndex.of(clusters(600), IDS, older).centres is older.centres
    grown = IVFIndex.of(clusters(4000), IDS, older)
    assert len(grown.centres) == 126


@pytest.mark.parametrize("count", [1, 2, 3])
def test_small_walls_and_equal_vectors(count: int) -> None:
    index = IVFIndex.of(np.repeat(units(1), count, axis=0), IDS)
    rows, products, _ = index.probe(units(1)[0], 48)
    assert sorted(rows) == list(range(count))
    np.testing.assert_allclose(products, 1, rtol=1e-5)


def test_it_is_the_same_each_time_and_from_its_folder(tmp_path: Path) -> None:
    first, second = IVFIndex.of(clusters(300), IDS), IVFIndex.of(clusters(300), IDS)
    first.to_folder(tmp_path)
    for other in (second, IVFIndex.from_folder(tmp_path)):
        for name in ("centres", "starts", "rows", "axes", "leading", "ids"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name))
    assert first.ids.tobytes() == IDS


def test_progress_ends_at_one() -> None:
    told: list[float] = []
    IVFIndex.of(units(20_000, 4), IDS, progress=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_whoever_waits_is_told_how_far_it_is() -> None:
    told: list[float] = []
    IVFIndex.of(units(20_000, 4), IDS, progress=told.append)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (3, 1.0)


def test_the_same_places_are_found_in_parts_and_on_any_number_of_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, centres, axes = units(20_000, 64), units(200, 64), np.eye(64, 32, dtype=np.float32)
    nearest, leading = assign(vectors, centres, axes)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    cut = 2 * BLOCK
    parts = [assign(vectors[:cut], centres, axes), assign(vectors[cut:], centres, axes)]
    np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), nearest)
    np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), leading)
