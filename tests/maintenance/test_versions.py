"""Tags and restoring, as their caller sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

import cavewall
from cavewall.errors import InputError, WallNotFoundError
from cavewall.models import Picture
from cavewall.testing import FakeEncoder


def a_picture(name: str, caption: str) -> Picture:
    return Picture(name, (caption,))


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    """Version 2 has a dog; version 3 has a cat as well; all are tagged, so that they stay."""
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([a_picture("a", "a dog")], missing="keep")
    wall.tag("dog")
    wall.add([a_picture("b", "a cat")], missing="keep")
    wall.tag("cat")
    return wall


@pytest.mark.parametrize("name", ["v1", "a", "Before_2026-01.02", "_x", "x" * 64])
def test_names_that_can_be_tags(wall: cavewall.Wall, name: str) -> None:
    number = wall.tag(name)
    assert [v.number for v in wall.versions() if name in v.tags] == [number]


@pytest.mark.parametrize(
    "name",
    [
        *("", "a/b", "..", "a..b", ".a", "-a", "1", "12a", "a b", "a\nb", "ü", "🦊", "a.lock"),
        *("a.", "x" * 65, "a\0", "tag\n"),
    ],
)
def test_names_that_cannot_be_tags_break_nothing(wall: cavewall.Wall, name: str) -> None:
    with pytest.raises(InputError, match="cannot be a tag: 1 to 64 of the letters"):
        wall.tag(name)
    assert {tag for version in wall.versions() for tag in version.tags} == {"dog", "cat"}


def test_the_tag_of_what_was_overwritten_is_not_for_taking(wall: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="the tag overwritten is kept for what was last"):
        wall.tag("overwritten")


@pytest.mark.parametrize("version", [999, 0, -1, 2**70])
def test_a_version_that_is_not_there_cannot_be_named(wall: cavewall.Wall, version: int) -> None:
    message = f"there is no version {version}: .*There are"
    with pytest.raises(InputError, match=message):
        wall.tag("x", version)
    with pytest.raises(InputError, match=message):
        wall.restore(version)


def test_restored_content_is_found_at_once_and_the_rest_is_not(wall: cavewall.Wall) -> None:
    assert {hit.image_id for hit in wall.search("cat")} == {"a", "b"}
    wall.restore("dog")
    assert [hit.image_id for hit in wall.search("cat")] == ["a"]
    other = cavewall.open(wall.address, FakeEncoder())
    assert [hit.image_id for hit in other.search("cat")] == ["a"]
    wall.restore("overwritten")
    assert wall.search("cat")[0].image_id == "b"
    assert {hit.image_id for hit in other.search("cat")} == {"a", "b"}


def test_a_restored_wall_takes_what_it_lost(wall: cavewall.Wall) -> None:
    wall.restore("dog")
    report = wall.add([a_picture("b", "a cat")], missing="keep")
    assert (report.added, len(wall)) == (1, 2)


def test_overwriting_can_be_undone(wall: cavewall.Wall) -> None:
    wall.add([a_picture("c", "a bus")], missing="keep", overwrite=True)
    wall.optimize()
    assert [hit.image_id for hit in wall.search("dog")] == ["c"]
    wall.restore("overwritten")
    assert {hit.image_id for hit in wall.search("dog")} == {"a", "b"}


def test_a_number_is_a_number_whether_text_or_not(wall: cavewall.Wall) -> None:
    dog = next(v.number for v in wall.versions() if "dog" in v.tags)
    wall.restore(str(dog))
    assert len(wall) == 1
    wall.restore("cat")
    wall.restore(dog)
    assert len(wall) == 1


def test_the_newest_needs_no_restoring(wall: cavewall.Wall) -> None:
    newest = wall.versions()[-1].number
    with pytest.raises(InputError, match=f"version {newest} is the newest"):
        wall.restore(newest)


def test_a_version_that_was_cleaned_up_is_told_with_those_that_are_left(
    wall: cavewall.Wall,
) -> None:
    wall.add([a_picture("c", "a bus")], missing="keep")
    gone = wall.versions()[-1].number
    wall.add([a_picture("d", "a boat")], missing="keep")
    wall.optimize()
    left = ", ".join(str(version.number) for version in wall.versions())
    with pytest.raises(InputError, match=f"no version {gone}: it was cleaned up.*are {left}$"):
        wall.restore(gone)


@pytest.mark.parametrize("name", ["nope", "²", "9" * 30, "../x", "", "dog\n"])
def test_an_unknown_name_is_told_with_the_tags_that_are_there(
    wall: cavewall.Wall, name: str
) -> None:
    for act in (wall.restore, wall.untag):
        with pytest.raises(InputError, match="the tags there are: cat, dog"):
            act(name)


def test_a_wall_that_is_not_there_has_no_versions(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "none", FakeEncoder())
    for act in (wall.versions, wall.optimize, wall.doctor, wall.duplicates):
        with pytest.raises(WallNotFoundError):
            act()
    assert not (tmp_path / "none").exists()
