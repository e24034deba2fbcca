"""Picture bytes: checked, decoded, oriented, hashed and made small."""

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
# Pillow's own limit, beyond which it refuses to open a picture.
MAX_PIXELS = 178_956_970
# A picture that an expression names is read as a whole.
MAX_BYTES = 512 * 1024 * 1024
_QUALITY = 85
# Pillow hands these to Ghostscript, whatever the name of the file says.
_PROGRAMS = ("EPS",)
# Of these it reads the header alone.
_NEVER_DECODED = ("BUFR", "GRIB", "HDF5", "MPEG")
_HEIF_SUFFIXES = frozenset([".heic", ".heics", ".heif", ".heifs", ".hif"])
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_LONGEST_HEADER = 16 * 1024 * 1024
# EXIF's orientations, and how each is set upright.
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


# Decoded one at a time, whatever the number of threads: each takes half a gigabyte and more.
_GIANT = 40_000_000
_alone = threading.Lock()


class UnreadableImageError(ValueError):
    """Bytes that are no picture, or one that cannot be decoded safely."""


@dataclass(frozen=True)
class DecodedImage:
    """What one look at a picture's bytes tells: upright size in pixels, digest, JPEG thumbnail.

    `picture` is the picture itself, upright and in RGB, where that was asked for: no larger than
    it has to be.
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
    """Decode a picture far enough to know that it is whole, and make its thumbnail.

    `sha256` is the digest of the bytes, where the caller has it already. With a `side` the picture
    itself is kept, of which so many pixels of the shorter side will be looked at.

    Raises:
        UnreadableImageError: with the reason in words.
    """
    if not data:
        raise UnreadableImageError("the file is empty")
    with open_image(io.BytesIO(data)) as picture:
        width, height = picture.size
        # JPEG decodes at an eighth to a half of its size where that is enough.
        least = max(THUMBNAIL_SIDE, side)
        picture.draft("RGB", (least, least))
        with _alone if picture.width * picture.height > _GIANT else nullcontext():
            picture.load()
            turn = _TURNS.get(_orientation(picture))
            # Making a thumbnail makes the picture small.
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
    except Exception as fault:  # decoders of hostile bytes raise anything
        raise UnreadableImageError(_in_words(fault)) from fault


def is_picture_name(name: str) -> bool:
    """Whether a file's name ends as those of pictures do, in upper or lower case."""
    return os.path.splitext(name)[1].lower() in _suffixes()  # noqa: PTH122 -- hot path


@cache
def _suffixes() -> frozenset[str]:
    """Those of every format that Pillow reads, and HEIC's, with or without its extra."""
    Image.preinit()  # the usual formats first, in which order all later files are tried
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
    """Refuse what Pillow would take minutes over: it joins EXIF's segments one by one."""
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
    # Its own thumbnails and depth maps are not looked at.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


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


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception:  # a broken note about a picture does not break the picture
        return 1


def _thumbnail(picture: Image.Image, turn: Image.Transpose | None) -> bytes:
    small = _in_tones(picture.copy() if max(picture.size) <= THUMBNAIL_SIDE else picture)
    # As good as bicubic where pictures get smaller, in half the time.
    hamming = Image.Resampling.HAMMING
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), hamming, reducing_gap=2.0)
    if turn is not None:
        small = small.transpose(turn)
    out = io.BytesIO()
    flatten_alpha(small).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _upright(picture: Image.Image, turn: Image.Transpose | None, side: int) -> Image.Image:
    """A copy in RGB, made smaller where its shorter side is four times that side or more."""
    small = _in_tones(picture.convert("L") if picture.mode == "1" else picture)
    factor = min(small.size) // (2 * side)
    if factor > 1:
        small = small.reduce(factor)
    if turn is not None:
        small = small.transpose(turn)
    found = flatten_alpha(small)
    return picture.copy() if found is picture else found


def _in_tones(picture: Image.Image) -> Image.Image:
    """The picture in a mode whose pixels can be averaged."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        picture = _to_eight_bits(picture)
    if picture.mode == "P" or (
        picture.has_transparency_data and picture.mode not in ("LA", "RGBA")
    ):
        picture = picture.convert("RGBA")
    return picture


def flatten_alpha(picture: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it is transparent."""
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


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
