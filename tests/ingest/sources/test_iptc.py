"""IPTC's notes in JPEG, MPO, TIFF and PSD."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image

from cavewall.ingest.sources.iptc import iptc_captions, iptc_keywords, iptc_of


def field(record: int, dataset: int, value: bytes) -> bytes:
    if len(value) > 0x7FFF:
        return struct.pack(">BBBHI", 0x1C, record, dataset, 0x8004, len(value)) + value
    return struct.pack(">BBBH", 0x1C, record, dataset, len(value)) + value


BLOCK = (
    field(2, 105, b"HEADLINE")
    + field(2, 120, "Hündchen".encode("cp1252"))
    + field(2, 25, b"dog")
    + field(2, 25, b"sand")
)


def holding(data: Any) -> Image.Image:
    picture = Image.new("RGB", (1, 1))
    picture.info["photoshop"] = {0x0404: data}
    return picture


def test_caption_headline_and_keywords_are_read() -> None:
    found = iptc_of(holding(BLOCK))
    assert iptc_captions(found) == ["Hündchen", "HEADLINE"]
    assert iptc_keywords(found) == ["dog", "sand"]


def test_utf8_is_known_by_its_escape_and_without_it() -> None:
    text = "犬が走る"
    for start in (b"", field(1, 90, b"\x1b%G")):
        assert iptc_captions(iptc_of(holding(start + field(2, 120, text.encode())))) == [text]
    broken = field(1, 90, b"\x1b%G") + field(2, 120, b"H\xfcndchen")
    assert iptc_captions(iptc_of(holding(broken))) == ["H\ufffdndchen"]


def test_a_caption_longer_than_32_kilobytes_is_whole() -> None:
    assert iptc_captions(iptc_of(holding(field(2, 120, b"x" * 40_000)))) == ["x" * 40_000]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1c", b"\x1c\x02", b"nonsense", BLOCK[:3], b"\x1c\x02\x78\xff\xff", 7, None, "text"],
)
def test_broken_blocks_say_nothing(data: Any) -> None:
    assert iptc_captions(iptc_of(holding(data))) in ([], [""])


def test_a_field_that_claims_more_than_there_is_ends_with_the_block() -> None:
    data = BLOCK + b"\x1c\x02\x78\x80\x04\xff\xff\xff\xffrest"
    assert iptc_captions(iptc_of(holding(data))) == ["Hündchen", "rest", "HEADLINE"]
    assert iptc_keywords(iptc_of(holding(data))) == ["dog", "sand"]


def test_mpo_and_psd_have_them_too() -> None:
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(BLOCK)) + BLOCK + b"\0" * (len(BLOCK) % 2)
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    segment = b"Photoshop 3.0\0" + block
    mpo = out.getvalue()
    mpo = mpo[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + mpo[2:]
    psd = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + bytes(4)
    psd += struct.pack(">I", len(block)) + block + bytes(4) + bytes(2 + 3 * 64)
    for kind, data in (("MPO", mpo), ("PSD", psd)):
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == kind
            assert iptc_captions(iptc_of(picture)) == ["Hündchen", "HEADLINE"]


def test_a_picture_without_any_has_none() -> None:
    assert iptc_of(Image.new("RGB", (1, 1))) == {}
