"""A map as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cavewall
from cavewall.errors import InputError
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes
from tests.mapped import mapped_wall


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")


def test_a_map_is_drawn_with_the_pictures_on_it(toy: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    toy.map.plot(toy.map.build(), path)
    with Image.open(path) as drawn:
        assert drawn.format == "PNG"
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    # The picture of beach-dog.jpg is of one colour, which nothing else has.
    assert (np.abs(pixels - [0, 128, 255]).sum(axis=-1) < 12).sum() > 500


def test_captions_are_drawn_as_they_are(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    said = ("<b>dog</b> $\\frac{", "\x1b[31m日本 🐕", "$x^2$ {} %s")
    wall.add([cavewall.Picture(f"{at}", (said[at % 3],)) for at in range(9)], missing="keep")
    wall.map.plot(wall.map.build(), tmp_path / "map.png")


@pytest.mark.parametrize("pictures", [1, 3, 40])
def test_pictures_without_thumbnails_are_dots(tmp_path: Path, pictures: int) -> None:
    wall = mapped_wall(tmp_path / "wall", pictures)
    wall.map.plot(wall.map.build(), tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as drawn:
        assert max(drawn.size) < 2000


def test_a_map_of_nothing_is_drawn(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([cavewall.Picture("a.jpg", ("a dog",), image=picture_bytes())])
    wall.maintenance.delete(["a.jpg"])
    wall.map.plot(wall.map.build(), tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 1000


def test_a_plot_that_cannot_be_written_is_told(toy: cavewall.Wall, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.png"):
        toy.map.plot(toy.map.build(), tmp_path / "map.pdf")
    (tmp_path / "map.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        toy.map.plot(toy.map.build(), tmp_path / "map.png")
