"""Compaction of fragments and clean-up of old versions after every write.

Small writes leave small fragments, updates leave deleted rows, and both leave old versions. Eight
fragments of one size level are merged, so that a row is rewritten only a few times, however many
small adds follow; a full fragment is rewritten once a tenth of it is deleted. Old versions are
kept until they take a tenth of the size of the newest.
"""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from cavewall.errors import DiskSpaceError
from cavewall.storage import Store, TaskCheckpoints
from cavewall.storage.object_store_errors import is_remote
from cavewall.storage.table_admin import Fragment, TableAdmin
from cavewall.storage.writer_leases import other_writers

__all__ = ["TARGET_ROWS", "auto_compact", "check_room", "clean_up", "select_fragments"]

# The size of fragments that a large `add` writes.
TARGET_ROWS = 1024
# A batch of an `add` ends at 1,024 pictures or 16 MB (`cavewall.ingest.batches`): both are full.
_FULL_ROWS, _FULL_BYTES = 512, 12 * 1024 * 1024
_FAN = 8
_DEAD_SHARE = 0.1
_SPARE_SHARE = 0.1
_MOST_VERSIONS = 128
# In object storage, other writers cannot be detected.
_GRACE_PERIOD = timedelta(hours=1)


def select_fragments(fragments: Sequence[Fragment], *, thorough: bool = False) -> list[Fragment]:
    """The fragments to rewrite now, in order.

    `thorough` includes every fragment with deleted rows and all runs of small ones.
    """
    chosen = {
        piece.id
        for piece in fragments
        if piece.dead > (0 if thorough else _DEAD_SHARE * (piece.rows + piece.dead))
    }
    for level in range(_level(_FULL_ROWS, 0)):
        for pieces in _neighbours(fragments, level):
            same_level = sum(_level_of(piece) == level for piece in pieces)
            if same_level >= _FAN or (thorough and len(pieces) > 1):
                chosen |= {piece.id for piece in pieces}
    return [piece for piece in fragments if piece.id in chosen]


def _neighbours(fragments: Sequence[Fragment], level: int) -> Iterator[list[Fragment]]:
    """Runs of consecutive fragments up to that level."""
    for small, run in groupby(fragments, lambda piece: _level_of(piece) <= level):
        if small:
            yield list(run)


def _level_of(piece: Fragment) -> int:
    return _level(piece.rows, piece.bytes)


def _level(rows: int, size: int) -> int:
    """0 below a 64th of a full fragment, 1 below an eighth, 2 below a full one, else 3."""
    weight = max(rows / _FULL_ROWS, size / _FULL_BYTES)
    return max(0, min(3, 3 + math.floor(math.log(weight, _FAN)))) if weight else 0


def auto_compact(store: Store) -> None:
    """Cheap maintenance after a write. Errors are ignored: the next write tries again.

    While other writers are active (see `storage.writer_leases`), no versions are removed. Readers
    of a removed version get VersionExpiredError, and `Wall` retries with the newest.
    """
    # A concurrent writer, a full disk, or a store that cannot be listed.
    with contextlib.suppress(OSError, RuntimeError, ValueError, DiskSpaceError):
        admin = TableAdmin(store)
        pieces = select_fragments(admin.fragments())
        if pieces:
            check_room(store.address, pieces)
            admin.compact([piece.id for piece in pieces], TARGET_ROWS)
        if _is_costly(admin):
            clean_up(store)


def clean_up(store: Store, *, orphans: bool = False) -> None:
    """Remove old versions unless other writers are active; with `orphans` also unreferenced files.

    In object storage, where writers cannot be detected, only what is older than an hour.
    """
    with store.write_lock():
        others = other_writers(store.address)
        if others is None:
            TableAdmin(store).clean(_GRACE_PERIOD)
        elif not others:
            if orphans:
                # No run may resume from files that are removed now.
                TaskCheckpoints(store.address).clear()
            TableAdmin(store).clean(orphans=orphans)


def _is_costly(admin: TableAdmin) -> bool:
    """Whether old versions take too much space."""
    footprint = admin.footprint()
    allowed = _SPARE_SHARE * footprint.current
    if footprint.versions > _MOST_VERSIONS:
        return True
    return footprint.total - footprint.current > allowed and admin.removable() > allowed


def check_room(address: str, pieces: Sequence[Fragment]) -> None:
    """Raises DiskSpaceError if a local disk has no room for a second copy of the fragments."""
    if is_remote(address):
        return
    needed = sum(piece.bytes for piece in pieces)
    free = shutil.disk_usage(Path(address)).free
    if needed > free:
        raise DiskSpaceError(
            f"{needed / 1e9:.1f} GB are to be written again and {free / 1e9:.1f} GB are free at "
            f"{address}: make room first"
        )
