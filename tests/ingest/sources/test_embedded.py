"""Captions inside files of every format that can hold them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from cavewall._internal.images import UnreadableImageError, decode
from cavewall.ingest.sources.embedded import Embedded, read_embedded, spoken
from cavewall.ingest.sources.xmp import Xmp

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:description="from XMP">'
    b"<dc:subject><rdf:Bag><rdf:li>dog</rdf:li><rdf:li>sand</rdf:li></rdf:Bag></dc:subject>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x78\0\x09from IPTC\x1c\x02\x19\0\x03Dog\x1c\x02\x19\0\x05beach"
PHOTOSHOP = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC


def exif(**more: Any) -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = "from EXIF"
    made[0x010F], made[0x0110] = "Canon", "Canon EOS 5D"
    made.get_ifd(0x8769).update({0x9003: "2021:05:06 07:08:09"})
    made.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "W", 4: (0.0, 7.5, 0.0)})
    return made


METADATA = {
    "date": "2021-05-06T07:08:09",
    "camera": "Canon EOS 5D",
    "latitude": 51.5,
    "longitude": -0.125,
}


def saved(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, kind, **options)
    return out.getvalue()


def read(data: bytes, *sidecars: Xmp) -> Embedded:
    return read_embedded(io.BytesIO(data), sidecars)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(*, late: bool) -> bytes:
    """With EXIF and XMP behind the header, or behind the pixels, as ExifTool leaves them."""
    whole = saved("PNG")
    notes = png_chunk(b"eXIf", exif().tobytes()[6:])
    notes += png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    at = len(whole) - 12 if late else 33
    return whole[:at] + notes + whole[at:]


def jpeg_with_iptc() -> bytes:
    whole = saved("JPEG", exif=exif(), xmp=XMP)
    segment = b"\xff\xed" + struct.pack(">H", len(PHOTOSHOP) + 2) + PHOTOSHOP
    return whole[:2] + segment + whole[2:]


def tiff_with_iptc() -> bytes:
    """Photoshop's way: bytes written as numbers of four."""
    info = TiffImagePlugin.ImageFileDirectory_v2()
    padded = IPTC + bytes(-len(IPTC) % 4)
    info.tagtype[33723] = 7
    info[33723] = padded
    written = struct.pack("<HHL", 33723, 7, len(padded))
    data = saved("TIFF", tiffinfo=info)
    assert data.count(written) == 1
    return data.replace(written, struct.pack("<HHL", 33723, 4, len(padded) // 4))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "MPO", "PNG", "late PNG"])
def test_exif_and_xmp_are_read_from_every_format_that_has_them(kind: str) -> None:
    data = png(late=kind == "late PNG") if "PNG" in kind else saved(kind, exif=exif(), xmp=XMP)
    found = read(data)
    assert found.captions == ("from XMP", "from EXIF", "dog, sand")
    assert found.metadata == METADATA
    assert found.faults == ()


def test_exif_and_xmp_are_read_from_tiff() -> None:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info.tagtype[700] = 1
    info[700] = XMP
    info[270] = "from EXIF"
    assert read(saved("TIFF", tiffinfo=info)).captions == ("from XMP", "from EXIF", "dog, sand")


def test_all_three_in_one_file_are_one_list_of_captions() -> None:
    found = read(jpeg_with_iptc())
    assert found.captions == ("from XMP", "from IPTC", "from EXIF", "dog, sand, beach")


def test_iptc_is_read_from_tiff() -> None:
    assert read(tiff_with_iptc()).captions == ("from IPTC", "Dog, beach")


def test_sidecars_come_first() -> None:
    found = read(jpeg_with_iptc(), Xmp(["from a.xmp"], ["cat"]), Xmp(fault="broken"))
    assert found.captions == (
        "from a.xmp",
        "from XMP",
        "from IPTC",
        "from EXIF",
        "cat, dog, sand, beach",
    )
    assert found.faults == ("broken",)


def test_a_picture_without_notes_says_nothing() -> None:
    for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF"):
        assert read(saved(kind)) == Embedded()


def test_nothing_is_decoded() -> None:
    for data in (png(late=True), saved("PNG"), jpeg_with_iptc()):
        at = data.index(b"IDAT") + 20 if data.startswith(b"\x89") else len(data) - 40
        broken = data[:at] + bytes(8) + data[at + 8 :]
        with pytest.raises(UnreadableImageError):
            decode(broken[:-30] if data.startswith(b"\xff") else broken)
        assert read(broken) == read(data)


def test_a_cut_off_png_says_what_it_said_so_far() -> None:
    whole = png(late=False)
    found = read(whole[:-30])
    assert found.captions == ("from XMP", "from EXIF", "dog, sand")
    assert found.faults[0].startswith("its chunks are broken (")


def test_broken_exif_is_a_fault_and_not_the_end() -> None:
    found = read(saved("WEBP", exif=b"Exif\0\0nonsense", xmp=XMP))
    assert found.captions == ("from XMP", "dog, sand")
    assert found.faults[0].startswith("its EXIF is broken (")


def test_directories_that_point_at_themselves_end() -> None:
    tags = struct.pack("<HHLL", 0x8769, 4, 1, 8) + struct.pack("<HHLL", 0x8825, 4, 1, 8)
    loop = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + tags + struct.pack("<L", 8)
    assert read(saved("JPEG", exif=loop)) == Embedded()


def test_text_bombs_are_not_unpacked() -> None:
    bomb = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(100_000_000), 9)
    whole = saved("PNG")
    with pytest.raises(UnreadableImageError, match="Decompressed data too large"):
        read(whole[:33] + png_chunk(b"iTXt", bomb) + whole[33:])
    late = read(whole[:-12] + png_chunk(b"iTXt", bomb) + whole[-12:])
    assert late.captions == ()
    assert "Decompressed data too large" in late.faults[0]


@pytest.mark.parametrize("data", [b"", b"only text", b"\xff\xd8\xff", bytes(5000)])
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImageError):
        read(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\0\0",
        "OLYMPUS DIGITAL CAMERA         ",
        "KONICA MINOLTA DIGITAL CAMERA",
        "KODAK Digital Still Camera",
        "SONY DSC",
        "DCF IMAGE",
        "Exif_JPEG_PICTURE",
        "SAMSUNG",
        "Created with GIMP",
        "Processed with VSCO with f2 preset",
        "DSC_0001.JPG",
        "IMG_20210506",
        "2021:05:06 07:08:09",
        "2021-05-06T07:08:09Z",
        "1914",
        "default",
    ],
)
def test_what_cameras_write_is_no_caption(text: str) -> None:
    assert spoken([text]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a digital camera on a table",
        "SAMSUNG office in Seoul",
        "Berlin, 1914",
        "dsc",
        "Sony DSC-F1, my first camera",
        "7 dogs",
        "犬",
    ],
)
def test_what_people_write_is_a_caption(text: str) -> None:
    assert spoken([text]) == (text,)


def test_a_thing_is_said_once() -> None:
    assert spoken(["A dog  runs", "a dog runs\0", "a cat"]) == ("A dog runs", "a cat")
    assert spoken(["dog"], ["Dog"]) == ("dog",)
    assert spoken([], ["2021", "Samsung", "", "samsung"]) == ("2021, Samsung",)
