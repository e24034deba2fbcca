"""Picture bytes: checked, decoded, oriented, hashed and made small."""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["MAX_PIXELS", "THUMBNAIL_SIDE", "Scan", "UnreadableImageError", "digest", "scan"]

THUMBNAIL_SIDE = 256
# Pillow's own limit, beyond which it refuses to open a picture.
MAX_PIXELS = 178_956_970
_QUALITY = 85
# Pillow hands these to Ghostscript, whatever the name of the file says.
_PROGRAMS = ("EPS",)


class UnreadableImageError(ValueError):
    """Bytes that are no picture, or one that cannot be decoded safely."""


@dataclass(frozen=True)
class Scan:
    """What one look at a picture's bytes tells: upright size in pixels, digest, JPEG thumbnail."""

    width: int
    height: int
    sha256: str
    thumbnail: bytes


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def scan(data: bytes) -> Scan:
    """Decode a picture far enough to know that it is whole, and make its thumbnail.

    Raises:
        UnreadableImageError: with the reason in words.
    """
    if not data:
        raise UnreadableImageError("the file is empty")
    try:
        with _without_warnings(), Image.open(io.BytesIO(data)) as picture:
            if picture.format in _PROGRAMS:
                raise UnreadableImageError(f"{picture.format} is a program, not a picture")
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise UnreadableImageError(
                    f"{width:,} × {height:,} pixels are more than the {MAX_PIXELS:,} allowed"
                )
            thumbnail = _thumbnail(picture)
            turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except UnreadableImageError:
        raise
    except UnidentifiedImageError:
        raise UnreadableImageError("this is no picture that Pillow knows") from None
    except Image.DecompressionBombError:
        raise UnreadableImageError(
            f"more pixels than the {MAX_PIXELS:,} allowed: it may be a decompression bomb"
        ) from None
    except Exception as fault:  # decoders of hostile bytes raise anything
        raise UnreadableImageError(_in_words(fault)) from fault
    if turned:
        width, height = height, width
    return Scan(width, height, digest(data), thumbnail)


class _Quiet:
    """How many threads want no warnings: their filters belong to the whole process."""

    lock = threading.Lock()
    threads = 0
    filters = warnings.catch_warnings()


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow warns of odd metadata, and of sizes that are checked here."""
    with _Quiet.lock:
        if _Quiet.threads == 0:
            _Quiet.filters = warnings.catch_warnings()
            _Quiet.filters.__enter__()
            warnings.simplefilter("ignore")
        _Quiet.threads += 1
    try:
        yield
    finally:
        with _Quiet.lock:
            _Quiet.threads -= 1
            if _Quiet.threads == 0:
                _Quiet.filters.__exit__(None, None, None)


def _thumbnail(picture: Image.Image) -> bytes:
    side = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    # JPEG decodes at an eighth to a half of its size where that is enough.
    picture.draft("RGB", side)
    picture.load()
    small = picture.copy() if max(picture.size) <= THUMBNAIL_SIDE else picture
    if small.mode in ("I", "F") or small.mode.startswith("I;16"):
        small = _to_eight_bits(small)
    if small.mode == "P" or small.has_transparency_data:
        small = small.convert("RGBA")
    small.thumbnail(side, reducing_gap=2.0)
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        small = paper
    out = io.BytesIO()
    small.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Sixteen-bit and float pictures keep their tones: `convert` alone would clip them."""
    floats = picture.convert("F")
    low, high = floats.getextrema()
    assert isinstance(low, float)
    assert isinstance(high, float)
    scale = 255.0 / (high - low) if high > low else 0.0
    return floats.point(lambda value: value * scale - low * scale).convert("L")


def _in_words(fault: Exception) -> str:
    text = str(fault).strip().splitlines()
    return text[0][:200] if text else type(fault).__name__
