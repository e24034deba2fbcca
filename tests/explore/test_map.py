"""Pictures on a map, and where a query lies among them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cavewall
from cavewall.errors import InputError, UnknownPictureError
from cavewall.index import umap_layout
from cavewall.query.map_area import Area
from cavewall.testing import FakeEncoder
from tests.mapped import THINGS, mapped_wall

ALL = ((-1.01, -1.01), (1.01, -1.01), (1.01, 1.01), (-1.01, 1.01))


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> cavewall.Wall:
    return mapped_wall(tmp_path_factory.mktemp("map") / "wall", 120)


def test_a_map_has_every_picture_in_a_group_with_a_name(wall: cavewall.Wall) -> None:
    found = wall.map.build()
    assert repr(found) == "Map(pca, 120 pictures, 7 groups)"
    assert found.ids == tuple(f"{at:05}.jpg" for at in range(120))
    assert found.positions.dtype == np.float32
    assert found.positions.shape == (120, 2)
    assert np.ptp(found.positions, axis=0).max() == pytest.approx(2)
    assert np.abs(found.positions).max() <= 1
    assert sum(cluster.pictures for cluster in found.names) == 120
    assert len({cluster.name for cluster in found.names}) == len(found.names)
    for at, cluster in enumerate(found.names):
        there = found.positions[found.clusters == at]
        assert len(there) == cluster.pictures
        assert found.clusters[cluster.at] == at
        np.testing.assert_allclose([cluster.x, cluster.y], np.median(there, axis=0))
        thing = THINGS[int(found.ids[cluster.at][:5]) % 4]
        assert set(cluster.terms) & set(thing.split())


def test_a_map_is_the_plane_in_which_vectors_differ_most(wall: cavewall.Wall) -> None:
    found = wall.map.build()
    said = [f"{THINGS[at % 4]} number{at}" for at in range(120)]
    vectors = FakeEncoder().encode(said).astype(np.float64)
    _, lengths, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    assert found.variance == pytest.approx((lengths[:2] ** 2).sum() / (lengths**2).sum(), rel=1e-4)
    flat = (vectors - vectors.mean(axis=0)) @ axes[:2].T
    for axis in range(2):
        assert abs(np.corrcoef(flat[:, axis], found.positions[:, axis])[0, 1]) > 0.9999


def test_the_same_version_has_the_same_map(wall: cavewall.Wall) -> None:
    again = cavewall.open(wall.address, FakeEncoder())
    assert json.dumps(again.map.build().to_dict()) == json.dumps(wall.map.build().to_dict())
    assert wall.map.build().to_dict()["places"][7]["image_id"] == "00007.jpg"


@pytest.mark.parametrize("layout", ["pca", "umap"])
@pytest.mark.parametrize("pictures", [1, 3])
def test_a_few_pictures_have_a_map(tmp_path: Path, pictures: int, layout: str) -> None:
    found = mapped_wall(tmp_path / "wall", pictures).map.build(layout)
    assert np.isfinite(found.positions).all()
    assert [cluster.pictures for cluster in found.names] == [pictures]


def test_a_wall_whose_pictures_are_gone_has_an_empty_map(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 1)
    wall.maintenance.delete(["00000.jpg"])
    for layout in ("pca", "umap"):
        found = wall.map.build(layout)
        assert (len(found), found.names, found.positions.shape) == (0, (), (0, 2))
    assert wall.map.scores("a dog").shape == (0,)
    assert wall.map.project("a dog").to_dict()["query"] == {"x": 0.0, "y": 0.0}


def test_pictures_that_are_all_alike_lie_in_the_middle(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([cavewall.Picture(f"{at}.jpg", ("a dog",)) for at in range(20)], missing="keep")
    found = wall.map.build()
    assert not found.positions.any()
    assert found.variance == 0
    assert [(cluster.name, cluster.x, cluster.y) for cluster in found.names] == [("group 1", 0, 0)]


def test_there_is_no_other_layout(wall: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="no layout 'tsne' of a map: there are pca and umap"):
        wall.map.build("tsne")


# Areas.


def test_a_search_in_an_area_finds_what_is_inside(wall: cavewall.Wall) -> None:
    found = wall.map.build()
    middle = float(np.median(found.positions[:, 0]))
    area = Area("pca", ((-2, -2), (middle, -2), (middle, 2), (-2, 2)))
    inside = found.inside(area)
    assert 30 < len(inside) < 90
    hits = wall.search("a dog runs", 120, area=area)
    assert {hit.image_id for hit in hits} == set(inside)
    assert (hits.total, hits.area) == (len(inside), area)
    # What a score is worth is told by the whole wall.
    whole = {hit.image_id: hit.score for hit in wall.search("a dog runs", 120)}
    for hit in hits:
        assert hit.score == pytest.approx(whole[hit.image_id], abs=1e-9)


def test_an_area_goes_with_a_filter_and_with_pages(wall: cavewall.Wall) -> None:
    area = Area("pca", ALL)
    where = "metadata.nr < 50"
    hits = wall.search("a dog", 20, where=where, area=area, offset=20)
    assert (hits.total, len(hits)) == (50, 20)
    assert [hit.image_id for hit in hits] == [
        hit.image_id for hit in wall.search("a dog", 20, where=where, offset=20)
    ]
    assert hits.to_dict()["area"] == area.to_dict()
    assert "area" not in wall.search("a dog").to_dict()


def test_an_area_where_nothing_is_holds_nothing(wall: cavewall.Wall) -> None:
    assert len(wall.search("a dog", area=Area("pca", ((5, 5), (6, 5), (6, 6))))) == 0


def test_an_area_of_a_layout_that_is_not_made_is_told(wall: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="umap of version 2 is not made yet"):
        wall.search("a dog", area=Area("umap", ALL))
    with pytest.raises(InputError, match="the area is of layout umap, and this map is pca"):
        wall.map.build().inside(Area("umap", ALL))


# Where a query lies.


def test_on_the_flat_map_places_are_exact(wall: cavewall.Wall) -> None:
    found, said = wall.map.build(), f"{THINGS[2]} number2"
    places = wall.map.project(said)
    assert places.query == pytest.approx(tuple(found.positions[2].tolist()), abs=1e-5)
    assert places.terms[0].place == places.query
    assert places.path is None


def test_every_term_has_its_place_and_its_weight(wall: cavewall.Wall) -> None:
    places = wall.map.project('a dog - 0.5 * bus + like("00003.jpg") + keyword("sea")')
    assert [(each.term, each.weight) for each in places.terms] == [
        *(("a dog", 1.0), ("bus", -0.5), ('like("00003.jpg")', 1.0), ('keyword("sea")', 1.0))
    ]
    assert places.terms[2].place == pytest.approx(
        tuple(wall.map.build().positions[3].tolist()), abs=1e-5
    )
    assert places.terms[3].place is None
    assert places.to_dict()["terms"][3] == {
        **{"term": 'keyword("sea")', "weight": 1.0, "x": None, "y": None}
    }


def test_keywords_alone_lie_nowhere(wall: cavewall.Wall) -> None:
    assert wall.map.project('keyword("sea")').query is None


def test_a_path_begins_and_ends_where_it_should(wall: cavewall.Wall) -> None:
    places = wall.map.project("a dog on sand", to="a boat at sea", steps=4)
    assert places.path is not None
    assert len(places.path) == 4
    assert places.path[0].place == pytest.approx(places.query)
    assert places.path[-1].place == pytest.approx(wall.map.project("a boat at sea").query)
    ids = [each.image_id for each in places.path]
    assert ids == [hit.image_id for hit in wall.path("a dog on sand", "a boat at sea", 4)]
    assert len(set(ids)) == 4


def test_a_path_on_a_wall_of_few_pictures_goes_without(tmp_path: Path) -> None:
    wall = mapped_wall(tmp_path / "wall", 2)
    path = wall.map.project("dog", to="bus", steps=5).path
    assert path is not None
    assert [each.image_id for each in path] == ["00000.jpg", None, None, None, "00001.jpg"]


@pytest.mark.parametrize("steps", [1, 1001])
def test_a_path_has_its_bounds(wall: cavewall.Wall, steps: int) -> None:
    with pytest.raises(InputError, match="a path has 2 to 1,000 steps"):
        wall.map.project("a", to="b", steps=steps)


# Scores and labels.


@pytest.mark.parametrize("rule", ["words", "add", "mul", "standardised"])
def test_every_score_is_that_of_the_search(wall: cavewall.Wall, rule: str) -> None:
    asked, where = 'a dog - bus + like("00004.jpg")', "metadata.nr < 60"
    scores = wall.map.scores(asked, rule, where)
    hits = wall.search(asked, 120, rule, where)
    assert scores.dtype == np.float32
    assert scores.shape == (120,)
    ids = wall.map.build().ids
    assert {ids[at] for at in np.flatnonzero(~np.isnan(scores))} == {hit.image_id for hit in hits}
    for hit in hits:
        assert scores[ids.index(hit.image_id)] == pytest.approx(hit.score, abs=1e-3)
    assert np.isnan(scores[4])


def test_conditions_decide_who_has_a_score(wall: cavewall.Wall) -> None:
    scores = wall.map.scores('a dog + has("bus")')
    assert np.flatnonzero(~np.isnan(scores)).tolist() == list(range(1, 120, 4))


def test_pictures_are_told_of_by_their_places_and_by_their_ids(wall: cavewall.Wall) -> None:
    labels = wall.map.labels([7, "00003.jpg"])
    assert [(each.at, each.image_id, each.captions) for each in labels] == [
        (7, "00007.jpg", ("a horse on grass number7",)),
        (3, "00003.jpg", ("a horse on grass number3",)),
    ]
    assert wall.map.labels([]) == ()


@pytest.mark.parametrize("at", [-1, 120])
def test_there_is_no_picture_beyond_the_last(wall: cavewall.Wall, at: int) -> None:
    with pytest.raises(InputError, match=f"no picture at {at}: version 2 has 120 pictures"):
        wall.map.labels([at])
    with pytest.raises(UnknownPictureError):
        wall.map.labels(["nobody"])


def test_what_is_not_installed_is_told_with_its_command(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(umap_layout, "find_spec", lambda _: None)
    assert wall.map.layouts()[1].to_dict() == {
        **{"name": "umap", "state": "missing", "share": None, "variance": None},
        "install": "pip install 'cavewall[map]'",
    }
