"""A process that adds to a wall made with the FakeEncoder: `dog_adder.py WALL ADDS EACH`."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

from PIL import Image

import cavewall
from cavewall.testing import FakeEncoder


def pictures(batch: int, count: int) -> Iterator[cavewall.Picture]:
    for number in range(count):
        out = io.BytesIO()
        Image.new("RGB", (60, 40), (batch % 256, number % 256, 60)).save(out, "JPEG")
        captions = (f"a dog number{batch} runs word{number}", "a dog in the sand")
        yield cavewall.Picture(f"{batch}-{number}.jpg", captions, image=out.getvalue())


if __name__ == "__main__":
    wall = cavewall.open(sys.argv[1], FakeEncoder())
    for batch in range(int(sys.argv[2])):
        wall.add(pictures(batch, int(sys.argv[3])))
        print(wall.version, flush=True)
