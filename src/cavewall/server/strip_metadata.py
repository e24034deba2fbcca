"""Where a picture was taken, cut out of its file; every pixel stays as it was.

What may hold a place goes: XMP and IPTC packets, EXIF that speaks of GPS or has a maker's own
notes, and whatever stands behind the end of the picture, as the films of phones do. Of such EXIF
the orientation is kept. Everything else stays, byte for byte: a file with no such notes is the same
afterwards.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

__all__ = ["without_location"]

_ORIENTATION = 0x0112
# Tags by their numbers, in either order of bytes: GPS, a maker's notes, XMP and IPTC inside TIFF,
# and what points to other pictures. A number that means something else costs that file its EXIF.
_TELLING = tuple(
    struct.pack(order, tag) for tag in (0x8825, 0x927C, 0x02BC, 0x83BB) for order in ("<H", ">H")
)
_EXIF, _ICC, _ADOBE, _JFIF = b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe", (b"JFIF\0", b"JFXX\0")


def without_location(data: bytes, kind: str) -> bytes:
    """The file of that kind (JPEG, MPO, PNG, WEBP, GIF or BMP) without notes of a place.

    Raises:
        ValueError: it is not laid out as such a file is.
    """
    try:
        return _CUTTERS[kind](data)
    except (struct.error, IndexError) as fault:
        raise ValueError(f"a broken {kind}") from fault


# EXIF.


def _harmless(exif: bytes) -> bytes | None:
    """EXIF (TIFF, without its mark) as it may be told; None where nothing is left of it."""
    if not any(tag in exif for tag in _TELLING):
        return exif
    known = Image.Exif()
    try:
        known.load(_EXIF + exif)
        orientation = int(known.get(_ORIENTATION, 1))
    except Exception:  # Pillow raises anything on broken EXIF
        return None
    if not 2 <= orientation <= 8:
        return None
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


# JPEG.

_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


def _jpeg(data: bytes) -> bytes:
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no JPEG")
    kept = [b"\xff\xd8"]
    at = 2
    while True:
        found = _MARKER.match(data, at)
        if found is None:
            raise ValueError("a broken JPEG")
        marker = found[1][0]
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        start = found.end()
        end = start + struct.unpack_from(">H", data, start)[0]
        if end > len(data) or end < start + 2:
            raise ValueError("a broken JPEG")
        body = _segment(marker, data[start + 2 : end])
        if body is not None:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body)
        at = end
        if marker == 0xDA:
            # The pixels, in which no marker stands; without an end they are all that is left.
            scan = _MARKER.search(data, at)
            at_next = len(data) if scan is None else scan.start()
            kept.append(data[at:at_next])
            if scan is None:
                break
            at = at_next
    cut = b"".join(kept)
    return data if cut == data else cut


def _segment(marker: int, body: bytes) -> bytes | None:
    """What is kept of a segment."""
    match marker:
        case 0xE0:
            return body if body.startswith(_JFIF) else None
        case 0xE1 if body.startswith(_EXIF):
            exif = _harmless(body[len(_EXIF) :])
            return None if exif is None else _EXIF + exif
        case 0xE2:
            return body if body.startswith(_ICC) else None
        case 0xEE:
            return body if body.startswith(_ADOBE) else None
    return None if 0xE1 <= marker <= 0xEF else body


# PNG.

_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_TELLING_KEY = re.compile(rb"xmp|exif|iptc|raw profile|gps|geo|location|latitude|longitude", re.I)


def _png(data: bytes) -> bytes:
    if not data.startswith(_PNG_MARK):
        raise ValueError("no PNG")
    kept = [_PNG_MARK]
    at = len(_PNG_MARK)
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("a broken PNG")
        if name == b"eXIf":
            exif = _harmless(data[at + 8 : end - 4])
            if exif is not None:
                kept.append(_png_chunk(name, exif))
        elif name not in _PNG_TEXTS or not _TELLING_KEY.search(
            data[at + 8 : end - 4].partition(b"\0")[0]
        ):
            kept.append(data[at:end])
        at = end
        if name == b"IEND":
            break
    cut = b"".join(kept)
    return data if cut == data else cut


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# WebP.

_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
# Everything else that a WebP may hold; what is none of these is nobody's pixels.
_WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])


def _webp(data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("no WebP")
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    chunks = list(_riff(data, 12, end))
    noted = False
    kept: list[tuple[bytes, bytes]] = []
    for name, body in chunks:
        if name == b"EXIF":
            marked = body.startswith(_EXIF)
            exif = _harmless(body[len(_EXIF) :] if marked else body)
            if exif is not None:
                noted = True
                kept.append((name, (_EXIF if marked else b"") + exif))
        elif name in _WEBP_KEPT:
            kept.append((name, body))
    if kept == chunks and end == len(data):
        return data
    written = b"".join(
        name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        for name, body in ((name, _flagged(name, body, noted)) for name, body in kept)
    )
    return b"RIFF" + struct.pack("<I", 4 + len(written)) + b"WEBP" + written


def _flagged(name: bytes, body: bytes, noted: bool) -> bytes:
    """The header says which notes there are."""
    if name != b"VP8X" or not body:
        return body
    flags = body[0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if noted else 0)
    return bytes([flags]) + body[1:]


def _riff(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= end:
        name = data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise ValueError("a broken WebP")
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


# GIF.

_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def _gif(data: bytes) -> bytes:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("no GIF")
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while at < len(data):
        start, block = at, data[at]
        if block == 0x3B:
            kept.append(b"\x3b")
            break
        if block == 0x21:
            at = _blocks_end(data, at + 2)
            is_application = data[start + 1] == 0xFF
            if is_application and data[start + 3 : start + 14] not in _GIF_KEPT:
                continue
        elif block == 0x2C:
            at = _blocks_end(data, at + 11 + _colours(data[at + 9]))
        else:
            raise ValueError("a broken GIF")
        kept.append(data[start:at])
    cut = b"".join(kept)
    return data if cut == data else cut


def _colours(flags: int) -> int:
    """The bytes of a table of colours."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where the sub-blocks that begin there end. XMP's are none, but it ends as if they were."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _bmp(data: bytes) -> bytes:
    return data  # has no room for notes


_CUTTERS: dict[str, Callable[[bytes], bytes]] = {
    "JPEG": _jpeg,
    "MPO": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "BMP": _bmp,
}
