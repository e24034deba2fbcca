"""The UMAP layout of a wall: ready, being computed, or absent; and what UMAP keeps of vectors.

With the real umap-learn, whose first use compiles for some seconds.
"""

from __future__ import annotations

from pathlib import Path

import filelock
import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall._internal.vectors import normalise
from cavewall.errors import InputError, MissingExtraError
from cavewall.index import umap_layout
from cavewall.index.umap_layout import check_umap, fit_umap
from cavewall.testing import FakeEncoder
from tests.mapped import mapped_wall, pictures_of

Floats = NDArray[np.float32]

BUNDLES = 3


@pytest.fixture
def _umap() -> None:
    pytest.importorskip("umap.umap_", reason="pip install 'cavewall[map]'")


def bundled(count: int = 150) -> Floats:
    """Unit vectors in three bundles, in turn."""
    random = np.random.default_rng(0)
    middles = 3 * np.eye(BUNDLES, 8)
    rows = middles[np.arange(count) % BUNDLES] + 0.3 * random.normal(size=(count, 8))
    return np.asarray(normalise(rows), np.float32)


@pytest.mark.usefixtures("_umap")
def test_what_is_near_stays_near_the_same_way_every_time() -> None:
    vectors = bundled()
    shares: list[float] = []
    places = fit_umap(vectors, vectors[:, :2], False, progress=shares.append)
    assert places.shape == (150, 2)
    middles = np.stack([places[at::BUNDLES].mean(axis=0) for at in range(BUNDLES)])
    nearest = np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == np.arange(150) % BUNDLES).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    np.testing.assert_array_equal(fit_umap(vectors, vectors[:, :2], False), places)


@pytest.mark.usefixtures("_umap")
def test_progress_comes_from_between_the_epochs() -> None:
    vectors = bundled(2000)
    shares: list[float] = []
    fit_umap(vectors, vectors[:, :2], False, progress=shares.append)
    assert len({share for share in shares if 0.3 < share < 1}) > 3


@pytest.mark.usefixtures("_umap")
def test_a_map_that_grows_stays_recognisable() -> None:
    vectors = bundled()
    older = fit_umap(vectors, vectors[:, :2], False)
    start = older.copy()
    start[120:] = np.nan
    places = fit_umap(vectors, start, True)
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
def test_twins_and_a_start_in_one_place_have_places() -> None:
    vectors = np.repeat(bundled(20), 2, axis=0)
    assert np.isfinite(fit_umap(vectors, np.zeros((40, 2), np.float32), False)).all()


def test_without_umap_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(umap_layout, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cavewall\[map\]'"):
        check_umap()
    vectors = bundled()
    with pytest.raises(MissingExtraError, match="umap-learn"):
        fit_umap(vectors, vectors[:, :2], False)
    with pytest.raises(MissingExtraError, match="umap-learn"):
        mapped_wall(tmp_path / "wall", 40).map.build("umap")


def umap_state(wall: cavewall.Wall) -> tuple[str, float | None]:
    state = wall.map.layouts()[1]
    return state.state, state.share


def test_a_few_pictures_lie_as_on_the_flat_map(tmp_path: Path) -> None:
    for count in (1, 3, 15):
        wall = mapped_wall(tmp_path / str(count), count)
        assert umap_state(wall) == ("ready", 1.0)
        np.testing.assert_array_equal(
            wall.map.build("umap").positions, wall.map.build("pca").positions
        )


def test_so_do_pictures_that_are_all_alike(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([cavewall.Picture(f"{at}.jpg", ("a dog",)) for at in range(40)], missing="keep")
    assert umap_state(wall) == ("ready", 1.0)
    assert not wall.map.build("umap").positions.any()


def test_a_layout_that_no_process_computes_is_absent(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 40)
    assert umap_state(wall) == ("absent", None)
    with pytest.raises(InputError, match="version 2 is not made yet: make it with `cavewall map"):
        wall.map.project("a dog", "umap")


def test_another_process_that_computes_it_is_seen_with_its_progress(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 40)
    umap_state(wall)
    (work,) = (Path(wall.address) / "derived").glob("umap-work-1/*")
    with filelock.FileLock(work / ".lock"):
        assert umap_state(wall) == ("computing", 0.0)
        (work / "share").write_text("0.250")
        assert umap_state(wall) == ("computing", 0.25)
        (work / "share").write_text("")
        assert umap_state(wall) == ("computing", 0.0)
    assert umap_state(wall) == ("absent", None)


@pytest.mark.usefixtures("_umap")
def test_it_is_computed_once_and_a_newer_version_starts_from_it(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 60)
    derived = Path(wall.address) / "derived"
    # What an earlier revision that kept steps left when it was killed.
    (derived / "unfolding-1" / "some wall" / "v2").mkdir(parents=True)
    shares: list[float] = []
    made = wall.map.build("umap", progress=lambda _, share: shares.append(share))
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert umap_state(wall) == ("ready", 1.0)
    assert not (derived / "unfolding-1").exists()
    again = cavewall.open(wall.address, FakeEncoder())
    kept = again.map.build("umap", progress=lambda *_: pytest.fail("it is there"))
    np.testing.assert_array_equal(kept.positions, made.positions)

    again.add(pictures_of(range(60, 70)), missing="keep")
    assert umap_state(again) == ("absent", None)
    grown = again.map.build("umap")
    assert len(grown) == 70
    # A picture on the left stays there: the map is not turned.
    before, after = made.positions, grown.positions[:60]
    assert np.corrcoef(before[:, 0], after[:, 0])[0, 1] > 0.9
    assert np.corrcoef(before[:, 1], after[:, 1])[0, 1] > 0.9


@pytest.mark.usefixtures("_umap")
def test_a_version_with_the_same_vectors_has_the_same_layout_at_once(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 40)
    made = wall.map.build("umap")
    wall.add(pictures_of(range(40, 41)), missing="keep")
    wall.maintenance.delete(["00040.jpg"])
    shares: list[float] = []
    newer = wall.map.build("umap", progress=lambda _, share: shares.append(share))
    assert (newer.version > made.version, shares) == (True, [])
    np.testing.assert_array_equal(newer.positions, made.positions)
