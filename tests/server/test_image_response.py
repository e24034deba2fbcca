"""Pictures as browsers get them: of a kind that their bytes are."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from cavewall._internal.images import UnreadableImageError, digest
from cavewall.server.image_response import media_type, served
from tests.conftest import picture_bytes
from tests.server.test_strip_metadata import SECRETS, exif, noisy

KINDS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_browsers_show_is_served_as_it_is(kind: str) -> None:
    data = noisy(kind)
    found = served(data, keep_location=False)
    assert (found.data, found.media_type, found.sha256) == (data, KINDS[kind], digest(data))
    assert media_type(data) == KINDS[kind]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_place_is_served_only_where_it_shall_be(kind: str) -> None:
    data = noisy(kind, exif=exif())
    found = served(data, keep_location=False, sha256=digest(data))
    assert not any(secret in found.data for secret in SECRETS)
    assert found.sha256 == digest(found.data) != digest(data)
    kept = served(data, keep_location=True)
    assert kept.data == data
    assert kept.media_type == media_type(data)


@pytest.mark.parametrize(
    ("kind", "mode", "served_as"),
    [
        *(("TIFF", mode, "image/png") for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16")),
        ("PPM", "RGB", "image/png"),
        ("TGA", "RGBA", "image/png"),
        ("ICO", "RGBA", "image/png"),
        ("JPEG2000", "RGB", "image/jpeg"),
        ("JPEG2000", "RGBA", "image/jpeg"),
        ("AVIF", "RGBA", "image/jpeg"),
    ],
)
def test_what_cannot_be_cut_is_written_anew(kind: str, mode: str, served_as: str) -> None:
    out = io.BytesIO()
    Image.effect_noise((32, 32), 90).convert(mode).save(out, kind)
    found = served(out.getvalue(), keep_location=False)
    assert found.media_type == served_as
    with Image.open(io.BytesIO(found.data)) as after, Image.open(out) as before:
        assert after.size == before.size
        assert not after.getexif()
        if served_as == "image/png":
            assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


def test_what_is_written_anew_stands_upright() -> None:
    data = picture_bytes("red", (60, 40), "TIFF", exif=exif(orientation=6))
    with Image.open(io.BytesIO(served(data, keep_location=False).data)) as picture:
        assert picture.size == (40, 60)


def test_heic_is_shown_as_jpeg() -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pip install 'cavewall[heif]'")
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(out, exif=exif())
    data = out.getvalue()
    found = served(data, keep_location=False)
    assert found.media_type == "image/jpeg"
    assert not any(secret in found.data for secret in SECRETS)
    assert served(data, keep_location=True).media_type == "image/heic"


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html><p>"),
        *(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"),
    ],
)
def test_what_is_no_picture_is_not_served(data: bytes) -> None:
    assert media_type(data) is None
    for keep in (True, False):
        with pytest.raises(UnreadableImageError):
            served(data, keep)


def test_a_page_behind_a_picture_is_cut_off() -> None:
    data = picture_bytes(kind="GIF")
    found = served(data + b"<script>alert(1)</script>", keep_location=False)
    assert (found.data, found.media_type) == (data, "image/gif")


def test_a_broken_picture_is_written_anew_or_not_at_all() -> None:
    data = noisy("PNG", exif=exif())
    with pytest.raises(UnreadableImageError):
        served(data[: len(data) // 2], keep_location=False)
