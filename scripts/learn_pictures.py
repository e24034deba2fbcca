"""Pictures for docs/learn.md, from the sample wall: `make learn-pictures`.

Each picture has the queries and the pictures that it shows in its comment, as JSON, so that a test
can tell whether the wall still answers so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

import cavewall
from cavewall.cli.tour import sample_wall
from cavewall.explore.plots.contact_sheet import SheetTile, stacked_sheet

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "learn"
SHEETS = {
    "feline": ["a feline taking a nap"],
    "swap": ["dog running through sand", "dog running through sand - dog + human"],
    "others": ["horse on grass - grass + snow", "cat sleeping - cat + dog", "a bird - sky"],
    "three": ["three horses"],
}
WORDS = ("king", "queen", "apple")
_HITS = 4
_NUMBERS, _STRIPE, _ROW, _LABEL = 64, 14, 44, 96
_PAPER, _INK, _BELOW, _ABOVE = "#faf7f2", "#2b2622", "#2166ac", "#b4531a"


def sheet(wall: cavewall.Wall, name: str) -> tuple[Image.Image, dict[str, list[str]]]:
    """The first answers to each query of a picture, and their ids."""
    rows, shown = [], {}
    for query in SHEETS[name]:
        hits = wall.search(query, _HITS)
        cells = [
            SheetTile(wall.picture(hit.image_id).thumbnail, hit.captions[0], hit.image_id)
            for hit in hits
        ]
        rows.append((query, cells))
        shown[query] = [hit.image_id for hit in hits]
    return stacked_sheet(rows), shown


def stripes(vectors: NDArray[np.float32]) -> Image.Image:
    """The first numbers of some vectors, a row each: paler the nearer to zero."""
    picture = Image.new("RGB", (_LABEL + _STRIPE * _NUMBERS + 16, _ROW * len(WORDS) + 24), _PAPER)
    draw = ImageDraw.Draw(picture)
    most = float(np.abs(vectors[:, :_NUMBERS]).max())
    for row, (word, vector) in enumerate(zip(WORDS, vectors, strict=True)):
        top = 12 + _ROW * row
        draw.text((16, top + 9), word, _INK, ImageFont.load_default(20))
        for at, number in enumerate(vector[:_NUMBERS]):
            left = _LABEL + _STRIPE * at
            full = np.array(ImageColor.getrgb(_BELOW if number < 0 else _ABOVE))
            share = min(1.0, 1.6 * abs(float(number)) / most)
            pale = np.array(ImageColor.getrgb(_PAPER)) * (1 - share) + full * share
            colour = (int(pale[0]), int(pale[1]), int(pale[2]))
            draw.rectangle((left, top, left + _STRIPE - 2, top + _ROW - 8), fill=colour)
    return picture


def main() -> None:
    with sample_wall(quiet=True) as wall:
        for name in SHEETS:
            picture, shown = sheet(wall, name)
            comment = json.dumps(shown).encode()
            picture.save(FOLDER / f"{name}.jpg", quality=80, optimize=True, comment=comment)
        stripes(wall.encode(WORDS)).save(FOLDER / "numbers.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
