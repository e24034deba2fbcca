"""Thorough compaction and clean-up on demand."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from typing import Any

from cavewall.maintenance.compaction import TARGET_ROWS, check_room, clean_up, select_fragments
from cavewall.maintenance.stale_artifacts import stale_artifacts
from cavewall.storage import Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["OptimizeReport", "optimize"]


@dataclass(frozen=True)
class OptimizeReport:
    """Bytes on disk, fragments and versions, before and after."""

    bytes_before: int
    bytes_after: int
    fragments_before: int
    fragments_after: int
    versions_before: int
    versions_after: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def optimize(store: Store) -> OptimizeReport:
    """Merge small fragments, and remove deleted rows, old versions and files of killed writers.

    Stale artifacts are removed as well. The newest version, all tagged ones and the last
    overwritten one are kept. While other writers are active, so are their files; in object
    storage, where writers cannot be detected, everything of the last hour.

    Raises:
        DiskSpaceError: there is too little room to rewrite fragments.
    """
    admin = TableAdmin(store)
    before, pieces = admin.footprint(), admin.fragments()
    # First make room: old versions may fill the disk.
    clean_up(store, orphans=True)
    chosen = select_fragments(pieces, thorough=True)
    if chosen:
        check_room(store.address, chosen)
        admin.compact([piece.id for piece in chosen], TARGET_ROWS)
        clean_up(store, orphans=True)
    for folder in stale_artifacts(store):
        shutil.rmtree(folder, ignore_errors=True)
    after = admin.footprint()
    return OptimizeReport(
        before.total,
        after.total,
        len(pieces),
        len(admin.fragments()),
        before.versions,
        after.versions,
    )
