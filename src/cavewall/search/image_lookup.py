"""Pictures from outside that are on a wall already: terms without an image encoder too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cavewall._internal.images import MAX_BYTES, UnreadableImageError, decode, digest
from cavewall.errors import InputError
from cavewall.index.phash import MAX_HAMMING_DISTANCE, phash
from cavewall.query import Expression, Image, Like, with_images
from cavewall.search.perceptual_hashes import PerceptualHashes
from cavewall.search.wall_version import WallVersion

__all__ = ["find_by_digest", "replace_known_images"]


def replace_known_images(expression: Expression, version: WallVersion) -> Expression:
    """The expression with `like("id")` for each `image("path")` that is a picture of the wall.

    Known are the same bytes, else the nearest look within the bits that tell pictures apart (see
    `cavewall.index.phash`). What is not known, or cannot be read, stays as it is.
    """
    files = dict.fromkeys(
        leaf for leaf in expression.leaves() if isinstance(leaf, Image) and leaf.vector is None
    )
    known = {leaf: _of_file(leaf, version) for leaf in files}
    return with_images(
        expression, {leaf: Like(image_id) for leaf, image_id in known.items() if image_id}
    )


def find_by_digest(data: bytes, version: WallVersion) -> Like:
    """A picture that is handed over, as a term: it has to be one of the wall.

    Raises:
        InputError: this is no picture, or none that is known.
    """
    try:
        image_id = _recognised(data, version)
    except UnreadableImageError as fault:
        raise InputError(f"the picture cannot be read: {fault}") from fault
    if image_id is None:
        raise InputError(
            "this picture is not on the wall, and only a wall with an image space can search with "
            "others: cavewall reencode --space image --encoder NAME makes one"
        )
    return Like(image_id)


def _of_file(leaf: Image, version: WallVersion) -> str | None:
    path = Path(leaf.path).expanduser()
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        return _recognised(path.read_bytes(), version)
    except (OSError, ValueError):
        return None


def _recognised(data: bytes, version: WallVersion) -> str | None:
    """The picture of the wall with these bytes or this look. Raises UnreadableImageError."""
    look = phash(decode(data).thumbnail)
    store, pictures = version.store, version.pictures
    same = filter(pictures.holds, store.holding(version.number, digest(data)))
    known = min(same, default=None)
    if known is not None:
        return known
    if look is None:
        return None
    prints = PerceptualHashes.of(store, version.number, store.count())
    apart = np.unpackbits(prints.bits ^ look, axis=1).sum(axis=1)
    apart[~prints.readable] = MAX_HAMMING_DISTANCE + 1
    rows = apart if pictures.rows is None else apart[pictures.rows]
    if not len(rows) or rows.min() > MAX_HAMMING_DISTANCE:
        return None
    nearest = np.flatnonzero(rows == rows.min())
    ids: list[str] = pictures.ids.take(nearest).to_pylist()
    return min(ids)
