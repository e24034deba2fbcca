"""Pictures in files that are on a wall already: these are terms without an image encoder too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from cavewall.expression import Expression, Function, Image, Like, Saved, Sum
from cavewall.fingerprints import Fingerprints
from cavewall.images import UnreadableImageError, digest, scan
from cavewall.likeness import BITS_APART, fingerprint
from cavewall.searchable import Searchable

__all__ = ["recognised"]

# What is larger is no picture that is on a wall, or takes too long to be known for one.
_MOST_BYTES = 512 * 1024 * 1024


def recognised(expression: Expression, searchable: Searchable) -> Expression:
    """The expression with `like("id")` for each `image("path")` that is a picture of the wall.

    Known are the same bytes, else the nearest look within the bits that tell pictures apart (see
    `cavewall.likeness`). What is not known, or cannot be read, stays as it is.
    """
    files = dict.fromkeys(leaf for leaf in expression.leaves() if isinstance(leaf, Image))
    known = {leaf: _recognised(leaf, searchable) for leaf in files}
    found = {leaf: Like(image_id) for leaf, image_id in known.items() if image_id is not None}
    return _with(expression, found) if found else expression


def _with(expression: Expression, found: dict[Image, Like]) -> Expression:
    match expression:
        case Image():
            return found.get(expression, expression)
        case Sum(terms):
            return Sum(tuple((weight, _with(part, found)) for weight, part in terms))
        case Function(arguments=arguments):
            return replace(expression, arguments=tuple(_with(each, found) for each in arguments))
        case Saved(meaning=Expression() as meaning):
            return replace(expression, meaning=_with(meaning, found))
    return expression


def _recognised(leaf: Image, searchable: Searchable) -> str | None:
    path = Path(leaf.path).expanduser()
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        data = path.read_bytes()
        look = fingerprint(scan(data).thumbnail)
    except (OSError, ValueError, UnreadableImageError):
        return None
    store, snapshot = searchable.store, searchable.snapshot
    same = store.holding(searchable.version, digest(data))
    searched = set(snapshot.ids.to_pylist()) if same else set()
    for image_id in sorted(searched.intersection(same)):
        return str(image_id)
    if look is None:
        return None
    prints = Fingerprints.of(store, searchable.version, store.count())
    apart = np.unpackbits(prints.bits ^ look, axis=1).sum(axis=1)
    apart[~prints.readable] = BITS_APART + 1
    rows = apart if snapshot.rows is None else apart[snapshot.rows]
    if not len(rows) or rows.min() > BITS_APART:
        return None
    nearest = np.flatnonzero(rows == rows.min())
    ids: list[str] = snapshot.ids.take(nearest).to_pylist()
    return min(ids)
