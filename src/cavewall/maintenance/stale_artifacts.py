"""Finding artifacts that no search uses any more."""

from __future__ import annotations

import time
from pathlib import Path

from cavewall.index.ivf import ARTIFACT
from cavewall.search.vector_space import CLUSTERS, UMAP_ARTIFACT
from cavewall.storage import STANDBY, Store
from cavewall.storage.object_store_errors import is_remote

__all__ = ["stale_artifacts"]

_ABANDONED_SECONDS = 3600
# Those of an older version are what a newer one starts from, until it has its own.
_STARTED_FROM = (ARTIFACT, CLUSTERS, UMAP_ARTIFACT)


def stale_artifacts(store: Store) -> list[Path]:
    """Folders in a local wall's `derived` that the newest version does not use."""
    if is_remote(store.address):
        return []
    return [
        folder
        for folder in sorted(Path(store.address).glob("derived/*/*"))
        if _is_older(folder, store.version)
        or _is_abandoned(folder)
        or (store.metadata.standby is None and folder.parent.name.startswith(f"{STANDBY}-"))
    ]


def _is_older(folder: Path, version: int) -> bool:
    number = folder.name.rpartition("-v")[2]
    if folder.name.startswith(".") or not number.isdecimal() or int(number) >= version:
        return False
    return not folder.parent.name.endswith(_STARTED_FROM)


def _is_abandoned(folder: Path) -> bool:
    try:
        age = time.time() - folder.stat().st_mtime
    except OSError:
        return False
    return folder.name.startswith(".") and age > _ABANDONED_SECONDS
