"""What EXIF says of a picture: its caption, when and where it was taken, and with what."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from cavewall.ingest.sources.textfile import decoded, tidied

__all__ = ["exif_captions", "exif_metadata"]

_BASE, _GPS, _IFD = ExifTags.Base, ExifTags.GPS, ExifTags.IFD
_PREFIX = 8
_WRITTEN = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d|Z")


def exif_captions(exif: Image.Exif) -> list[str]:
    """ImageDescription and UserComment, as written."""
    comment = _value(_part(exif, _IFD.Exif), _BASE.UserComment)
    texts = [_text(_value(exif, _BASE.ImageDescription))]
    texts.append(_comment(comment, exif.endian) if isinstance(comment, bytes) else _text(comment))
    return texts


def exif_metadata(exif: Image.Exif) -> dict[str, Any]:
    """`date` (ISO 8601, with its offset where that is known), `latitude` and `longitude`
    (decimal degrees, north and east positive) and `camera`, as far as they are there.
    """
    gps = _part(exif, _IFD.GPSInfo)
    latitude = _degrees(_value(gps, _GPS.GPSLatitude), _value(gps, _GPS.GPSLatitudeRef), 90)
    longitude = _degrees(_value(gps, _GPS.GPSLongitude), _value(gps, _GPS.GPSLongitudeRef), 180)
    found: dict[str, Any] = {"date": _date(_part(exif, _IFD.Exif)), "camera": _camera(exif)}
    if latitude is not None and longitude is not None:
        found |= {"latitude": latitude, "longitude": longitude}
    return {name: value for name, value in found.items() if value is not None}


def _part(exif: Image.Exif, ifd: ExifTags.IFD) -> Mapping[int, Any]:
    try:
        return exif.get_ifd(ifd)
    except Exception:  # Pillow raises anything on broken directories
        return {}


def _value(tags: Mapping[int, Any], tag: int) -> Any:
    try:
        return tags.get(tag)
    except Exception:  # the same for a single tag, which is read when it is asked for
        return None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return decoded(value)
    if not isinstance(value, str):
        return ""
    try:
        # Pillow takes these for Latin-1, as EXIF's letter has it; nearly everybody writes UTF-8.
        return decoded(value.encode("latin-1"))
    except UnicodeEncodeError:
        return value


def _comment(data: bytes, endian: str | None) -> str:
    """A UserComment: eight bytes tell the character set, and are not always true."""
    charset, rest = data[:_PREFIX].rstrip(b"\0 ").upper(), data[_PREFIX:]
    if charset == b"UNICODE":
        return _utf16(rest, endian)
    if charset == b"JIS":
        return _japanese(rest)
    if charset in (b"ASCII", b""):
        return decoded(rest)
    return decoded(data)


def _utf16(data: bytes, endian: str | None) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return decoded(data)
    orders = ("utf-16-le", "utf-16-be") if endian == "<" else ("utf-16-be", "utf-16-le")
    even = data[: len(data) // 2 * 2]
    # Writers disagree on whether the order of bytes is that of the file.
    return min((even.decode(order, "replace") for order in orders), key=_strangeness)


def _strangeness(text: str) -> int:
    """How many rows of Unicode a text draws on, and what is no character at all.

    Swapped bytes scatter a text over as many rows as it has letters.
    """
    rows = {ord(character) >> 8 for character in text}
    return len(rows) + sum(unicodedata.category(c) in ("Cn", "Co", "Cs") for c in text)


def _japanese(data: bytes) -> str:
    for encoding in ("iso2022_jp", "euc_jp", "shift_jis"):
        try:
            text = data.rstrip(b"\0").decode(encoding)
        except UnicodeDecodeError:
            continue
        return text
    return decoded(data)


def _date(tags: Mapping[int, Any]) -> str | None:
    for tag, offset_tag in (
        (_BASE.DateTimeOriginal, _BASE.OffsetTimeOriginal),
        (_BASE.DateTimeDigitized, _BASE.OffsetTimeDigitized),
    ):
        written = _WRITTEN.match(tidied(_text(_value(tags, tag))))
        if written is None:
            continue
        try:
            date = datetime(*map(int, written.groups())).isoformat()  # type: ignore[arg-type]
        except ValueError:  # the 30th of February
            continue
        offset = tidied(_text(_value(tags, offset_tag)))
        return date + (offset if _OFFSET.fullmatch(offset) else "")
    return None


def _degrees(value: Any, side: Any, most: int) -> float | None:
    try:
        parts = [float(part) for part in value]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not 1 <= len(parts) <= 3 or not all(map(math.isfinite, parts)):
        return None
    degrees = sum(part / (1, 60, 3600)[power] for power, part in enumerate(parts))
    if not 0 <= degrees <= most:
        return None
    negative = tidied(_text(side)).upper() in ("S", "W")
    return round(-degrees if negative else degrees, 7)


def _camera(exif: Image.Exif) -> str | None:
    make = tidied(_text(_value(exif, _BASE.Make)))[:200]
    model = tidied(_text(_value(exif, _BASE.Model)))[:200]
    # "NIKON CORPORATION" and "NIKON D90", "Canon" and "Canon EOS 5D": said once is enough.
    if make and model and make.split()[0].casefold() == model.split()[0].casefold():
        return model
    return " ".join(part for part in (make, model) if part) or None
