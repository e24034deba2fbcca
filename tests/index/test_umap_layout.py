"""The UMAP layout of a wall: ready, under way, or not begun."""

from __future__ import annotations

from pathlib import Path

import filelock
import numpy as np
import pytest

import cavewall
from cavewall.errors import InputError
from cavewall.index.umap_fit import UmapFit
from cavewall.search.wall_version import WallVersion
from cavewall.storage import Store
from cavewall.testing import FakeEncoder
from tests.mapped import mapped_wall, pictures_of


def searchable(wall: cavewall.Wall) -> WallVersion:
    return WallVersion(Store.open(wall.address), FakeEncoder)


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


def test_a_layout_that_nobody_makes_is_absent(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 40)
    assert umap_state(wall) == ("absent", None)
    with pytest.raises(InputError, match="version 2 is not made yet: make it with `cavewall map"):
        wall.map.project("a dog", "umap")


def test_whoever_is_at_it_is_seen_with_what_is_done(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 40)
    place = next((Path(wall.address) / "derived").glob("unfolding-1/*"), None)
    assert place is None
    umap_state(wall)
    (place,) = (Path(wall.address) / "derived").glob("unfolding-1/*")
    with filelock.FileLock(place / ".lock"):
        assert umap_state(wall) == ("computing", 0.0)
        steps = place / "v2"
        UmapFit.begin(steps, wall.map.build().positions, False)
        (steps / "neighbours").mkdir()
        assert umap_state(wall) == ("computing", 1 / 7)
    assert umap_state(wall) == ("absent", None)


def test_it_is_made_once_and_a_newer_version_goes_on_with_it(tmp_path: Path) -> None:
    pytest.importorskip("umap.umap_", reason="pip install 'cavewall[map]'")
    wall = mapped_wall(tmp_path / "wall", 60)
    told: list[float] = []
    made = wall.map.build("umap", progress=lambda _, share: told.append(share))
    assert told[-1] == 1.0
    assert umap_state(wall) == ("ready", 1.0)
    assert not list((Path(wall.address) / "derived").glob("unfolding-1/*/v*"))
    again = cavewall.open(wall.address, FakeEncoder())
    kept = again.map.build("umap", progress=lambda *_: pytest.fail("it is there"))
    np.testing.assert_array_equal(kept.positions, made.positions)

    again.add(pictures_of(range(60, 70)), missing="keep")
    assert umap_state(again) == ("absent", None)
    told.clear()
    grown = again.map.build("umap", progress=lambda _, share: told.append(share))
    assert len(told) == 4  # nothing, neighbours, graph, and the last stage
    assert len(grown) == 70
    # Who is on its left stays there: the map is not turned.
    before, after = made.positions, grown.positions[:60]
    assert np.corrcoef(before[:, 0], after[:, 0])[0, 1] > 0.9
    assert np.corrcoef(before[:, 1], after[:, 1])[0, 1] > 0.9


def test_a_version_with_the_same_vectors_has_the_same_layout_at_once(tmp_path: Path) -> None:
    pytest.importorskip("umap.umap_", reason="pip install 'cavewall[map]'")
    wall = mapped_wall(tmp_path / "wall", 40)
    made = wall.map.build("umap")
    wall.add(pictures_of(range(40, 41)), missing="keep")
    wall.maintenance.delete(["00040.jpg"])
    told: list[float] = []
    newer = wall.map.build("umap", progress=lambda _, share: told.append(share))
    assert (newer.version > made.version, told) == (True, [])
    np.testing.assert_array_equal(newer.positions, made.positions)
