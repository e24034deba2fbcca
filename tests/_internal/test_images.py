"""One look at a picture's bytes: size, digest, thumbnail, and what is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from cavewall._internal.images import (
    THUMBNAIL_SIDE,
    UnreadableImageError,
    decode,
    digest,
    is_picture_name,
)
from tests.conftest import picture_bytes

ORIENTATION = 0x0112
# What was done to a picture that is stored with each orientation, 1 to 8.
UNDONE = [
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_90,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_270,
]
# A hundred million bytes in a hundred thousand.
BOMB = zlib.compress(bytes(100_000_000), 9)


def thumbnail(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(decode(data).thumbnail))


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


def png_with(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    whole = picture_bytes(kind="PNG")
    chunk = kind + data
    more = struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return whole[:33] + more + whole[33:]


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """A JPEG with more APP1 segments at its beginning."""
    more = b"".join(b"\xff\xe1" + struct.pack(">H", len(s) + 2) + s for s in segments)
    return jpeg[:2] + more + jpeg[2:]


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
    "AVIF": picture_bytes(kind="AVIF"),
    "JPEG 2000": picture_bytes(kind="JPEG2000"),
    "PPM": picture_bytes(kind="PPM"),
    "PGM": picture_bytes(90, kind="PPM", mode="L"),
    "PBM": picture_bytes(1, kind="PPM", mode="1"),
    "16-bit PGM": picture_bytes(40_000, kind="PPM", mode="I;16"),
    "16-bit TIFF": picture_bytes(40_000, kind="TIFF", mode="I;16"),
    "CMYK TIFF": picture_bytes((0, 255, 255, 0), kind="TIFF", mode="CMYK"),
    "TGA": picture_bytes(kind="TGA"),
    "QOI": picture_bytes(kind="QOI"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_every_mode_are_measured_and_made_small(kind: str) -> None:
    look = decode(KINDS[kind])
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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
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
    look = decode(data)
    assert (look.width, look.height) == size
    small = thumbnail(data)
    assert small.size == size
    assert near(small.getpixel(red_at), (255, 0, 0))
    assert ORIENTATION not in small.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_pictures_of_every_mode_are_upright(mode: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    look = decode(picture_bytes(0, mode=mode, kind="TIFF", exif=exif))
    assert (look.width, look.height) == (40, 60)
    assert Image.open(io.BytesIO(look.thumbnail)).size == (40, 60)


def test_all_eight_orientations_are_set_upright() -> None:
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 20, 20))
    for orientation, undone in enumerate(UNDONE, start=1):
        stored = upright if undone is None else upright.transpose(undone)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        out = io.BytesIO()
        stored.save(out, "PNG", exif=exif)
        small = thumbnail(out.getvalue())
        assert small.size == (60, 40)
        assert near(small.getpixel((8, 8)), (255, 0, 0)), orientation
        assert near(small.getpixel((50, 30)), (255, 255, 255)), orientation


def test_broken_notes_do_not_break_a_picture() -> None:
    look = decode(with_segments(JPEG, b"Exif\0\0II*\0garbage"))
    assert (look.width, look.height) == (400, 300)


def test_a_digest_at_hand_is_not_made_again() -> None:
    assert decode(JPEG, "known").sha256 == "known"


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
    look = decode(picture_bytes(size=size, kind=kind))
    assert (look.width, look.height) == size


def test_of_ten_thousand_frames_only_the_first_is_looked_at() -> None:
    frames = [Image.new("P", (60, 40), shade) for shade in (10, 200)]
    for frame in frames:
        frame.putpalette([255, 0, 0] * 100 + [0, 0, 255] * 100)
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=[frames[1]] * 9_999)
    data = out.getvalue()
    second = len(picture_of(frames[0])) + 64
    broken = data[:second] + b"\xff" * (len(data) - second)
    assert near(thumbnail(broken).getpixel((20, 20)), (255, 0, 0))
    assert decode(broken).thumbnail == decode(data).thumbnail


def picture_of(frame: Image.Image) -> bytes:
    out = io.BytesIO()
    frame.save(out, "GIF")
    return out.getvalue()


READ = [
    "jpg",
    "JPEG",
    "png",
    "webp",
    "gif",
    "tif",
    "TIFF",
    "bmp",
    "avif",
    "jp2",
    "j2k",
    "ppm",
    "pgm",
]
READ += ["pbm", "pnm", "tga", "psd", "ico", "heic", "HEIF", "hif", "eps"]
NOT_READ = ["txt", "xmp", "pdf", "mp4", "mpg", "h5", "json", "csv", "svg"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((f"a.{suffix}", True) for suffix in READ),
        *((f"a.{suffix}", False) for suffix in NOT_READ),
        ("jpg", False),
        (".jpg", False),
        ("a.jpg.txt", False),
        ("a", False),
        ("", False),
    ],
)
def test_pictures_are_known_by_their_suffix(name: str, expected: bool) -> None:
    assert is_picture_name(name) is expected


HEIC = """
import io, sys
from PIL import Image
import pillow_heif
out = io.BytesIO()
pillow_heif.register_heif_opener()
Image.new("RGB", (64, 48), "red").save(out, "HEIF")
open(sys.argv[1], "wb").write(out.getvalue())
"""


@pytest.fixture(scope="module")
def heic(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Made in another process, so that this one meets the format unprepared."""
    pytest.importorskip("pillow_heif", reason="the extra heif is not installed")
    path = tmp_path_factory.mktemp("heic") / "a.heic"
    subprocess.run([sys.executable, "-c", HEIC, str(path)], check=True, timeout=60)
    return path.read_bytes()


def test_heic_without_its_extra_says_what_to_install(heic: bytes) -> None:
    script = """
import sys
sys.modules["pillow_heif"] = None
from cavewall._internal.images import UnreadableImageError, decode
try:
    decode(sys.stdin.buffer.read())
except UnreadableImageError as fault:
    print(fault)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], input=heic, capture_output=True, check=True, timeout=60
    )
    assert run.stdout.decode().strip() == (
        "HEIC needs pillow-heif, which is not installed: pip install 'cavewall[heif]'"
    )


def test_heic_with_its_extra_is_read(heic: bytes) -> None:
    look = decode(heic)
    assert (look.width, look.height) == (64, 48)
    assert near(thumbnail(heic).getpixel((30, 20)), (255, 0, 0))


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
        (png_with(b"zTXt", b"Comment\0\0" + BOMB), "Decompressed data too large"),
        (png_with(b"iCCP", b"icc\0\0" + BOMB), "Decompressed data too large"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_picture_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        decode(data)


def test_a_jpeg_of_endless_notes_is_refused_before_they_are_read() -> None:
    data = with_segments(JPEG, *[b"Exif\0\0" + bytes(65_000)] * 300)
    with pytest.raises(UnreadableImageError, match="more than 16,777,216 bytes stand before its"):
        decode(data)
    with pytest.raises(UnreadableImageError, match="before its pixels are broken"):
        decode(JPEG[:2] + bytes(1 << 24) + JPEG[2:])
    # A large file is none of that.
    assert decode(with_segments(JPEG, b"note") + bytes(1 << 24)).width == 400


def test_the_limit_holds_where_a_program_lifted_that_of_pillow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(UnreadableImageError, match="50,000 × 50,000 pixels are more than"):
        decode(bomb(50_000, 50_000))


def test_giants_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavewall._internal.images._GIANT", 400 * 300 - 1)
    inside, most = 0, 0
    load = PngImageFile.load

    def counted(picture: PngImageFile) -> object:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.002)
        pixels = load(picture)
        inside -= 1
        return pixels

    monkeypatch.setattr(PngImageFile, "load", counted)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(decode, [PNG] * 16))
    assert most == 1


def test_many_threads_leave_the_filters_of_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        looks = list(threads.map(decode, [picture_bytes(size=(700, 500))] * 64))
    assert len({look.sha256 for look in looks}) == 1
    assert list(warnings.filters) == before


# The picture itself, for whoever looks at it.


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_kept_in_rgb_beside_the_same_thumbnail(kind: str) -> None:
    look = decode(KINDS[kind], side=16)
    assert look.picture is not None
    assert (look.picture.mode, look.picture.size) == ("RGB", (60, 40))
    assert look.thumbnail == decode(KINDS[kind]).thumbnail
    small = thumbnail(KINDS[kind])
    for point in ((5, 20), (55, 20)):
        kept, seen = look.picture.getpixel(point), small.getpixel(point)
        assert isinstance(kept, tuple)
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(kept, seen, strict=True)) <= 12


def test_nothing_is_kept_unasked() -> None:
    assert decode(picture_bytes()).picture is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("side", "least"), [(16, 32), (224, 224), (384, 384)])
def test_a_large_picture_is_kept_no_larger_than_it_has_to_be(
    kind: str, side: int, least: int
) -> None:
    look = decode(picture_bytes(size=(3000, 2000), kind=kind), side=side)
    assert look.picture is not None
    assert least <= look.picture.height < max(4 * side, 512)
    assert look.picture.width == pytest.approx(1.5 * look.picture.height, abs=2)
    assert (look.width, look.height) == (3000, 2000)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_picture_is_kept_upright(orientation: int) -> None:
    look = decode(oriented("JPEG", orientation), side=16)
    assert look.picture is not None
    assert look.picture.size == (look.width, look.height)
    corner = look.picture.getpixel((2, 2))
    small = thumbnail(oriented("JPEG", orientation)).getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert isinstance(small, tuple)
    assert (corner[0] > 128) is (small[0] > 128)


def test_making_the_thumbnail_leaves_the_kept_picture_alone() -> None:
    look = decode(picture_bytes(size=(600, 400), kind="PNG"), side=224)
    assert look.picture is not None
    assert look.picture.size == (600, 400)
