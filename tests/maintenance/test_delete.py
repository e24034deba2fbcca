"""Pictures taken off a wall."""

from __future__ import annotations

import pytest

import cavewall
from cavewall.errors import UnknownPictureError
from cavewall.testing import TOY_PICTURES, toy_wall


@pytest.fixture
def toy(address: str) -> cavewall.Wall:
    """The toy wall, in a folder and in object storage."""
    return toy_wall(address)


def test_deleted_pictures_are_gone_and_the_others_are_not(toy: cavewall.Wall) -> None:
    assert toy.maintenance.delete(["snow-dog.jpg", "street-bus.jpg", "snow-dog.jpg"]) == 2
    left = set(TOY_PICTURES) - {"snow-dog.jpg", "street-bus.jpg"}
    assert {hit.image_id for hit in toy.search("dog", k=10)} == left
    with pytest.raises(UnknownPictureError):
        toy.picture("snow-dog.jpg")


def test_one_unknown_id_and_nothing_is_deleted(toy: cavewall.Wall) -> None:
    version = toy.versions.all()[-1].number
    unknown = ["it's", 'a "quote"', "new\nline", "nul\0", "' OR '1'='1", "six"]
    with pytest.raises(UnknownPictureError) as fault:
        toy.maintenance.delete(["snow-dog.jpg", *unknown])
    assert "it's" in str(fault.value)
    assert str(fault.value).endswith("and 1 more. Nothing was deleted: leave them out")
    assert len(toy) == len(TOY_PICTURES)
    assert toy.versions.all()[-1].number == version


def test_a_single_id_is_one_id_and_not_its_letters(toy: cavewall.Wall) -> None:
    assert toy.maintenance.delete("snow-dog.jpg") == 1


def test_nothing_to_delete_is_no_new_version(toy: cavewall.Wall) -> None:
    version = toy.versions.all()[-1].number
    assert toy.maintenance.delete([]) == 0
    assert toy.versions.all()[-1].number == version


def test_all_pictures_may_go(toy: cavewall.Wall) -> None:
    assert toy.maintenance.delete(TOY_PICTURES) == 6
    assert len(toy) == 0
    assert len(toy.search("dog")) == 0
    assert toy.maintenance.doctor().healthy
    assert toy.maintenance.optimize().fragments_after == 0
