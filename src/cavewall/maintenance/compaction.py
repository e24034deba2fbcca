"""Which pieces of a table are worth writing together, and upkeep after every write.

Small writes leave small fragments, updates leave dead rows, and both leave old versions. Eight
fragments of one size become one, so that a row is written again a few times in its life, however
many small adds follow; a fragment of a window's size is left alone until a tenth of it is dead.
Old versions stay until they cost a tenth of what the newest takes.
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

# A fragment that an `add` of many pictures writes: no need to make more of it.
TARGET_ROWS = 1024
# A window of an `add` ends at 1,024 pictures or 16 MB (`cavewall.ingest.batches`): both are full.
_FULL_ROWS, _FULL_BYTES = 512, 12 * 1024 * 1024
_FAN = 8
_DEAD_SHARE = 0.1
_SPARE_SHARE = 0.1
_MOST_VERSIONS = 128
# In object storage nobody can tell who is at work.
_GRACE_PERIOD = timedelta(hours=1)


def select_fragments(fragments: Sequence[Fragment], *, thorough: bool = False) -> list[Fragment]:
    """The fragments that should be written again now, in their order.

    `thorough` takes every dead row and all small neighbours, and not only what pays for itself.
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
    """Runs of fragments that are none of a higher level."""
    for small, run in groupby(fragments, lambda piece: _level_of(piece) <= level):
        if small:
            yield list(run)


def _level_of(piece: Fragment) -> int:
    return _level(piece.rows, piece.bytes)


def _level(rows: int, size: int) -> int:
    """0 for less than a 64th of a full fragment, 1 for less than an eighth, 2, and 3 for full."""
    weight = max(rows / _FULL_ROWS, size / _FULL_BYTES)
    return max(0, min(3, 3 + math.floor(math.log(weight, _FAN)))) if weight else 0


def auto_compact(store: Store) -> None:
    """Cheap upkeep after a write. What cannot be done now is left for later: no write fails of it.

    Whoever is at work (see `storage.writer_leases`) keeps the versions that the work may rest
    on. Readers of versions that go are told by VersionExpiredError, and `Wall` asks again.
    """
    # Another writer, a full disk, a store that cannot be listed: the next write tries again.
    with contextlib.suppress(OSError, RuntimeError, ValueError, DiskSpaceError):
        admin = TableAdmin(store)
        pieces = select_fragments(admin.fragments())
        if pieces:
            check_room(store.address, pieces)
            admin.compact([piece.id for piece in pieces], TARGET_ROWS)
        if _is_costly(admin):
            clean_up(store)


def clean_up(store: Store, *, orphans: bool = False) -> None:
    """Remove old versions where nobody is at work, with `orphans` what stopped writers left too.

    In object storage, where nobody can tell who is, what is older than an hour.
    """
    with store.write_lock():
        others = other_writers(store.address)
        if others is None:
            TableAdmin(store).clean(_GRACE_PERIOD)
        elif not others:
            if orphans:
                # Nobody may go on with what is removed now.
                TaskCheckpoints(store.address).clear()
            TableAdmin(store).clean(orphans=orphans)


def _is_costly(admin: TableAdmin) -> bool:
    """Whether old versions take too much."""
    footprint = admin.footprint()
    allowed = _SPARE_SHARE * footprint.current
    if footprint.versions > _MOST_VERSIONS:
        return True
    return footprint.total - footprint.current > allowed and admin.removable() > allowed


def check_room(address: str, pieces: Sequence[Fragment]) -> None:
    """Raise DiskSpaceError where a local disk cannot hold the pieces twice."""
    if is_remote(address):
        return
    needed = sum(piece.bytes for piece in pieces)
    free = shutil.disk_usage(Path(address)).free
    if needed > free:
        raise DiskSpaceError(
            f"{needed / 1e9:.1f} GB are to be written again and {free / 1e9:.1f} GB are free at "
            f"{address}: make room first"
        )
