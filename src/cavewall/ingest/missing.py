"""The pictures of a source that it no longer lists: removed, or there under another id."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import Protocol

from cavewall.errors import InputError
from cavewall.ingest.options import IngestProgress
from cavewall.storage import ExistingRow, ExistingRows, Store

__all__ = ["MissingPictures", "MoveDetector", "is_within", "prune"]

# Removed in steps, so that no commit's condition gets too long.
_STEP = 10_000


class MoveDetector(Protocol):
    """What readers of pictures have to know of those that vanished."""

    @property
    def image_ids(self) -> list[str]:
        """Those that have not turned up."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether a picture of these bytes is among them."""
        ...

    def claim(self, sha256: str, captions: bytes) -> tuple[str, ExistingRow] | None:
        """The picture of these bytes, at best with these captions too; it has turned up."""
        ...


class MissingPictures:
    """What a wall has of a source that the source does not list: each may turn up as moved.

    Of a listed folder, whose id ends in `/`, nobody knows what is in it.
    """

    def __init__(self, known: ExistingRows, source: str, listed: Collection[str]) -> None:
        brought = known.of_source(source)
        folders = {image_id for image_id in listed if image_id.endswith("/")}
        self.brought = len(brought)
        self._known: dict[str, ExistingRow] = {}
        self._by_digest: dict[str, list[str]] = {}
        for image_id in brought:
            is_there = image_id in listed or is_within(image_id, folders)
            found = None if is_there else known.get(image_id)
            if found is not None:
                self._known[image_id] = found
                if found.sha256 is not None:
                    self._by_digest.setdefault(found.sha256, []).append(image_id)

    @property
    def image_ids(self) -> list[str]:
        """Those that have not turned up."""
        return list(self._known)

    @property
    def digests(self) -> frozenset[str]:
        """Those of their bytes."""
        return frozenset(self._by_digest)

    def has(self, sha256: str) -> bool:
        """Whether a picture of these bytes is among them."""
        return sha256 in self._by_digest

    def claim(self, sha256: str, captions: bytes) -> tuple[str, ExistingRow] | None:
        """The picture of these bytes, at best with these captions too; it has turned up."""
        candidates = self._by_digest.get(sha256)
        if not candidates:
            return None
        same = (image_id for image_id in candidates if self._known[image_id].captions == captions)
        image_id = next(same, candidates[0])
        candidates.remove(image_id)
        if not candidates:
            del self._by_digest[sha256]
        return image_id, self._known.pop(image_id)


def is_within(image_id: str, folders: Container[str]) -> bool:
    """Whether the id is that of a file somewhere in one of the folders, whose names end in `/`."""
    end = image_id.find("/") + 1
    while end:
        if image_id[:end] in folders:
            return True
        end = image_id.find("/", end) + 1
    return False


def prune(
    vanished: MissingPictures,
    source: str,
    store: Store,
    insist: bool,
    progress: IngestProgress | None,
) -> int:
    """Remove from the wall what vanished from this source, and say how many that were.

    Raises:
        InputError: it is more than half of what the source brought, and nobody insists.
    """
    image_ids = vanished.image_ids
    if 2 * len(image_ids) > vanished.brought and not insist:
        raise InputError(
            f"{len(image_ids):,} of the {vanished.brought:,} pictures that {source} brought are no "
            "longer in it, and none of them was removed: is a disk not mounted, a folder not "
            "there? Say --yes as well to remove them. All else is done"
        )
    if progress is not None:
        progress.pruning(len(image_ids))
    for start in range(0, len(image_ids), _STEP):
        with store.write_lock():
            store.remove(image_ids[start : start + _STEP], source)
    return len(image_ids)
