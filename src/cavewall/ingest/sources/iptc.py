"""What IPTC's older notes (IIM, version 4) say of a picture."""

from __future__ import annotations

import struct

from PIL import Image

from cavewall.ingest.sources.textfile import decoded

__all__ = ["iptc_captions", "iptc_keywords", "iptc_of"]

# Pillow's own reader gives up on MPO and PSD files, and on captions of 32 KB.
_RESOURCE = 0x0404
_TIFF_TAG = 33723
_CHARSET, _KEYWORDS, _HEADLINE, _CAPTION = (1, 90), (2, 25), (2, 105), (2, 120)
_UTF8 = b"\x1b%G"

Fields = dict[tuple[int, int], list[str]]


def iptc_of(picture: Image.Image) -> Fields:
    """The texts of an opened picture, by record and dataset number."""
    data = _block(picture)
    fields: dict[tuple[int, int], list[bytes]] = {}
    at = 0
    while data[at : at + 1] == b"\x1c" and at + 5 <= len(data):
        record, dataset, size = struct.unpack_from(">BBH", data, at + 1)
        at += 5
        if size & 0x8000:
            length = size & 0x7FFF
            size = int.from_bytes(data[at : at + length][:8], "big")
            at += length
        fields.setdefault((record, dataset), []).append(data[at : at + size])
        at += size
    utf8 = _UTF8 in fields.get(_CHARSET, [])
    return {
        name: [v.decode("utf-8", "replace") if utf8 else decoded(v) for v in values]
        for name, values in fields.items()
    }


def iptc_captions(fields: Fields) -> list[str]:
    return [*fields.get(_CAPTION, []), *fields.get(_HEADLINE, [])]


def iptc_keywords(fields: Fields) -> list[str]:
    return fields.get(_KEYWORDS, [])


def _block(picture: Image.Image) -> bytes:
    photoshop = picture.info.get("photoshop")
    if isinstance(photoshop, dict):
        found = photoshop.get(_RESOURCE, b"")
        return found if isinstance(found, bytes) else b""
    tags = getattr(picture, "tag_v2", None)
    if tags is not None:
        # As Pillow's own reader does: Photoshop writes the bytes as numbers, of which Pillow's
        # public way keeps the first.
        return bytes(getattr(tags, "_tagdata", {}).get(_TIFF_TAG, b""))
    resources = getattr(picture, "resources", ())
    return next((data for code, _, data in resources if code == _RESOURCE), b"")
