"""One look at a picture's bytes: size, digest, thumbnail, and what is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import picture_bytes
from PIL import Image

from cavewall.images import THUMBNAIL_SIDE, UnreadableImageError, digest, scan

ORIENTATION = 0x0112


def thumbnail(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(scan(data).thumbnail))


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(pixel, colour, strict=True))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def oriented(kind: str, orientation: int) -> bytes:
    """Red on the left and blue on the right as stored, 60 × 40."""
    picture = Image.new("RGB", (60, 40), "red")
    picture.paste("blue", (30, 0, 60, 40))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def palette_with_transparency() -> bytes:
    picture = Image.new("P", (60, 40), 0)
    picture.putpalette([0, 0, 255, 255, 0, 0])
    picture.paste(1, (30, 0, 60, 40))
    out = io.BytesIO()
    picture.save(out, "PNG", transparency=0)
    return out.getvalue()


def sixteen_bits() -> bytes:
    picture = Image.new("I;16", (60, 40), 1000)
    picture.paste(40_000, (30, 0, 60, 40))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def animation() -> bytes:
    frames = [Image.new("P", (60, 40), shade) for shade in (10, 200)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


KINDS: dict[str, bytes] = {
    "RGB JPEG": picture_bytes(),
    "L JPEG": picture_bytes(90, mode="L"),
    "CMYK JPEG": picture_bytes((0, 255, 255, 0), mode="CMYK"),
    "RGBA PNG": picture_bytes((255, 0, 0, 128), kind="PNG", mode="RGBA"),
    "LA PNG": picture_bytes((90, 128), kind="PNG", mode="LA"),
    "1 PNG": picture_bytes(1, kind="PNG", mode="1"),
    "P PNG": palette_with_transparency(),
    "16-bit PNG": sixteen_bits(),
    "float TIFF": picture_bytes(0.5, kind="TIFF", mode="F"),
    "I TIFF": picture_bytes(70_000, kind="TIFF", mode="I"),
    "GIF": animation(),
    "WebP": picture_bytes(kind="WEBP"),
    "BMP": picture_bytes(kind="BMP"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_every_mode_are_measured_and_made_small(kind: str) -> None:
    look = scan(KINDS[kind])
    assert (look.width, look.height) == (60, 40)
    assert look.sha256 == hashlib.sha256(KINDS[kind]).hexdigest() == digest(KINDS[kind])
    small = thumbnail(KINDS[kind])
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (60, 40))


@pytest.mark.parametrize(
    ("kind", "colour"),
    [
        ("RGB JPEG", (255, 0, 0)),
        ("L JPEG", (90, 90, 90)),
        ("CMYK JPEG", (255, 0, 0)),
        ("RGBA PNG", (255, 127, 127)),
        ("LA PNG", (172, 172, 172)),
        ("1 PNG", (255, 255, 255)),
        ("WebP", (255, 0, 0)),
    ],
)
def test_colours_survive_and_transparency_is_on_white(
    kind: str, colour: tuple[int, int, int]
) -> None:
    assert near(thumbnail(KINDS[kind]).getpixel((30, 20)), colour)


def test_a_transparent_palette_colour_becomes_white() -> None:
    small = thumbnail(KINDS["P PNG"])
    assert near(small.getpixel((4, 20)), (255, 255, 255))
    assert near(small.getpixel((55, 20)), (255, 0, 0))


def test_sixteen_bits_keep_their_tones() -> None:
    small = thumbnail(KINDS["16-bit PNG"])
    assert near(small.getpixel((4, 20)), (0, 0, 0))
    assert near(small.getpixel((55, 20)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (60, 40), (4, 20)),
        (3, (60, 40), (55, 20)),
        (6, (40, 60), (20, 4)),
        (8, (40, 60), (20, 55)),
    ],
)
def test_pictures_are_upright(
    kind: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    data = oriented(kind, orientation)
    look = scan(data)
    assert (look.width, look.height) == size
    small = thumbnail(data)
    assert small.size == size
    assert near(small.getpixel(red_at), (255, 0, 0))
    assert ORIENTATION not in small.getexif()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((256, 256), (256, 256)),
        ((512, 256), (256, 128)),
        ((300, 3000), (26, 256)),
        ((4000, 2), (256, 1)),
        ((1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_thumbnails_keep_their_shape_and_fit(
    kind: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    small = thumbnail(picture_bytes(size=size, kind=kind))
    assert max(small.size) <= THUMBNAIL_SIDE == 256
    assert all(abs(a - b) <= 1 for a, b in zip(small.size, expected, strict=True))
    look = scan(picture_bytes(size=size, kind=kind))
    assert (look.width, look.height) == size


JPEG = picture_bytes(size=(400, 300))
PNG = picture_bytes(size=(400, 300), kind="PNG")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"only text", "this is no picture that Pillow knows"),
        (b"\xff\xd8\xff\xe0", "this is no picture that Pillow knows"),
        (b"\0" * 5000, "this is no picture that Pillow knows"),
        (JPEG[: len(JPEG) // 2], "truncated"),
        (PNG[: len(PNG) // 2], "truncated"),
        (bomb(50_000, 50_000), "more pixels than the 178,956,970 allowed"),
        (bomb(178_956_971, 1), "more pixels than the 178,956,970 allowed"),
        (bomb(20_000, 10_000), "more pixels than the 178,956,970 allowed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is no picture that Pillow knows"),
        (EPS, "EPS is a program, not a picture"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_picture_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        scan(data)


def test_the_limit_holds_where_a_program_lifted_that_of_pillow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(UnreadableImageError, match="50,000 × 50,000 pixels are more than"):
        scan(bomb(50_000, 50_000))


def test_many_threads_leave_the_filters_of_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        looks = list(threads.map(scan, [picture_bytes(size=(700, 500))] * 64))
    assert len({look.sha256 for look in looks}) == 1
    assert list(warnings.filters) == before
