"""UMAP in steps that are kept: real umap-learn, whose first use compiles for some seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.errors import MissingExtraError
from cavewall.index import umap_fit
from cavewall.index.umap_fit import UmapFit, check_umap

Floats = NDArray[np.float32]

BUNDLES = 3


def bundled(count: int = 150) -> Floats:
    """Unit vectors in three bundles, in turn."""
    random = np.random.default_rng(0)
    middles = 3 * np.eye(BUNDLES, 8)
    rows = middles[np.arange(count) % BUNDLES] + 0.3 * random.normal(size=(count, 8))
    return np.asarray(normalise(rows), np.float32)


def begin(folder: Path, vectors: Floats) -> UmapFit:
    return UmapFit.begin(folder / "steps", vectors[:, :2], False)


@pytest.fixture
def _umap() -> None:
    pytest.importorskip("umap.umap_", reason="pip install 'cavewall[map]'")


@pytest.mark.usefixtures("_umap")
def test_what_is_near_stays_near(tmp_path: Path) -> None:
    vectors = bundled()
    told: list[float] = []
    places = begin(tmp_path, vectors).finish(vectors, progress=told.append)
    assert places.shape == (150, 2)
    middles = np.stack([places[at::BUNDLES].mean(axis=0) for at in range(BUNDLES)])
    nearest = np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == np.arange(150) % BUNDLES).all()
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


@pytest.mark.usefixtures("_umap")
@pytest.mark.parametrize("lost", ["places-04.npy", "places-0[1-4].npy", "places-*", "[!s]*"])
def test_a_layout_that_was_stopped_ends_the_same(tmp_path: Path, lost: str) -> None:
    vectors = bundled()
    expected = begin(tmp_path, vectors).finish(vectors)
    steps = tmp_path / "steps"
    for path in steps.glob(lost):
        path.rename(tmp_path / path.name)
    left = {path.name: path.stat().st_mtime_ns for path in steps.iterdir()}
    standing = UmapFit.current(steps)
    assert standing is not None
    assert standing.done < 1
    np.testing.assert_array_equal(standing.finish(vectors), expected)
    assert {name: (steps / name).stat().st_mtime_ns for name in left} == left


@pytest.mark.usefixtures("_umap")
def test_a_map_that_grows_stays_recognisable(tmp_path: Path) -> None:
    vectors = bundled()
    older = begin(tmp_path, vectors).finish(vectors)
    start = older.copy()
    start[120:] = np.nan
    grown = UmapFit.begin(tmp_path / "grown", start, True)
    assert len(grown.stages) == 1
    places = grown.finish(vectors)
    moved = np.linalg.norm(framed(places) - framed(older), axis=1)
    assert np.median(moved[:120]) < 0.1
    # New pictures have come to the old ones that are like them.
    for at in range(120, 150):
        off = np.linalg.norm(places[:120] - places[at], axis=1)
        assert at % BUNDLES == off.argmin() % BUNDLES


def framed(places: Floats) -> NDArray[np.float64]:
    low = places.min(axis=0)
    return np.asarray((places - low) / np.ptp(places, axis=0), np.float64)


@pytest.mark.usefixtures("_umap")
def test_twins_and_a_start_in_one_place_have_places(tmp_path: Path) -> None:
    vectors = np.repeat(bundled(20), 2, axis=0)
    unfolding_ = UmapFit.begin(tmp_path / "steps", np.zeros((40, 2), np.float32), False)
    assert np.isfinite(unfolding_.finish(vectors)).all()


def test_nothing_is_standing_where_nothing_was_begun(tmp_path: Path) -> None:
    assert UmapFit.current(tmp_path / "steps") is None


def test_without_umap_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(umap_fit, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cavewall\[map\]'"):
        check_umap()
    with pytest.raises(MissingExtraError, match="umap-learn"):
        begin(tmp_path, bundled()).finish(bundled())
