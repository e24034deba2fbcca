"""Test helpers for code that uses Cavewall: encoders without a model, and a small wall."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.encoders.protocol import EncoderIdentity
from cavewall.models import Picture

if TYPE_CHECKING:
    from PIL import Image

    from cavewall.wall import Wall

__all__ = ["TOY_PICTURES", "FakeEncoder", "FakeImageEncoder", "toy_wall"]

_WORD = re.compile(r"\w+")


class FakeEncoder:
    """A deterministic encoder without a model: texts are similar if they share words.

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


# RGB of the colours that a text may name, and of a text that names none.
_COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "white": (1, 1, 1),
    "black": (0, 0, 0),
}
_NO_COLOUR = (0.5, 0.5, 0.5)


class FakeImageEncoder:
    """A deterministic image encoder without a model, of mean colours and names of colours.

    A picture's vector is (red, green, blue, 1, 0) from 0 to 1, normalised; a text's is the mean of
    the colours that it names, or grey, followed by (0, 1): as in real models, images and texts are
    separated by a modality gap.
    """

    def __init__(self, name: str = "fake-image", side: int = 8) -> None:
        self.name = name
        self.side = side
        self.images = 0
        self.texts: list[str] = []

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(self.name, 5, hashlib.sha256(self.name.encode()).hexdigest())

    def prepare(self, picture: Image.Image) -> NDArray[np.uint8]:
        return np.asarray(picture.resize((self.side, self.side)), np.uint8)

    def encode_images(self, prepared: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.images += len(prepared)
        colours = [pixels.reshape(-1, 3).mean(axis=0) / 255 for pixels in prepared]
        return _rows([(*colour, 1.0, 0.0) for colour in colours])

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        named = [
            [_COLOURS[word] for word in _WORD.findall(text.lower()) if word in _COLOURS]
            for text in texts
        ]
        return _rows([(*np.mean(each or [_NO_COLOUR], axis=0), 0.0, 1.0) for each in named])


def _rows(rows: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    if not rows:
        return np.empty((0, 5), np.float32)
    return np.asarray(normalise(np.array(rows, np.float64)), np.float32)


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
