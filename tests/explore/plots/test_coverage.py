"""A grid as a picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cavewall
from cavewall.errors import InputError


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")


def test_a_grid_is_drawn_with_the_pictures_in_it(toy: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "grid.png"
    toy.coverage.plot(toy.coverage.grid("dog, bus", "sand, street, snow"), path)
    with Image.open(io.BytesIO(path.read_bytes())) as drawn:
        assert drawn.format == "PNG"
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    # The picture of beach-dog.jpg is of one colour, which nothing else has.
    assert (np.abs(pixels - [0, 128, 255]).sum(axis=-1) < 12).sum() > 1000


def test_a_large_grid_is_drawn_without_pictures(toy: cavewall.Wall, tmp_path: Path) -> None:
    words = ["dog", "human", "bus", "boat", "red", "white", "brown", "deep", "city", "beach"]
    pairs = [f"{a} - {b}" for a in words for b in words if a != b][:50]
    toy.coverage.plot(toy.coverage.grid(pairs, pairs, examples=0), tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as drawn:
        assert max(drawn.size) < 5000


def test_a_plot_that_cannot_be_written_is_told(toy: cavewall.Wall, tmp_path: Path) -> None:
    grid = toy.coverage.grid("dog", "sand")
    with pytest.raises(InputError, match=r"no \.png"):
        toy.coverage.plot(grid, tmp_path / "grid.pdf")
    (tmp_path / "grid.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        toy.coverage.plot(grid, tmp_path / "grid.png")
