"""Walls that have something to show on a map."""

from __future__ import annotations

from pathlib import Path

import cavewall
from cavewall.testing import FakeEncoder

__all__ = ["THINGS", "mapped_wall", "pictures_of"]

THINGS = ("a dog runs on sand", "a red bus in town", "a white boat at sea", "a horse on grass")


def pictures_of(numbers: range) -> list[cavewall.Picture]:
    """A picture for each number: one of four things, and a word of its own."""
    return [
        cavewall.Picture(f"{at:05}.jpg", (f"{THINGS[at % 4]} number{at}",), metadata={"nr": at})
        for at in numbers
    ]


def mapped_wall(folder: Path, pictures: int) -> cavewall.Wall:
    """A wall of so many, without bytes, made with the FakeEncoder."""
    wall = cavewall.open(folder, FakeEncoder())
    wall.add(pictures_of(range(pictures)), missing="keep")
    return wall
