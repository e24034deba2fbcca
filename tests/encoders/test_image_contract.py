"""What every image encoder keeps: one suite for the fake one and tiny models of each kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from cavewall.encoders import ImageEncoder, ImageTextEncoder
from cavewall.testing import FakeImageEncoder

TEXTS = ["a dog runs on sand", "a red bus", "dog", "a dog runs on sand", "white"]
ODD = [
    "🐕‍🦺 👨‍👩‍👧",
    "犬が砂浜を走る",
    "  white \t space\n",
    "\0 \x1b[31m",
    "",
    " ",
    "a" * 50_000,
    "é",
]
SIZES = [(1, 1), (1, 3000), (3000, 1), (5, 7), (320, 240), (64, 64)]


@pytest.fixture(scope="module", params=["fake", "clip", "siglip"])
def encoder(request: pytest.FixtureRequest) -> ImageEncoder:
    if request.param == "fake":
        return FakeImageEncoder()
    return ImageTextEncoder(request.getfixturevalue(f"tiny_{request.param}"))


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(pixels)


def assert_unit_vectors(vectors: object, count: int, encoder: ImageEncoder) -> None:
    assert isinstance(vectors, np.ndarray)
    assert vectors.dtype == np.float32
    assert vectors.shape == (count, encoder.identity.dimension)
    assert np.abs(np.linalg.norm(vectors.astype(np.float64), axis=1) - 1).max(initial=0) < 1e-6


def test_it_is_an_image_encoder_that_knows_who_it_is(encoder: ImageEncoder) -> None:
    assert isinstance(encoder, ImageEncoder)
    assert encoder.name == encoder.identity.name != ""
    assert len(encoder.identity.digest) == 64
    assert encoder.identity.normalised


def test_texts_become_unit_vectors(encoder: ImageEncoder) -> None:
    vectors = encoder.encode_texts(TEXTS)
    assert_unit_vectors(vectors, len(TEXTS), encoder)
    assert np.abs(vectors[0] - vectors[3]).max() < 1e-6
    assert_unit_vectors(encoder.encode_texts(()), 0, encoder)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_texts_are_texts(encoder: ImageEncoder, text: str) -> None:
    assert_unit_vectors(encoder.encode_texts([text]), 1, encoder)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_pictures_of_any_shape_become_unit_vectors(
    encoder: ImageEncoder, size: tuple[int, int]
) -> None:
    prepared = encoder.prepare(noise(size))
    assert prepared.dtype == np.uint8
    assert prepared.nbytes == 3 * encoder.side**2
    assert_unit_vectors(encoder.encode_images([prepared]), 1, encoder)


def test_no_pictures_give_no_vectors(encoder: ImageEncoder) -> None:
    assert_unit_vectors(encoder.encode_images([]), 0, encoder)


def test_the_order_is_kept_across_batches(encoder: ImageEncoder) -> None:
    prepared = [encoder.prepare(noise((40, 40), seed)) for seed in range(35)]
    vectors = encoder.encode_images(prepared)
    for at in (0, 15, 16, 34):
        (alone,) = encoder.encode_images([prepared[at]])
        assert np.abs(alone - vectors[at]).max() < 1e-5
    texts = [f"{'dog ' * (number % 7)}red {number}" for number in range(35)]
    found = encoder.encode_texts(texts)
    assert np.abs(encoder.encode_texts([texts[34]])[0] - found[34]).max() < 1e-5


def test_pictures_are_prepared_in_several_threads(encoder: ImageEncoder) -> None:
    pictures = [noise((50, 40), seed) for seed in range(16)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(encoder.prepare, pictures))
    for picture, prepared in zip(pictures, together, strict=True):
        assert np.array_equal(encoder.prepare(picture), prepared)


def test_the_fake_image_encoder_sees_colours_and_reads_them() -> None:
    fake = FakeImageEncoder()
    red, grey = Image.new("RGB", (9, 4), "red"), Image.new("RGB", (3, 3), "white")
    vectors = fake.encode_images([fake.prepare(red), fake.prepare(grey)])
    half = 2**-0.5
    assert vectors[0].tolist() == pytest.approx([half, 0, 0, half, 0])
    assert vectors[1].tolist() == pytest.approx([0.5, 0.5, 0.5, 0.5, 0])
    texts = fake.encode_texts(["a RED bus", "white or white"])
    assert texts[0].tolist() == pytest.approx([half, 0, 0, 0, half])
    assert texts[1].tolist() == pytest.approx([0.5, 0.5, 0.5, 0, 0.5])
