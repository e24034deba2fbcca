"""Areas of a map, and what is inside of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall.errors import InputError
from cavewall.query.map_area import Area

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# Drawn in one stroke, so that its middle is inside of two loops.
STAR = tuple((math.sin(0.8 * math.pi * at), math.cos(0.8 * math.pi * at)) for at in range(5))


def holds(corners: tuple[tuple[float, float], ...], *points: tuple[float, float]) -> list[bool]:
    found: list[bool] = Area("pca", corners).holds(np.array(points)).tolist()
    return found


def test_a_square_holds_what_is_inside() -> None:
    assert holds(SQUARE, (0.5, 0.5), (-0.1, 0.5), (1.1, 0.5), (0.5, 1.1), (0.5, -0.1)) == [
        *(True, False, False, False, False)
    ]


def test_of_its_outline_a_square_has_the_left_and_the_lower_side() -> None:
    assert holds(SQUARE, (0, 0.5), (0.5, 0), (1, 0.5), (0.5, 1)) == [True, True, False, False]
    assert holds(SQUARE, (0, 0), (1, 0), (1, 1), (0, 1)) == [True, False, False, False]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_squares_side_by_side_have_each_point_once(points: list[tuple[int, int]]) -> None:
    tiles = [
        Area("pca", tuple((x + a, y + b) for a, b in SQUARE)) for x in range(5) for y in range(5)
    ]
    times = np.sum([tile.holds(np.array(points, np.float64)) for tile in tiles], axis=0)
    assert (times == 1).all()


def test_the_middle_of_a_star_is_outside_and_its_points_are_inside() -> None:
    assert holds(STAR, (0, 0), (0, 0.7), (0, -0.7)) == [False, True, False]


def test_a_figure_of_eight_has_both_its_loops() -> None:
    eight = ((-1.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0))
    assert holds(eight, (-0.5, 0), (0.5, 0), (0, 0.5), (0, -0.5)) == [True, True, False, False]


@pytest.mark.parametrize("corners", [((0.0, 0.0),) * 3, ((0.0, 0.0), (1.0, 1.0), (2.0, 2.0))])
def test_a_flat_area_holds_nothing(corners: tuple[tuple[float, float], ...]) -> None:
    assert holds(corners, (0, 0), (0.5, 0.5), (0.2, 0.4)) == [False, False, False]


@given(
    st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=3, max_size=12),
    st.integers(1, 11),
)
def test_where_it_begins_and_which_way_it_goes_does_not_matter(
    corners: list[tuple[int, int]], turned: int
) -> None:
    points = np.random.default_rng(0).uniform(-7, 7, (200, 2))
    given_, turn = tuple((float(x), float(y)) for x, y in corners), turned % len(corners)
    expected = Area("pca", given_).holds(points)
    for other in (given_[turn:] + given_[:turn], given_[::-1]):
        assert np.array_equal(Area("pca", other).holds(points), expected)


@given(st.integers(3, 64), st.floats(0.1, 1))
def test_a_round_area_holds_what_is_nearer_than_its_sides(corners: int, radius: float) -> None:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = tuple((radius * math.cos(angle), radius * math.sin(angle)) for angle in angles)
    points = np.random.default_rng(1).uniform(-1, 1, (300, 2))
    far = np.linalg.norm(points, axis=1)
    inside = Area("pca", ring).holds(points)
    assert inside[far < 0.999 * radius * math.cos(math.pi / corners)].all()
    assert not inside[far > 1.001 * radius].any()


def test_an_area_is_read_as_it_is_written() -> None:
    area = Area.from_text("0,0, 1,0 ,1,1e0", "umap")
    assert area == Area("umap", ((0, 0), (1, 0), (1, 1)))
    assert area.to_dict() == {"layout": "umap", "corners": [[0, 0], [1, 0], [1, 1]]}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "these are 1 numbers"),
        ("0,0,1", "these are 3 numbers"),
        ("0,0,1,1", "3 to 64 corners, not 2"),
        (",".join(["0"] * 130), "these are 130 numbers"),
        ("0,0,1,x,1,1", "could not convert string to float: 'x'"),
        ("0,0,1,nan,1,1", r"from -1 to 1, not \(1.0, nan\)"),
        ("0,0,1,inf,1,1", r"not \(1.0, inf\)"),
        ("0,0,1,1e300,1,1", r"not \(1.0, 1e\+300\)"),
    ],
)
def test_what_is_no_area_is_told_in_a_sentence(written: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        Area.from_text(written, "pca")


def test_there_is_no_other_layout() -> None:
    with pytest.raises(InputError, match="no layout 't-sne' of a map: there are pca and umap"):
        Area("t-sne", SQUARE)
