"""Image bytes: validation, decoding, orientation, digest and thumbnail."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "THUMBNAIL_SIDE",
    "DecodedImage",
    "UnreadableImageError",
    "decode",
    "digest",
    "flatten_alpha",
    "is_picture_name",
    "open_image",
]

THUMBNAIL_SIDE = 256
# Pillow's own limit, beyond which it refuses to open an image.
MAX_PIXELS = 178_956_970
# An image of an expression is read into memory as a whole.
MAX_BYTES = 512 * 1024 * 1024
_QUALITY = 85
# Pillow passes these to Ghostscript, regardless of the file's name.
_PROGRAMS = ("EPS",)
# Of these it reads only the header.
_NEVER_DECODED = ("BUFR", "GRIB", "HDF5", "MPEG")
_HEIF_SUFFIXES = frozenset([".heic", ".heics", ".heif", ".heifs", ".hif"])
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_LONGEST_HEADER = 16 * 1024 * 1024
# EXIF orientations and the transformation that undoes each.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = tuple(_TURNS[orientation] for orientation in (5, 6, 7, 8))


# Images of more pixels are decoded one at a time: each takes half a gigabyte or more.
_GIANT = 40_000_000
_giant_lock = threading.Lock()


class UnreadableImageError(ValueError):
    """Bytes that are not an image, or that cannot be decoded safely."""


@dataclass(frozen=True)
class DecodedImage:
    """The result of decoding: upright size in pixels, digest, JPEG thumbnail.

    `picture` is the image itself, upright, in RGB and no larger than needed, if that was
    requested.
    """

    width: int
    height: int
    sha256: str
    thumbnail: bytes
    picture: Image.Image | None = None


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, sha256: str | None = None, side: int = 0) -> DecodedImage:
    """Decode an image completely, and make its thumbnail.

    `sha256` is the digest of the bytes, if the caller knows it. With `side` the image itself is
    kept, large enough for a shorter side of so many pixels.

    Raises:
        UnreadableImageError: with the reason in words.
    """
    if not data:
        raise UnreadableImageError("the file is empty")
    with open_image(io.BytesIO(data)) as picture:
        width, height = picture.size
        # JPEG can be decoded at an eighth to a half of its size.
        side_needed = max(THUMBNAIL_SIDE, side)
        picture.draft("RGB", (side_needed, side_needed))
        with _giant_lock if picture.width * picture.height > _GIANT else nullcontext():
            picture.load()
            turn = _TURNS.get(_orientation(picture))
            # Before the thumbnail, which shrinks the image in place.
            kept = _upright(picture, turn, side) if side else None
            thumbnail = _thumbnail(picture, turn)
    if turn in _SIDEWAYS:
        width, height = height, width
    return DecodedImage(width, height, sha256 or digest(data), thumbnail, kept)


@contextmanager
def open_image(file: BinaryIO) -> Iterator[Image.Image]:
    """The picture in a file, of which only the header has been read.

    Raises:
        UnreadableImageError: for what is no picture, is too large, or fails while it is used.
    """
    try:
        with _without_warnings(), _open(file) as picture:
            if picture.format in _PROGRAMS:
                raise UnreadableImageError(f"{picture.format} is a program, not a picture")
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise UnreadableImageError(
                    f"{width:,} × {height:,} pixels are more than the {MAX_PIXELS:,} allowed"
                )
            yield picture
    except UnreadableImageError:
        raise
    except UnidentifiedImageError:
        raise UnreadableImageError("this is no picture that Pillow knows") from None
    except Image.DecompressionBombError:
        raise UnreadableImageError(
            f"more pixels than the {MAX_PIXELS:,} allowed: it may be a decompression bomb"
        ) from None
    except Exception as fault:  # decoders raise anything on malicious bytes
        raise UnreadableImageError(_reason(fault)) from fault


def is_picture_name(name: str) -> bool:
    """Whether a file name has the suffix of an image format, case-insensitively."""
    return os.path.splitext(name)[1].lower() in _suffixes()  # noqa: PTH122 -- hot path


@cache
def _suffixes() -> frozenset[str]:
    """The suffixes of all formats that Pillow reads, and of HEIC even without its extra."""
    Image.preinit()  # common formats first: later files are tried in this order
    Image.init()
    known = Image.registered_extensions().items()
    return _HEIF_SUFFIXES | {
        suffix for suffix, kind in known if kind in Image.OPEN and kind not in _NEVER_DECODED
    }


def _open(file: BinaryIO) -> Image.Image:
    head = file.read(32)
    if head.startswith(b"\xff\xd8"):
        _check_header(file)
    file.seek(0)
    try:
        return Image.open(file)
    except UnidentifiedImageError:
        if head[4:8] != b"ftyp" or not any(brand in head[8:] for brand in _HEIF_BRANDS):
            raise
    _register_heif()
    file.seek(0)
    return Image.open(file)


def _check_header(file: BinaryIO) -> None:
    """Refuse huge EXIF headers: Pillow joins their segments one by one, which takes minutes."""
    if file.seek(0, os.SEEK_END) <= _LONGEST_HEADER:
        return
    at = 2
    while at <= _LONGEST_HEADER:
        file.seek(at)
        marker = file.read(4)
        if marker[:2] == b"\xff\xda":
            return
        if len(marker) < 4 or marker[0] != 0xFF:
            raise UnreadableImageError("the segments before its pixels are broken")
        at += 1 if marker[1] == 0xFF else 2 + int.from_bytes(marker[2:])
    raise UnreadableImageError(f"more than {_LONGEST_HEADER:,} bytes stand before its pixels")


@cache
def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise UnreadableImageError(
            "HEIC needs pillow-heif, which is not installed: pip install 'cavewall[heif]'"
        ) from None
    # Embedded thumbnails and depth maps are not needed.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class _Quiet:
    """The number of threads that suppress warnings; the filters are global to the process."""

    lock = threading.Lock()
    threads = 0
    filters = warnings.catch_warnings()


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow warns about odd metadata, and about sizes that are checked here."""
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


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception:  # broken metadata does not make the image unreadable
        return 1


def _thumbnail(picture: Image.Image, turn: Image.Transpose | None) -> bytes:
    small = _averageable(picture.copy() if max(picture.size) <= THUMBNAIL_SIDE else picture)
    # For downscaling as good as bicubic, in half the time.
    hamming = Image.Resampling.HAMMING
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), hamming, reducing_gap=2.0)
    if turn is not None:
        small = small.transpose(turn)
    out = io.BytesIO()
    flatten_alpha(small).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _upright(picture: Image.Image, turn: Image.Transpose | None, side: int) -> Image.Image:
    """An upright RGB copy, reduced if its shorter side is at least four times `side`."""
    small = _averageable(picture.convert("L") if picture.mode == "1" else picture)
    factor = min(small.size) // (2 * side)
    if factor > 1:
        small = small.reduce(factor)
    if turn is not None:
        small = small.transpose(turn)
    found = flatten_alpha(small)
    return picture.copy() if found is picture else found


def _averageable(picture: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        picture = _to_eight_bits(picture)
    if picture.mode == "P" or (
        picture.has_transparency_data and picture.mode not in ("LA", "RGBA")
    ):
        picture = picture.convert("RGBA")
    return picture


def flatten_alpha(picture: Image.Image) -> Image.Image:
    """The image in RGB, on white where it is transparent."""
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Rescale 16-bit and float images: `convert` alone would clip them."""
    floats = picture.convert("F")
    low, high = floats.getextrema()
    assert isinstance(low, float)
    assert isinstance(high, float)
    scale = 255.0 / (high - low) if high > low else 0.0
    return floats.point(lambda value: value * scale - low * scale).convert("L")


def _reason(fault: Exception) -> str:
    text = str(fault).strip().splitlines()
    return text[0][:200] if text else type(fault).__name__
