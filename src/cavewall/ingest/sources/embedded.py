"""Captions and notes inside a picture's file: EXIF, IPTC and XMP. Nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin

from cavewall._internal.images import open_image
from cavewall.ingest.sources.exif import exif_captions, exif_metadata
from cavewall.ingest.sources.iptc import iptc_captions, iptc_keywords, iptc_of
from cavewall.ingest.sources.textfile import tidied
from cavewall.ingest.sources.xmp import Xmp, read_xmp

__all__ = ["Embedded", "read_embedded", "spoken"]

# What cameras and programs write where a caption belongs.
_PHRASES = frozenset(
    """sony dsc|samsung|minolta|dcf image|exif jpeg|exif_jpeg_picture|exif_jpeg|exif-jpeg|jpeg|ascii
    |unicode|default|untitled|user comments|charset=ascii|created with gimp|screenshot|cof|dav|hdr
    |rhdr|sdr|mde|nor|oznor|digital camera|digital still camera""".replace("\n    ", "").split("|")
)
_MAKERS = "olympus|konica minolta|minolta|kodak|sanyo|samsung|vivitar|polaroid|jenoptik|medion"
_BOILERPLATE = re.compile(
    rf"(?:{_MAKERS}) digital (?:still )?camera"
    r"|(?:dsc|dscn|dscf|img|imgp|pict)[_-]?\d{3,8}(?:\.jpe?g)?"
    r"|processed with \w+(?: with \w+ preset)?"
    r"|[\d\s:/.,+TZ-]*",  # dates, and nothing at all
    re.IGNORECASE,
)
_LATE_CHUNKS = (b"eXIf", b"iTXt")


@dataclass(frozen=True)
class Embedded:
    """What a picture's file says: captions, `date`, `latitude`, `longitude` and `camera`.

    `faults` says in words which of the notes could not be read.
    """

    captions: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def read_embedded(file: BinaryIO, sidecars: Sequence[Xmp] = ()) -> Embedded:
    """Read the notes of an opened file; those of its sidecars come before them.

    Raises:
        UnreadableImageError: this is no picture.
    """
    faults: list[str] = []
    with open_image(file) as picture:
        if isinstance(picture, PngImagePlugin.PngImageFile):
            picture.info.update(_late_notes(file, faults))
        exif = _exif(picture, faults)
        iptc = iptc_of(picture)
        packet = _packet(picture.info.get("xmp"))
    packets = [*sidecars, *([read_xmp(packet)] if packet else [])]
    faults += [xmp.fault for xmp in packets if xmp.fault]
    captions = [text for xmp in packets for text in xmp.descriptions]
    captions += [*iptc_captions(iptc), *exif_captions(exif)]
    keywords = [text for xmp in packets for text in xmp.subjects] + iptc_keywords(iptc)
    return Embedded(spoken(captions, keywords), exif_metadata(exif), tuple(faults))


def spoken(captions: Iterable[str], keywords: Iterable[str] = ()) -> tuple[str, ...]:
    """Each thing said once, cameras' own words left out, and all keywords as one caption."""
    said = [text for text in map(tidied, captions) if not _is_boilerplate(text)]
    words = ", ".join(_once(filter(None, map(tidied, keywords))))
    return tuple(_once([*said, words] if words else said))


def _is_boilerplate(text: str) -> bool:
    return text.casefold() in _PHRASES or _BOILERPLATE.fullmatch(text) is not None


def _once(texts: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.casefold(), text)
    return list(found.values())


def _exif(picture: Image.Image, faults: list[str]) -> Image.Exif:
    try:
        # The method of PNG's own class would decode the picture first.
        return Image.Image.getexif(picture)
    except Exception as fault:  # Pillow raises anything on broken EXIF
        faults.append(f"its EXIF is broken ({fault})")
        return Image.Exif()


def _packet(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""


def _late_notes(file: BinaryIO, faults: list[str]) -> dict[str, Any]:
    """EXIF and XMP that follow a PNG's pixels, where ExifTool puts them; pixels are jumped over."""
    file.seek(8)
    stream = PngImagePlugin.PngStream(file)
    try:
        while True:
            kind, at, length = stream.read()
            if kind == b"IEND":
                break
            if kind in _LATE_CHUNKS:
                stream.call(kind, at, length)
                file.seek(4, 1)
            else:
                file.seek(length + 4, 1)
    except Exception as fault:  # Pillow raises anything on broken chunks
        faults.append(f"its chunks are broken ({fault})")
    info = stream.im_info
    return {name: info[name] for name in ("exif", "xmp") if name in info}
