"""For tests of code that uses Cavewall: an encoder that needs no model, and a small wall."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders.protocol import EncoderIdentity
from cavewall.pictures import Picture
from cavewall.vectors import normalise

if TYPE_CHECKING:
    from cavewall.wall import Wall

__all__ = ["TOY_PICTURES", "FakeEncoder", "toy_wall"]

_WORD = re.compile(r"\w+")


class FakeEncoder:
    """A deterministic encoder without a model: texts are near when they share words.

    A text's vector is the normalised sum of its words' vectors; a word's vector is read off
    SHAKE-256 of the lower-cased word. The same on every machine and in every version.
    """

    def __init__(self, dimension: int = 32, name: str = "fake") -> None:
        self.dimension = dimension
        self.name = name
        self.calls: list[list[str]] = []

    @property
    def identity(self) -> EncoderIdentity:
        digest = hashlib.sha256(f"{self.name}-{self.dimension}".encode()).hexdigest()
        return EncoderIdentity(self.name, self.dimension, digest)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        sums = [
            np.sum([self._word(word) for word in _WORD.findall(text.lower()) or [text]], axis=0)
            for text in texts
        ]
        return np.asarray(normalise(np.stack(sums)), np.float32)

    def _word(self, word: str) -> NDArray[np.float64]:
        data = hashlib.shake_256(word.encode()).digest(self.dimension)
        return np.frombuffer(data, np.uint8).astype(np.float64) - 127.5


TOY_PICTURES: dict[str, tuple[str, ...]] = {
    "beach-dog.jpg": ("a dog runs through the sand", "a brown dog on the beach"),
    "beach-human.jpg": ("a human runs through the sand", "a human on the beach"),
    "snow-dog.jpg": ("a dog plays in the snow", "a dog in deep snow"),
    "snow-human.jpg": ("a human plays in the snow", "a human in deep snow"),
    "street-bus.jpg": ("a red bus in the street", "a bus stops in the city"),
    "sea-boat.jpg": ("a white boat on the sea", "a boat sails"),
}


def toy_wall(folder: str | Path) -> Wall:
    """A wall of six small pictures, `TOY_PICTURES`, made with the `FakeEncoder`."""
    from PIL import Image

    import cavewall

    def pictures() -> list[Picture]:
        made = []
        for index, (image_id, captions) in enumerate(TOY_PICTURES.items()):
            out = io.BytesIO()
            Image.new("RGB", (60, 40), (40 * index, 128, 255 - 40 * index)).save(out, "JPEG")
            made.append(Picture(image_id, captions, image=out.getvalue()))
        return made

    wall = cavewall.open(folder, encoder=FakeEncoder())
    wall.add(pictures())
    return wall
