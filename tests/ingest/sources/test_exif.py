"""EXIF: comments in every character set, dates, places and cameras."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from cavewall.ingest.sources.exif import exif_captions, exif_metadata

COMMENT, ORIGINAL, DIGITIZED, OFFSET = 0x9286, 0x9003, 0x9004, 0x9011
MAKE, MODEL, DESCRIPTION = 0x010F, 0x0110, 0x010E


def stored(
    tags: dict[int, Any] | None = None,
    exif: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
    endian: str = "<",
) -> Image.Exif:
    """As it comes back from a file."""
    made = Image.Exif()
    made.endian = endian
    made.update(tags or {})
    made.get_ifd(0x8769).update(exif or {})
    made.get_ifd(0x8825).update(gps or {})
    found = Image.Exif()
    found.load(made.tobytes())
    assert found.endian == endian
    return found


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize(
    ("prefix", "encoding", "text"),
    [
        (b"ASCII\0\0\0", "ascii", "a dog runs"),
        (b"ASCII\0\0\0", "utf-8", "ein Hündchen"),
        (b"ascii\0\0\0", "cp1252", "ein Hündchen"),
        (b"UNICODE\0", "utf-16-le", "a dog runs"),
        (b"UNICODE\0", "utf-16-be", "a dog runs"),
        (b"UNICODE\0", "utf-16-le", "ein Hündchen 🐕"),
        (b"UNICODE\0", "utf-16-be", "犬が砂浜を走っています。"),
        (b"UNICODE\0", "utf-16-le", "犬が砂浜を走っています。"),
        (b"UNICODE\0", "utf-16", "собака бежит"),
        (b"JIS\0\0\0\0\0", "iso2022_jp", "犬が走る"),
        (b"JIS\0\0\0\0\0", "euc_jp", "犬が走る"),
        (b"\0" * 8, "utf-8", "ein Hündchen"),
        (b"\0" * 8, "cp1252", "ein Hündchen"),
        (b"", "utf-8", "a comment without any prefix"),
    ],
)
def test_comments_are_read_in_every_character_set(
    prefix: bytes, encoding: str, text: str, endian: str
) -> None:
    exif = stored(exif={COMMENT: prefix + text.encode(encoding)}, endian=endian)
    assert exif_captions(exif) == ["", text]


def test_a_comment_may_be_short_odd_or_padded() -> None:
    assert exif_captions(stored(exif={COMMENT: b"ASCII"}))[1].strip("\0") in ("", "ASCII")
    assert exif_captions(stored(exif={COMMENT: b"UNICODE\0a"})) == ["", ""]
    padded = stored(exif={COMMENT: b"UNICODE\0" + "a dog".encode("utf-16-le") + b"\0" * 90})
    assert exif_captions(padded)[1].rstrip("\0") == "a dog"


def test_descriptions_are_utf8_whatever_the_standard_says() -> None:
    assert exif_captions(stored({DESCRIPTION: "a dog"})) == ["a dog", ""]
    assert exif_captions(Image.Exif()) == ["", ""]
    exif = Image.Exif()
    exif[DESCRIPTION] = "ein Hündchen".encode().decode("latin-1")
    assert exif_captions(exif)[0] == "ein Hündchen"
    exif[DESCRIPTION] = "ein Hündchen"
    assert exif_captions(exif)[0] == "ein Hündchen"
    exif[DESCRIPTION] = 7
    assert exif_captions(exif)[0] == ""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({ORIGINAL: "2021:05:06 07:08:09"}, "2021-05-06T07:08:09"),
        ({ORIGINAL: "2021:05:06 07:08:09", OFFSET: "+02:00"}, "2021-05-06T07:08:09+02:00"),
        ({ORIGINAL: "2021:05:06 07:08:09", OFFSET: "nonsense"}, "2021-05-06T07:08:09"),
        ({DIGITIZED: "1999:12:31 23:59:59"}, "1999-12-31T23:59:59"),
        (
            {ORIGINAL: "0000:00:00 00:00:00", DIGITIZED: "1999:12:31 23:59:59"},
            "1999-12-31T23:59:59",
        ),
        ({ORIGINAL: "2021:02:30 00:00:00"}, None),
        ({ORIGINAL: "    :  :     :  :  "}, None),
        ({ORIGINAL: ""}, None),
        ({}, None),
    ],
)
def test_dates_become_iso_8601(tags: dict[int, Any], expected: str | None) -> None:
    assert exif_metadata(stored(exif=tags)).get("date") == expected


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        ({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)}, (51.5072222, -0.1275)),
        ({1: "S", 2: (33.0, 51.5, 0.0), 3: "E", 4: (151.0, 12.6, 0.0)}, (-33.8583333, 151.21)),
        ({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (51.0, 30.0, 26.0)}, None),
        ({}, None),
    ],
)
def test_places_become_decimal_degrees(
    gps: dict[int, Any], expected: tuple[float, float] | None
) -> None:
    found = exif_metadata(stored(gps=gps))
    if expected is None:
        assert found == {}
    else:
        assert (found["latitude"], found["longitude"]) == expected


def test_places_that_are_no_numbers_are_none() -> None:
    exif = Image.Exif()
    for value in ("N", b"\xff", (float("nan"),) * 3, (1.0,) * 4, (), 7, None, (None, 1, 2)):
        exif.get_ifd(0x8825).update({1: "N", 2: value, 3: "E", 4: value})
        assert exif_metadata(exif) == {}


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("FUJIFILM", "X-T5", "FUJIFILM X-T5"),
        ("", "X-T5", "X-T5"),
        ("SONY\0\0  ", "", "SONY"),
        ("", " ", None),
    ],
)
def test_a_camera_is_named_once(make: str, model: str, expected: str | None) -> None:
    assert exif_metadata(stored({MAKE: make, MODEL: model})).get("camera") == expected
