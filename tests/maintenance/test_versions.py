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
    wall.versions.tag("dog")
    wall.add([a_picture("b", "a cat")], missing="keep")
    wall.versions.tag("cat")
    return wall


@pytest.mark.parametrize("name", ["v1", "a", "Before_2026-01.02", "_x", "x" * 64])
def test_names_that_can_be_tags(wall: cavewall.Wall, name: str) -> None:
    number = wall.versions.tag(name)
    assert [v.number for v in wall.versions.all() if name in v.tags] == [number]


@pytest.mark.parametrize(
    "name",
    [
        *("", "a/b", "..", "a..b", ".a", "-a", "1", "12a", "a b", "a\nb", "ü", "🦊", "a.lock"),
        *("a.", "x" * 65, "a\0", "tag\n"),
    ],
)
def test_names_that_cannot_be_tags_break_nothing(wall: cavewall.Wall, name: str) -> None:
    with pytest.raises(InputError, match="cannot be a tag: 1 to 64 of the letters"):
        wall.versions.tag(name)
    assert {tag for version in wall.versions.all() for tag in version.tags} == {"dog", "cat"}


def test_the_tag_of_what_was_overwritten_is_not_for_taking(wall: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="the tag overwritten is kept for what was last"):
        wall.versions.tag("overwritten")


@pytest.mark.parametrize("version", [999, 0, -1, 2**70])
def test_a_version_that_is_not_there_cannot_be_named(wall: cavewall.Wall, version: int) -> None:
    message = f"there is no version {version}: .*There are"
    with pytest.raises(InputError, match=message):
        wall.versions.tag("x", version)
    with pytest.raises(InputError, match=message):
        wall.versions.restore(version)


def test_restored_content_is_found_at_once_and_the_rest_is_not(wall: cavewall.Wall) -> None:
    assert {hit.image_id for hit in wall.search("cat")} == {"a", "b"}
    wall.versions.restore("dog")
    assert [hit.image_id for hit in wall.search("cat")] == ["a"]
    other = cavewall.open(wall.address, FakeEncoder())
    assert [hit.image_id for hit in other.search("cat")] == ["a"]
    wall.versions.restore("overwritten")
    assert wall.search("cat")[0].image_id == "b"
    assert {hit.image_id for hit in other.search("cat")} == {"a", "b"}


def test_a_restored_wall_takes_what_it_lost(wall: cavewall.Wall) -> None:
    wall.versions.restore("dog")
    report = wall.add([a_picture("b", "a cat")], missing="keep")
    assert (report.added, len(wall)) == (1, 2)


def test_overwriting_can_be_undone(wall: cavewall.Wall) -> None:
    wall.add([a_picture("c", "a bus")], missing="keep", overwrite=True)
    wall.maintenance.optimize()
    assert [hit.image_id for hit in wall.search("dog")] == ["c"]
    wall.versions.restore("overwritten")
    assert {hit.image_id for hit in wall.search("dog")} == {"a", "b"}


def test_a_number_is_a_number_whether_text_or_not(wall: cavewall.Wall) -> None:
    dog = next(v.number for v in wall.versions.all() if "dog" in v.tags)
    wall.versions.restore(str(dog))
    assert len(wall) == 1
    wall.versions.restore("cat")
    wall.versions.restore(dog)
    assert len(wall) == 1


def test_the_newest_needs_no_restoring(wall: cavewall.Wall) -> None:
    newest = wall.versions.all()[-1].number
    with pytest.raises(InputError, match=f"version {newest} is the newest"):
        wall.versions.restore(newest)


def test_a_version_that_was_cleaned_up_is_told_with_those_that_are_left(
    wall: cavewall.Wall,
) -> None:
    wall.add([a_picture("c", "a bus")], missing="keep")
    gone = wall.versions.all()[-1].number
    wall.add([a_picture("d", "a boat")], missing="keep")
    wall.maintenance.optimize()
    left = ", ".join(str(version.number) for version in wall.versions.all())
    with pytest.raises(InputError, match=f"no version {gone}: it was cleaned up.*are {left}$"):
        wall.versions.restore(gone)


@pytest.mark.parametrize("name", ["nope", "²", "9" * 30, "../x", "", "dog\n"])
def test_an_unknown_name_is_told_with_the_tags_that_are_there(
    wall: cavewall.Wall, name: str
) -> None:
    for act in (wall.versions.restore, wall.versions.untag):
        with pytest.raises(InputError, match="the tags there are: cat, dog"):
            act(name)


def test_a_wall_that_is_not_there_has_no_versions(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "none", FakeEncoder())
    for act in (
        wall.versions.all,
        wall.maintenance.optimize,
        wall.maintenance.doctor,
        wall.maintenance.duplicates,
    ):
        with pytest.raises(WallNotFoundError):
            act()
    assert not (tmp_path / "none").exists()
