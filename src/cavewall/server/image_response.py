"""Pictures as browsers get them: of a kind that their bytes are, and without where they were taken.

Whatever a file is called, its bytes decide. What is no picture to Pillow (an SVG, a page) is
nothing here either.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageOps

from cavewall._internal.images import UnreadableImageError, digest, flatten_alpha, open_image
from cavewall.server.strip_metadata import without_location

__all__ = ["Served", "media_type", "served", "thumbnail_of"]

# Kinds that browsers take for nothing but pictures.
_MEDIA = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
# Of these the notes can be cut out, and the rest stays as it was byte for byte.
_CUT = frozenset(["JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP"])
_LOSSY = frozenset(["JPEG", "MPO", "AVIF", "HEIF", "JPEG2000"])
_QUALITY = 95


@dataclass(frozen=True)
class Served:
    """Bytes, what they are, and the SHA-256 that tells them from others."""

    data: bytes
    media_type: str
    sha256: str


def media_type(data: bytes) -> str | None:
    """What the bytes are; None where they are no picture, or one that browsers have no name for."""
    try:
        return _MEDIA.get(_kind(data))
    except UnreadableImageError:
        return None


def served(data: bytes, keep_location: bool, sha256: str | None = None) -> Served:
    """A picture as it is served. `sha256` is that of the bytes, where it is known.

    Kinds whose notes cannot be cut out, or that browsers have no name for, are written anew.

    Raises:
        UnreadableImageError: this is no picture.
    """
    kind = _kind(data)
    if keep_location and kind in _MEDIA:
        return Served(data, _MEDIA[kind], sha256 or digest(data))
    if kind in _CUT:
        with suppress(ValueError):
            cut = without_location(data, kind)
            known = sha256 if cut is data or cut == data else None
            return Served(cut, _MEDIA[kind], known or digest(cut))
    return _anew(data, kind)


def thumbnail_of(data: bytes) -> Served:
    """A thumbnail, which this project made itself, or a stranger put into the table.

    Raises:
        UnreadableImageError: this is no picture.
    """
    return served(data, keep_location=False)


def _kind(data: bytes) -> str:
    with open_image(io.BytesIO(data)) as picture:
        return picture.format or ""


def _anew(data: bytes, kind: str) -> Served:
    """The pixels alone, upright."""
    out = io.BytesIO()
    with open_image(io.BytesIO(data)) as picture:
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        if kind in _LOSSY:
            flatten_alpha(upright).save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
            media = "image/jpeg"
        else:
            plain = upright if upright.mode in _OF_PNG else upright.convert("RGB")
            profile = profile if plain.mode == picture.mode else None
            bare = Image.new(plain.mode, plain.size)
            bare.paste(plain)
            if plain.mode == "P" and plain.palette is not None:
                bare.putpalette(plain.palette)
            bare.save(out, "PNG", icc_profile=profile)
            media = "image/png"
    written = out.getvalue()
    return Served(written, media, digest(written))


_OF_PNG = frozenset(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
