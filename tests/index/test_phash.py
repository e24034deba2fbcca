"""Perceptual hashes: what looks the same, and what does not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from cavewall.index.phash import phash


def drawn(seed: int, size: tuple[int, int] = (256, 192)) -> Image.Image:
    """A picture of soft blocks of colour."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str = "JPEG", quality: int = 85) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, quality=quality)
    return out.getvalue()


def bits_apart(a: bytes, b: bytes) -> int:
    first, second = phash(a), phash(b)
    assert first is not None
    assert second is not None
    return int(np.unpackbits(first ^ second).sum())


def test_other_encodings_of_a_picture_look_the_same() -> None:
    picture = drawn(0)
    original = saved(picture)
    assert bits_apart(original, original) == 0
    assert bits_apart(original, saved(picture, quality=40)) <= 2
    assert bits_apart(original, saved(picture, "PNG")) <= 2
    assert bits_apart(original, saved(picture.resize((128, 96)))) <= 2
    assert bits_apart(original, saved(ImageEnhance.Brightness(picture).enhance(1.1))) <= 4


def test_other_pictures_do_not() -> None:
    apart = [bits_apart(saved(drawn(0)), saved(drawn(seed))) for seed in range(1, 30)]
    assert min(apart) > 12
    assert bits_apart(saved(drawn(0)), saved(drawn(0).transpose(Image.Transpose.ROTATE_180))) > 12


@pytest.mark.parametrize(
    "thumbnail",
    [b"", b"no picture", saved(drawn(0))[:200], saved(Image.new("RGB", (60, 40), "red"))],
)
def test_what_has_no_look_has_no_fingerprint(thumbnail: bytes) -> None:
    assert phash(thumbnail) is None


def test_a_single_thing_on_a_plain_ground_has_one() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(picture).ellipse((30, 30, 60, 60), fill="black")
    assert phash(saved(picture)) is not None
