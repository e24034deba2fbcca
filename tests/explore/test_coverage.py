"""What a collection shows together: exact counts on the toy wall, and what holds for any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cavewall
from cavewall.errors import InputError
from cavewall.explore.coverage import Grid, GridCell, cover
from cavewall.models import Picture
from cavewall.query import parse_list
from cavewall.testing import FakeEncoder
from tests.profile import scaled

ROWS, COLUMNS = "dog, human, bus", "sand, snow, street"
WORDS = ("dog", "cat", "sand", "snow")


def counts(grid: Grid) -> list[list[int]]:
    return [[cell.count for cell in row] for row in grid.cells]


def wall_of(folder: Path, *captions: tuple[str, ...]) -> cavewall.Wall:
    wall = cavewall.open(folder, FakeEncoder())
    wall.add([Picture(f"{at}.jpg", said) for at, said in enumerate(captions)], missing="keep")
    return wall


def test_cells_and_totals_by_hand(toy: cavewall.Wall) -> None:
    grid = toy.coverage.grid(ROWS, COLUMNS)
    assert counts(grid) == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert [total.count for total in grid.rows] == [2, 2, 1]
    assert [total.count for total in grid.columns] == [2, 2, 1]
    assert grid["dog", "sand"].examples == ("beach-dog.jpg",)
    assert grid["dog", "sand"].expected == pytest.approx(2 * 2 / 6)
    assert (grid.pictures, grid.unknown) == (6, ())


def test_lists_texts_and_values_are_the_same(toy: cavewall.Wall) -> None:
    values: list[str | cavewall.Expression] = [cavewall.text("dog"), "human, bus"]
    assert toy.coverage.grid(values, iter(COLUMNS.split(","))) == toy.coverage.grid(ROWS, COLUMNS)


def test_the_empty_cells_come_first_of_which_most_would_be_expected() -> None:
    cells = tuple(
        GridCell("a", name, 0, 0, 0, expected) for name, expected in (("x", 1), ("y", 7.6))
    )
    grid = Grid((), (), (cells,), 9, 1)
    assert [str(cell) for cell in grid.empty] == [
        "no picture shows `a` with `y` (8 would be expected)",
        "no picture shows `a` with `x` (1 would be expected)",
    ]
    assert repr(grid) == "Grid(0 x 0, 9 pictures, 2 empty, 0 rare)"


@pytest.mark.parametrize(
    ("count", "high", "expected", "kind"),
    [
        (0, 0, 50, "is_empty"),
        (0, 2, 50, "is_doubtful"),
        (1, 24, 50, "is_rare"),
        (1, 25, 50, None),
        (0, 0, 0, "is_empty"),
    ],
)
def test_a_cell_is_one_thing_at_most(count: int, high: int, expected: float, kind: str) -> None:
    cell = GridCell("a", "b", count, 0, high, expected)
    kinds = ("is_empty", "is_doubtful", "is_rare")
    assert [each for each in kinds if getattr(cell, each)] == ([kind] if kind else [])


def test_sentences_name_both_and_say_how_sure() -> None:
    assert str(GridCell("a", "b", 0, 0, 2, 1)) == (
        "no picture counts for `a` with `b`, 2 may show both: look at them"
    )
    assert str(GridCell("a", "b", 1, 0, 2, 9)) == (
        "1 shows `a` with `b`, 2 at most, where 9 would be expected"
    )


def test_with_and_without_add_up(toy: cavewall.Wall) -> None:
    grid = toy.coverage.grid(ROWS, "snow, - snow")
    for total, (there, away) in zip(grid.rows, grid.cells, strict=True):
        assert there.count + away.count == total.count
    assert toy.coverage.grid("dog", "- dog")["dog", "- dog"].count == 0


def test_a_grid_counts_what_a_filter_allows_and_knows_saved_terms(toy: cavewall.Wall) -> None:
    toy.terms.save("animal", "dog")
    grid = toy.coverage.grid("@animal, human", "sand", where='image_id contains "dog"')
    assert [cell.count for row in grid.cells for cell in row] == [1, 0]
    assert (grid.pictures, [each.name for each in grid.rows]) == (2, ["@animal", "human"])
    toy.terms.save("centre", from_search="dog", k=2)
    with pytest.raises(InputError, match="no concept that captions name"):
        toy.coverage.grid("@centre", "sand")


def test_only_allowed_pictures_count(toy: cavewall.Wall) -> None:
    current = toy.connection.version().caption
    allowed = np.array([name.as_py().endswith("dog.jpg") for name in current.snapshot.ids])
    rows, columns = parse_list(ROWS), parse_list(COLUMNS)
    grid = cover(rows, columns, current, allowed=allowed)
    assert counts(grid) == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert grid.pictures == 2
    nobody = cover(rows[:1], columns[:1], current, allowed=np.zeros(6, bool))
    assert (nobody.pictures, nobody["dog", "sand"].count) == (0, 0)


def test_examples_are_the_surest_and_as_many_as_asked_for(toy: cavewall.Wall) -> None:
    (cell,) = toy.coverage.grid("dog", "- bus", examples=1)
    assert len(cell.examples) == 1
    assert set(toy.coverage.grid("dog", "- bus")["dog", "- bus"].examples) == {
        "beach-dog.jpg",
        "snow-dog.jpg",
    }
    assert toy.coverage.grid("dog", "sand", examples=0)["dog", "sand"].examples == ()


def test_it_goes_into_json_and_turns(toy: cavewall.Wall) -> None:
    grid = toy.coverage.grid(ROWS, "sand, snow")
    found = json.loads(json.dumps(grid.to_dict()))
    assert found["rows"][0] == {"name": "dog", "count": 2, "low": 2, "high": 2}
    assert found["cells"][0][0]["examples"] == ["beach-dog.jpg"]
    assert ["bus", "sand"] in found["empty"]
    turned = grid.transposed()
    assert (len(turned.rows), len(turned.columns)) == (2, 3)
    assert turned.transposed() == grid
    with pytest.raises(KeyError):
        grid["sand", "dog"]


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([], "sand", "the rows are empty"),
        ("dog", [], "the columns are empty"),
        (" ", "sand", "the list is empty"),
        ("dog,, cat", "sand", "expected a term"),
        ("dog, dog", "sand", "`dog` is twice among the rows"),
        ("dog", [f"word {at}" for at in range(1000)], "1,000 columns are more than the 100"),
        ("quokka, gnu", "sand", "nothing to count: no caption says `quokka`"),
    ],
)
def test_bad_lists_are_refused(
    rows: str | list[str], columns: str | list[str], message: str, toy: cavewall.Wall
) -> None:
    with pytest.raises(InputError, match=message):
        toy.coverage.grid(rows, columns)


def test_examples_are_bounded(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="0 to 100 examples, not -1"):
        toy.coverage.grid("dog", "sand", examples=-1)


def test_unknown_concepts_are_left_out_and_told(toy: cavewall.Wall) -> None:
    grid = toy.coverage.grid("dog, quokka", "sand")
    assert (grid.unknown, len(grid.rows)) == (("quokka",), 1)
    assert grid.notes[0].startswith("no caption says `quokka`")


def test_a_wall_without_pictures_says_so(toy: cavewall.Wall) -> None:
    toy.maintenance.delete([name.as_py() for name in toy.connection.version().pictures.ids])
    with pytest.raises(InputError, match="the wall has no pictures"):
        toy.coverage.grid("dog", "sand")


def test_a_wall_of_one_caption_each_is_warned_of(tmp_path: Path) -> None:
    wall = wall_of(tmp_path, ("a dog on sand",), ("a cat",), ("snow",))
    grid = wall.coverage.grid("dog, cat", "sand, snow")
    assert counts(grid) == [[1, 0], [0, 0]]
    assert "single caption" in grid.notes[-1]


@settings(max_examples=scaled(8))
@given(st.lists(st.sets(st.sampled_from(WORDS), min_size=1), min_size=1, max_size=6))
def test_a_picture_that_says_both_never_lowers_a_cell(
    tmp_path_factory: pytest.TempPathFactory, said: list[set[str]]
) -> None:
    captions = [(" ".join(sorted(words)),) for words in said]
    # Every word is known from the start.
    captions.append((" ".join(WORDS),))
    wall = wall_of(tmp_path_factory.mktemp("more") / "wall", *captions)
    before = wall.coverage.grid("dog, cat", "sand, snow")
    wall.add([Picture("new.jpg", ("a dog on sand", "dog and sand"))], missing="keep")
    after = wall.coverage.grid("dog, cat", "sand, snow")
    assert after["dog", "sand"].count >= before["dog", "sand"].count
    for cell in after:
        assert cell.low <= cell.count <= cell.high
    for row, total in zip(after.cells, after.rows, strict=True):
        assert all(cell.count <= total.count for cell in row)
