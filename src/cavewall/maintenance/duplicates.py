"""Duplicate pictures: equal bytes, equal perceptual hash, or nearly equal vectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cavewall._internal.progress import StageProgress
from cavewall._internal.terminal_text import pluralize
from cavewall.errors import InputError
from cavewall.explore.plots.contact_sheet import SheetTile, stacked_sheet
from cavewall.index.phash import BITS, COSINE, MAX_HAMMING_DISTANCE
from cavewall.maintenance.near_duplicates import near_groups, same_groups
from cavewall.search.perceptual_hashes import PerceptualHashes
from cavewall.search.vector_space import VectorSpace
from cavewall.storage import Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["DuplicateReason", "Duplicates", "Group", "duplicates_sheet", "find_duplicates"]

DuplicateReason = Literal["bytes", "look", "vector"]

_BATCH = 1024
_MOST_GROUPS, _MOST_PICTURES = 30, 10
_REASONS = {"bytes": "the same bytes", "look": "the same look", "vector": "nearly the same vector"}
_CAPTION_ROW = re.compile(r"#\d+$")


@dataclass(frozen=True)
class Group:
    """Duplicates of each other, in the wall's order, and all reasons."""

    reasons: tuple[DuplicateReason, ...]
    image_ids: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"reasons": list(self.reasons), "image_ids": list(self.image_ids)}


@dataclass(frozen=True)
class Duplicates:
    """The groups, those of the strongest reason first, and the number of pictures compared."""

    groups: tuple[Group, ...]
    pictures: int
    version: int
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "pictures": self.pictures,
            "version": self.version,
            "threshold": self.threshold,
            "groups": [group.to_dict() for group in self.groups],
        }


@dataclass(frozen=True)
class _Features:
    """The compared properties of every row of the table."""

    ids: list[str]
    digests: list[str | None]
    paths: list[str | None]
    prints: NDArray[np.uint8]
    readable: NDArray[np.bool_]


def find_duplicates(
    space: VectorSpace, threshold: float = COSINE, progress: StageProgress | None = None
) -> Duplicates:
    """Groups of pictures with equal bytes, equal look, or vectors of at least that cosine.

    Groups are connected components: a is like b and b like c. Rows of one picture that was added
    once per caption count as one.

    Raises:
        InputError: the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is a cosine above 0 and at most 1, not {threshold}")
    features = _features(space, progress)
    kept = _one_a_picture(features)
    found: dict[tuple[int, ...], list[DuplicateReason]] = {}
    by_reason: list[tuple[DuplicateReason, Iterator[list[int]]]] = [
        ("bytes", _same_bytes(features, kept)),
        ("look", _same_look(features, kept, progress)),
        ("vector", _same_vector(space, kept, threshold, progress)),
    ]
    for reason, groups in by_reason:
        for rows in groups:
            found.setdefault(tuple(rows), []).append(reason)
    reported = tuple(
        Group(tuple(reasons), tuple(features.ids[row] for row in rows))
        for rows, reasons in found.items()
    )
    return Duplicates(reported, len(kept), space.version.number, threshold)


def _one_a_picture(features: _Features) -> NDArray[np.int64]:
    """One row per picture: the first of those that differ only in their caption."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row, (image_id, path) in enumerate(zip(features.ids, features.paths, strict=True)):
        name = (_CAPTION_ROW.sub("", image_id), path or "")
        if name[0] == image_id or name not in seen:
            kept.append(row)
        seen.add(name)
    return np.array(kept, np.int64)


def _same_bytes(features: _Features, kept: NDArray[np.int64]) -> Iterator[list[int]]:
    numbers: dict[str, int] = {}
    # A row without bytes equals no other.
    labels = [
        -1 - row if (digest := features.digests[row]) is None else numbers.setdefault(digest, row)
        for row in kept.tolist()
    ]
    for group in same_groups(np.array(labels, np.int64)):
        yield kept[group].tolist()


def _same_look(
    features: _Features, kept: NDArray[np.int64], progress: StageProgress | None
) -> Iterator[list[int]]:
    readable = kept[features.readable[kept]]
    # Bits as unit vectors of ±1/8: their product is 1 - 2 · (Hamming distance) / 64.
    signs = np.unpackbits(features.prints[readable], axis=1).astype(np.float32) * 2 - 1
    stage = _stage(progress, "comparing looks")
    for group in near_groups(
        signs / np.float32(BITS**0.5), 1 - 2 * MAX_HAMMING_DISTANCE / BITS, stage
    ):
        yield readable[group].tolist()


def _same_vector(
    space: VectorSpace, kept: NDArray[np.int64], threshold: float, progress: StageProgress | None
) -> Iterator[list[int]]:
    snapshot = space.snapshot
    rows = np.array(snapshot.rows_of(range(len(snapshot.ids))), np.int64)
    positions = np.flatnonzero(np.isin(rows, kept))
    vectors = snapshot.vectors if len(positions) == len(rows) else snapshot.vectors[positions]
    # In float32 the product of a vector with itself may be slightly below 1.
    stage = _stage(progress, "comparing vectors")
    for group in near_groups(vectors, threshold - 1e-6, stage):
        yield rows[positions[group]].tolist()


def _stage(progress: StageProgress | None, what: str) -> Callable[[float], None] | None:
    return None if progress is None else lambda share: progress(what, share)


def _features(space: VectorSpace, progress: StageProgress | None) -> _Features:
    """The ids, digests, paths and perceptual hashes of every row."""
    store, version = space.version.store, space.version.number
    admin = TableAdmin(store)
    ids: list[str] = []
    digests: list[str | None] = []
    paths: list[str | None] = []
    for batch in admin.scan(version, ["image_id", "sha256", "path"], 8 * _BATCH):
        ids += batch.column("image_id").to_pylist()
        digests += batch.column("sha256").to_pylist()
        paths += batch.column("path").to_pylist()
    prints = PerceptualHashes.of(
        store, version, len(ids), _stage(progress, "looking at thumbnails")
    )
    return _Features(ids, digests, paths, prints.bits, prints.readable)


def duplicates_sheet(store: Store, duplicates: Duplicates) -> Image.Image:
    """A contact sheet of the first thirty groups, with up to ten pictures each."""
    rows = [_row(store, group) for group in duplicates.groups[:_MOST_GROUPS]]
    left = len(duplicates.groups) - len(rows)
    if left:
        rows.append((f"and {pluralize(left, 'more group')}", []))
    among = pluralize(duplicates.pictures, "picture")
    return stacked_sheet(rows or [(f"no duplicates among {among}", [])])


def _row(store: Store, group: Group) -> tuple[str, list[SheetTile]]:
    shown = group.image_ids[:_MOST_PICTURES]
    columns = ["image_id", "thumbnail"]
    thumbnails = {
        row["image_id"]: row["thumbnail"] for row in TableAdmin(store).found(shown, columns)
    }
    count = len(group.image_ids)
    title = " · ".join(_REASONS[reason] for reason in group.reasons)
    title += f", {len(shown)} of {count} pictures" if count > len(shown) else f", {count} pictures"
    # Duplicates differ in their names, which are shown in place of captions.
    return title, [SheetTile(thumbnails.get(image_id), image_id) for image_id in shown]
