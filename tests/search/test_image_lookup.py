"""image("path") on a wall without an image encoder: a picture that is there, or what to do."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cavewall
from cavewall.errors import InputError
from cavewall.models import Picture
from cavewall.testing import FakeEncoder

NAMES = ("dog", "cat", "bus")


def drawn(seed: int) -> Image.Image:
    """A picture of soft patches."""
    patches = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), np.uint8)
    return Image.fromarray(patches).resize((120, 80), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(
        [Picture(name, (f"a {name}",), image=saved(drawn(at))) for at, name in enumerate(NAMES)]
    )
    return wall


def asked(wall: cavewall.Wall, data: bytes, tmp_path: Path) -> cavewall.Hits:
    path = tmp_path / "mine.png"
    path.write_bytes(data)
    return wall.search(2 * cavewall.image(str(path)) + cavewall.text("cat"), 3)


def test_the_same_bytes_are_that_picture(wall: cavewall.Wall, tmp_path: Path) -> None:
    hits = asked(wall, saved(drawn(0)), tmp_path)
    assert hits.expression == '2 * like("dog") + cat'
    assert "dog" not in [hit.image_id for hit in hits]
    same = wall.search('2 * like("dog") + cat', 3)
    assert [hit.score for hit in hits] == [hit.score for hit in same]


@pytest.mark.parametrize("change", ["smaller", "jpeg"])
def test_the_same_look_is_that_picture(wall: cavewall.Wall, tmp_path: Path, change: str) -> None:
    picture = drawn(1)
    data = saved(picture.resize((90, 60))) if change == "smaller" else saved(picture, "JPEG")
    assert asked(wall, data, tmp_path).expression == '2 * like("cat") + cat'


def test_another_picture_says_what_it_needs(wall: cavewall.Wall, tmp_path: Path) -> None:
    for data in (saved(drawn(9)), saved(Image.new("RGB", (8, 8))), b"no picture", b""):
        with pytest.raises(InputError, match=r"needs an image encoder.*reencode --space image"):
            asked(wall, data, tmp_path)
    with pytest.raises(InputError, match="needs an image encoder"):
        wall.search('image("/nowhere.png")')


def test_functions_are_searched_too(wall: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(saved(drawn(2)))
    hits = wall.search(f'mean(image("{path}"), dog) - cat', 3)
    assert hits.expression == 'mean(like("bus"), dog) - cat'


def test_what_is_no_longer_on_the_wall_is_not_known(wall: cavewall.Wall, tmp_path: Path) -> None:
    wall.maintenance.delete(["dog"])
    with pytest.raises(InputError, match="needs an image encoder"):
        asked(wall, saved(drawn(0)), tmp_path)


def test_bytes_are_the_picture_that_they_are(wall: cavewall.Wall) -> None:
    assert str(wall.term_of(saved(drawn(0)))) == 'like("dog")'
    assert str(wall.term_of(saved(drawn(1), "JPEG"))) == 'like("cat")'
    with pytest.raises(InputError, match=r"not on the wall, .*reencode --space image"):
        wall.term_of(saved(drawn(9)))
    with pytest.raises(InputError, match="the picture cannot be read: this is no picture"):
        wall.term_of(b"none")
