"""The index of a wall: made, used, kept while the wall grows, dropped when it no longer fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cavewall
from cavewall.index.ivf import ARTIFACT
from cavewall.maintenance.build_index import check_index, make_index
from cavewall.models import Picture
from cavewall.query.filters import Field, In, Value
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import RULES, rule
from cavewall.search.vector_space import VectorSpace
from cavewall.testing import FakeEncoder

COLOURS = ["red", "green", "blue", "white", "black", "brown"]
THINGS = ["dog", "cat", "horse", "boat", "bus", "child", "tree"]
PLACES = ["beach", "snow", "river", "street", "wood"]


def pictures(start: int, end: int) -> list[Picture]:
    return [
        Picture(
            f"{number:05}",
            (
                f"a {COLOURS[number % 6]} {THINGS[number % 7]} number {number}",
                f"on the {PLACES[number % 5]}",
            ),
        )
        for number in range(start, end)
    ]


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", fake)
    wall.add(pictures(0, 2000), missing="keep")
    return wall


def space(wall: cavewall.Wall) -> VectorSpace:
    return wall.connection.version().caption


def first(wall: cavewall.Wall, image_id: str) -> str:
    """Whoever is nearest to that picture: itself, where it can be found."""
    return wall.search(cavewall.like(image_id), 1, include_inputs=True)[0].image_id


def test_small_walls_have_none_and_say_so(wall: cavewall.Wall) -> None:
    report = wall.maintenance.index(check=True)
    assert (report.pictures, report.neighbourhoods, report.check) == (2000, 0, None)
    assert space(wall).index is None
    assert wall.info()["indexed"] == 0


def test_an_index_that_was_made_is_found_by_the_next_process(wall: cavewall.Wall) -> None:
    made = space(wall).build_index()
    again = space(cavewall.open(wall.address, FakeEncoder()))
    assert again.index is not None
    np.testing.assert_array_equal(again.index.rows, made.rows)
    assert wall.info()["indexed"] == 2000


QUERIES = [
    "red dog",
    "dog on the beach - red + blue",
    "dog - cat + snow",
    'dog + keyword("1234")',
    'keyword("red dog") - cat - keyword("snow")',
    'keyword("dog beach") - keyword("red")',
    'red dog + has("beach") - has("number 1*")',
]


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("query", QUERIES)
def test_answers_through_the_index_are_those_of_a_look_at_everyone(
    wall: cavewall.Wall, name: str, query: str
) -> None:
    before = wall.search(query, 20, rule=name)
    space(wall).build_index()
    after = wall.search(query, 20, rule=name)
    assert [(hit.image_id, hit.score, hit.terms) for hit in after] == [
        (hit.image_id, hit.score, hit.terms) for hit in before
    ]


def test_the_index_is_what_is_asked(wall: cavewall.Wall) -> None:
    """Whoever stands in a neighbourhood that it does not have is not found."""
    space(wall).build_index()
    inquiry = SingleSpaceRanking.ask(
        cavewall.text("red dog"), space(wall), wall.encoder, rule("add")
    )
    assert inquiry.top_k(5) == inquiry.page(5)
    assert "scores" in inquiry.__dict__
    fresh = SingleSpaceRanking.ask(cavewall.text("red dog"), space(wall), wall.encoder, rule("add"))
    fresh.top_k(5)
    assert "scores" not in fresh.__dict__


def test_it_holds_while_the_wall_grows_and_new_pictures_are_found(wall: cavewall.Wall) -> None:
    space(wall).build_index()
    wall.add(pictures(2000, 2010), missing="keep")
    grown = space(wall)
    assert grown.indexed == 2000
    assert len(grown.snapshot.ids) == 2010
    assert first(wall, "02005") == "02005"


def test_it_is_dropped_when_its_pictures_are_no_longer_the_first(wall: cavewall.Wall) -> None:
    space(wall).build_index()
    wall.maintenance.delete(["00003"])
    assert space(wall).index is None
    assert first(wall, "00007") == "00007"


def test_a_check_says_how_good_it_is(wall: cavewall.Wall) -> None:
    space(wall).build_index()
    found = check_index(space(wall), wall.encoder)
    assert found is not None
    assert found.queries == 200
    assert found.recall_at_10 > 0.98
    assert found.recall_of_rule > 0.98
    assert min(found.ms, found.ms_everyone) > 0


def test_an_empty_wall_has_nothing_to_index(wall: cavewall.Wall) -> None:
    wall.maintenance.delete([picture.image_id for picture in pictures(0, 2000)])
    assert make_index(space(wall), wall.encoder, check=True).neighbourhoods == 0
    assert check_index(space(wall), wall.encoder) is None


def test_optimize_keeps_an_index_that_still_serves(wall: cavewall.Wall) -> None:
    space(wall).build_index()
    wall.add(pictures(2000, 2010), missing="keep")
    assert all(
        f"/{ARTIFACT}/" not in each
        for found in wall.maintenance.doctor().findings
        for each in found.examples
    )
    wall.maintenance.optimize()
    assert space(wall).indexed == 2000


@pytest.mark.parametrize(("suffix", "matching"), [("7", 200), ("77", 20), ("777", 2)])
def test_a_filter_keeps_recall_whatever_the_index(
    wall: cavewall.Wall, suffix: str, matching: int
) -> None:
    """At 10 %, 1 % and .1 % of the pictures, against a look at every one of them."""
    current = space(wall)
    current.build_index()
    ids = np.array(current.snapshot.ids.to_pylist())
    inside = np.char.endswith(ids, suffix)
    where = In(Field(("image_id",)), tuple(Value(each) for each in ids[inside].tolist()))
    for query in ("red dog", "dog on the beach - red + blue", "cat - snow"):
        scores = current.snapshot.vectors @ wall.vector(query)
        scores[~inside] = -np.inf
        true = ids[np.argsort(-scores)][: min(10, matching)]
        found = wall.search(query, 10, "add", where)
        assert [hit.image_id for hit in found] == true.tolist()
        assert found.total == matching
