"""Where a picture was taken, cut out of its file; pixels and everything else stay."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, TiffImagePlugin

from cavewall.server.strip_metadata import without_location
from tests.conftest import picture_bytes

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
    b'-syntax-ns#"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    b'exif:GPSLatitude="52,31.0N" exif:GPSLongitude="13,24.0E"/></rdf:RDF></x:xmpmeta>'
)
SECRETS = (b"GPSLatitude", b"52,31.0N", b"Berlin-Mitte")


def exif(gps: bool = True, orientation: int | None = None, camera: str | None = "X100") -> bytes:
    """EXIF, with a place that also stands in it as a text."""
    made = Image.Exif()
    if camera:
        made[0x0110] = camera
    if orientation:
        made[0x0112] = orientation
    if gps:
        degrees = tuple(TiffImagePlugin.IFDRational(each) for each in (52, 31, 0))
        made.get_ifd(0x8825).update({1: "N", 2: degrees, 3: "E", 4: degrees, 28: b"Berlin-Mitte"})
    return made.tobytes()


def noisy(kind: str, **options: Any) -> bytes:
    """A picture of many colours."""
    picture = Image.effect_noise((64, 48), 90).convert("RGB")
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def told(data: bytes) -> dict[int, Any]:
    with Image.open(io.BytesIO(data)) as picture:
        return dict(picture.getexif().get_ifd(0x8825))


def pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGBA")


def same_pixels(a: bytes, b: bytes) -> bool:
    return ImageChops.difference(pixels(a), pixels(b)).getbbox(alpha_only=False) is None


def test_the_pictures_of_these_tests_have_a_place() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = noisy(kind, exif=exif())
        assert told(data)
        assert b"Berlin-Mitte" in data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_a_place_in_exif_goes_and_the_orientation_stays(kind: str, orientation: int | None) -> None:
    data = noisy(kind, exif=exif(orientation=orientation))
    cut = without_location(data, kind)
    assert not told(cut)
    assert not any(secret in cut for secret in SECRETS)
    assert same_pixels(cut, data)
    with Image.open(io.BytesIO(cut)) as picture:
        assert picture.getexif().get(0x0112, 1) == (orientation or 1)
    assert without_location(cut, kind) == cut


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_place_in_xmp_goes(kind: str) -> None:
    if kind == "GIF":
        # As Adobe writes it: XMP itself, and 258 bytes that lead to the end from anywhere in it.
        magic = bytes([1, *range(255, -1, -1), 0])
        plain = noisy("GIF")
        data = plain[:-1] + b"\x21\xff\x0bXMP DataXMP" + XMP + magic + b"\x3b"
    else:
        data = noisy(kind, xmp=XMP) if kind != "PNG" else png_with_xmp()
    assert b"GPSLatitude" in data
    cut = without_location(data, kind)
    assert not any(secret in cut for secret in SECRETS)
    assert same_pixels(cut, data)


def png_with_xmp() -> bytes:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add_text("Raw profile type exif", "Berlin-Mitte", zip=True)
    info.add_text("Location", "Berlin-Mitte")
    info.add_text("Title", "a dog")
    return noisy("PNG", pnginfo=info)


def test_other_texts_of_a_png_stay() -> None:
    with Image.open(io.BytesIO(without_location(png_with_xmp(), "PNG"))) as picture:
        picture.load()
        assert picture.info.get("Title") == "a dog"
        assert "Location" not in picture.info


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_file_without_notes_is_the_same(kind: str) -> None:
    data = noisy(kind)
    assert without_location(data, kind) == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_without_a_place_is_the_same(kind: str) -> None:
    data = noisy(kind, exif=exif(gps=False, orientation=6))
    assert without_location(data, kind) == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_stays(kind: str) -> None:
    from PIL import ImageCms  # noqa: PLC0415

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cut = without_location(noisy(kind, icc_profile=profile, exif=exif()), kind)
    with Image.open(io.BytesIO(cut)) as picture:
        assert picture.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_stands_behind_a_picture_goes(kind: str) -> None:
    data = noisy(kind)
    film = b"\x00\x00\x00\x18ftypmp42 Berlin-Mitte"
    assert without_location(data + film, kind) == data


def test_a_progressive_jpeg_stays_whole() -> None:
    data = noisy("JPEG", progressive=True, comment=b"a comment", restart_marker_blocks=1)
    assert without_location(data, "JPEG") == data
    assert data.count(b"\xff\xda") > 1


def test_the_other_pictures_of_a_jpeg_go() -> None:
    out = io.BytesIO()
    first, second = (Image.effect_noise((64, 48), 90).convert("RGB") for _ in range(2))
    first.save(out, "MPO", save_all=True, append_images=[second], exif=exif())
    data = out.getvalue()
    cut = without_location(data, "MPO")
    assert not any(secret in cut for secret in SECRETS)
    with Image.open(io.BytesIO(cut)) as picture:
        assert picture.format == "JPEG"
        assert picture.n_frames == 1 if hasattr(picture, "n_frames") else True
    assert same_pixels(cut, data)


def test_iptc_of_a_jpeg_goes() -> None:
    iptc = b"\x1c\x02\x5a\x00\x0cBerlin-Mitte"
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(iptc).to_bytes(4) + iptc + b"\0"
    plain = noisy("JPEG")
    data = plain[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2) + block + plain[2:]
    assert without_location(data, "JPEG") == plain


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_a_film_of_pictures_keeps_them_all(kind: str) -> None:
    out = io.BytesIO()
    frames = [Image.effect_noise((32, 32), 20 * at).convert("RGB") for at in range(1, 4)]
    options: dict[str, Any] = {} if kind == "GIF" else {"exif": exif()}
    frames[0].save(
        out, kind, save_all=True, append_images=frames[1:], duration=100, loop=0, **options
    )
    cut = without_location(out.getvalue(), kind)
    assert not any(secret in cut for secret in SECRETS)
    with Image.open(io.BytesIO(cut)) as picture:
        assert picture.n_frames == 3  # type: ignore[attr-defined]
        assert picture.info["loop"] == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_broken_file_is_told_or_still_has_no_place(kind: str) -> None:
    options: dict[str, Any] = {} if kind == "GIF" else {"exif": exif()}
    data = noisy(kind, **options)
    for end in itertools.chain(range(0, 300, 7), range(300, len(data), 97)):
        try:
            cut = without_location(data[:end], kind)
        except ValueError:
            continue
        assert b"Berlin-Mitte" not in cut


@given(st.binary(max_size=200), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP"]))
def test_anything_else_is_told(data: bytes, kind: str) -> None:
    marks = {"JPEG": b"\xff\xd8", "PNG": b"\x89PNG\r\n\x1a\n", "GIF": b"GIF89a", "BMP": b"BM"}
    marks["WEBP"] = b"RIFF" + len(data).to_bytes(4, "little") + b"WEBP"
    try:
        cut = without_location(marks[kind] + data, kind)
    except ValueError:
        return
    assert len(cut) <= len(marks[kind] + data) + 64


def test_picture_bytes_of_all_tests_have_no_notes() -> None:
    assert without_location(picture_bytes(), "JPEG") == picture_bytes()
