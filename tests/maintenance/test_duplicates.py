"""Groups of pictures that are there more than once."""

from __future__ import annotations

import io
from pathlib import Path

import lance
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from PIL import Image

import cavewall
from cavewall.errors import InputError
from cavewall.maintenance.duplicates import Duplicates, Group
from cavewall.models import Picture
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

# The grid of `cavewall.explore.plots.contact_sheet`.
CELL, PHOTO, GAP, MARGIN = 264, 184, 22, 40
HEAD, FOOT = 36 + 12, 14 + 2 * 23 + GAP
COLOURS = {"a": (200, 30, 20), "b": (20, 160, 60), "c": (30, 60, 200)}


def drawn(seed: int, quality: int = 85) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    out = io.BytesIO()
    picture = Image.fromarray(noise).resize((256, 192), Image.Resampling.BICUBIC)
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def groups(found: Duplicates) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    return {(group.reasons, group.image_ids) for group in found.groups}


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    pictures = [
        Picture("a", ("a dog on sand",), image=drawn(1)),
        Picture("a-copy", ("something else",), image=drawn(1)),
        Picture("a-small", ("a third thing",), image=drawn(1, quality=50)),
        Picture("b", ("a cat sleeps",), image=drawn(2)),
        Picture("c", ("a cat sleeps",), image=drawn(3)),
        Picture("d", ("buses in town",), image=drawn(4)),
        Picture("bare", ("nothing to see",)),
        Picture("bare-too", ("nothing to hear",)),
    ]
    wall.add(pictures, missing="keep")
    return wall


def test_each_reason_makes_its_groups(wall: cavewall.Wall) -> None:
    found = wall.maintenance.duplicates()
    assert groups(found) == {
        (("bytes",), ("a", "a-copy")),
        (("look",), ("a", "a-copy", "a-small")),
        (("vector",), ("b", "c")),
    }
    assert [group.reasons for group in found.groups] == [("bytes",), ("look",), ("vector",)]
    assert found.pictures == 8
    assert found.to_dict()["groups"][0] == {"reasons": ["bytes"], "image_ids": ["a", "a-copy"]}


def test_a_group_for_several_reasons_is_told_once(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture(name, ("a dog",), image=drawn(1)) for name in "ab"])
    assert groups(wall.maintenance.duplicates()) == {(("bytes", "look", "vector"), ("a", "b"))}


def test_the_threshold_is_the_cosine_of_vectors(wall: cavewall.Wall) -> None:
    cosine = wall.similarity("a dog on sand", "a cat sleeps")
    below = [group.image_ids for group in wall.maintenance.duplicates(cosine - 0.01).groups]
    assert any({"a", "b", "c"} <= set(ids) for ids in below)
    above = [g.image_ids for g in wall.maintenance.duplicates(1.0).groups if "vector" in g.reasons]
    assert above == [("b", "c")]


@pytest.mark.parametrize("threshold", [0, -0.5, 1.01, float("nan")])
def test_a_threshold_that_is_no_cosine_is_refused(wall: cavewall.Wall, threshold: float) -> None:
    with pytest.raises(InputError, match="a cosine above 0 and at most 1"):
        wall.maintenance.duplicates(threshold)


def test_pictures_of_one_colour_look_like_nothing_else(toy: cavewall.Wall) -> None:
    assert toy.maintenance.duplicates().groups == ()


def test_an_empty_wall_and_one_of_one_picture(wall: cavewall.Wall) -> None:
    wall.maintenance.delete(["a-copy", "a-small", "b", "c", "d", "bare", "bare-too"])
    found = wall.maintenance.duplicates()
    assert (found.groups, found.pictures) == ((), 1)
    wall.maintenance.delete(["a"])
    found = wall.maintenance.duplicates()
    assert (found.groups, found.pictures) == ((), 0)


def test_rows_of_one_picture_for_each_caption_are_one_picture(
    tmp_path: Path, wall: cavewall.Wall
) -> None:
    file, other = tmp_path / "x.jpg", tmp_path / "y.jpg"
    file.write_bytes(drawn(9))
    other.write_bytes(drawn(9))
    rows = [Picture(f"x.jpg#{n}", (f"caption {n}",), path=file) for n in range(3)]
    wall.add(rows, overwrite=True)
    assert groups(wall.maintenance.duplicates()) == set()
    wall.add([Picture("y.jpg", ("elsewhere",), path=other)])
    found = wall.maintenance.duplicates()
    assert groups(found) == {(("bytes", "look"), ("x.jpg#0", "y.jpg"))}
    assert found.pictures == 2


def test_the_same_file_under_two_names_is_a_duplicate(tmp_path: Path, wall: cavewall.Wall) -> None:
    file = tmp_path / "x.jpg"
    file.write_bytes(drawn(9))
    names = ["x.jpg", "folder/x.jpg"]
    wall.add([Picture(name, (name,), path=file) for name in names], overwrite=True)
    assert (("bytes", "look"), tuple(names)) in groups(wall.maintenance.duplicates())


def test_pictures_without_a_vector_are_compared_by_the_rest(wall: cavewall.Wall) -> None:
    dataset = lance.dataset(f"{wall.address}/pictures.lance")
    kind = dataset.schema.field("vector").type
    nulls = pa.table([["a", "c"], pa.nulls(2, kind)], names=["image_id", "vector"])
    dataset.merge_insert("image_id").when_matched_update_all().execute(nulls)
    assert {
        (reasons, frozenset(ids)) for reasons, ids in groups(wall.maintenance.duplicates())
    } == {
        (("bytes",), frozenset({"a", "a-copy"})),
        (("look",), frozenset({"a", "a-copy", "a-small"})),
    }


def test_progress_is_told(wall: cavewall.Wall) -> None:
    told: list[tuple[str, float]] = []
    wall.maintenance.duplicates(progress=lambda what, share: told.append((what, share)))
    names = list(dict.fromkeys(what for what, _ in told))
    assert names == ["looking at thumbnails", "comparing looks", "comparing vectors"]
    assert {what for what, share in told if share == 1.0} == set(names)


@pytest.fixture
def three_colours(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    images = {name: picture_bytes(colour) for name, colour in COLOURS.items()}
    wall.add([Picture(name, ("x",), image=data) for name, data in images.items()])
    return wall


def duplicates_of(*groups: tuple[str, ...]) -> Duplicates:
    return Duplicates(tuple(Group(("bytes",), group) for group in groups), 3, 2, 0.97)


def middle(sheet: Image.Image, row: int, column: int) -> NDArray[np.int64]:
    left = MARGIN + column * (CELL + GAP) + CELL // 2
    top = MARGIN + row * (HEAD + PHOTO + FOOT) + HEAD + PHOTO // 2
    return np.array(sheet.getpixel((left, top)), np.int64)


def test_each_group_has_a_row_with_its_pictures_in_order(three_colours: cavewall.Wall) -> None:
    sheet = three_colours.maintenance.duplicates_sheet(duplicates_of(("b", "a"), ("a", "c", "b")))
    assert sheet.size == (
        3 * CELL + 2 * GAP + 2 * MARGIN,
        2 * (HEAD + PHOTO + FOOT) + 2 * MARGIN,
    )
    for row, names in enumerate(("ba", "acb")):
        for column, name in enumerate(names):
            assert np.abs(middle(sheet, row, column) - COLOURS[name]).max() < 8


def test_many_groups_and_many_pictures_are_cut_and_the_rest_is_told(
    three_colours: cavewall.Wall,
) -> None:
    many = duplicates_of(*[tuple("abcabcabcabc")] * 31)
    two_rows = HEAD + 2 * (PHOTO + FOOT)
    assert (
        three_colours.maintenance.duplicates_sheet(many).height == 30 * two_rows + HEAD + 2 * MARGIN
    )
    assert three_colours.maintenance.duplicates_sheet(
        duplicates_of(*[tuple("ab")] * 30)
    ).height == (30 * (HEAD + PHOTO + FOOT) + 2 * MARGIN)


def test_no_group_is_a_sheet_that_says_so(three_colours: cavewall.Wall) -> None:
    sheet = three_colours.maintenance.duplicates_sheet(duplicates_of())
    assert sheet.size == (2 * CELL + GAP + 2 * MARGIN, HEAD + 2 * MARGIN)
    assert len(sheet.getcolors(100_000) or []) > 1
