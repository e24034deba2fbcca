"""Groups of duplicates as one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import cavewall
from cavewall.maintenance.duplicates import Duplicates, Group
from cavewall.models import Picture
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

# The grid of `cavewall.explore.plots.contact_sheet`.
CELL, PHOTO, GAP, MARGIN = 264, 184, 22, 40
HEAD, FOOT = 36 + 12, 14 + 2 * 23 + GAP
COLOURS = {"a": (200, 30, 20), "b": (20, 160, 60), "c": (30, 60, 200)}


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    images = {name: picture_bytes(colour) for name, colour in COLOURS.items()}
    wall.add([Picture(name, ("x",), image=data) for name, data in images.items()])
    return wall


def found(*groups: tuple[str, ...]) -> Duplicates:
    return Duplicates(tuple(Group(("bytes",), group) for group in groups), 3, 2, 0.97)


def middle(sheet: Image.Image, row: int, column: int) -> NDArray[np.int64]:
    left = MARGIN + column * (CELL + GAP) + CELL // 2
    top = MARGIN + row * (HEAD + PHOTO + FOOT) + HEAD + PHOTO // 2
    return np.array(sheet.getpixel((left, top)), np.int64)


def test_each_group_has_a_row_with_its_pictures_in_order(wall: cavewall.Wall) -> None:
    sheet = wall.maintenance.duplicates_sheet(found(("b", "a"), ("a", "c", "b")))
    assert sheet.size == (
        3 * CELL + 2 * GAP + 2 * MARGIN,
        2 * (HEAD + PHOTO + FOOT) + 2 * MARGIN,
    )
    for row, names in enumerate(("ba", "acb")):
        for column, name in enumerate(names):
            assert np.abs(middle(sheet, row, column) - COLOURS[name]).max() < 8


def test_many_groups_and_many_pictures_are_cut_and_the_rest_is_told(wall: cavewall.Wall) -> None:
    many = found(*[tuple("abcabcabcabc")] * 31)
    two_rows = HEAD + 2 * (PHOTO + FOOT)
    assert wall.maintenance.duplicates_sheet(many).height == 30 * two_rows + HEAD + 2 * MARGIN
    assert wall.maintenance.duplicates_sheet(found(*[tuple("ab")] * 30)).height == (
        30 * (HEAD + PHOTO + FOOT) + 2 * MARGIN
    )


def test_no_group_is_a_sheet_that_says_so(wall: cavewall.Wall) -> None:
    sheet = wall.maintenance.duplicates_sheet(found())
    assert sheet.size == (2 * CELL + GAP + 2 * MARGIN, HEAD + 2 * MARGIN)
    assert len(sheet.getcolors(100_000) or []) > 1
