"""Versions that a power cut tore: files that the disk had not got all of yet.

Lance renames whole files into place, so no death of a process leaves half of one. A machine that
loses its power may: what was written in its last seconds can come back empty. Such versions are
set aside, and the wall is as it was before them; the next `add` brings what they held. So that
there is always one below, files are flushed before older versions are removed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cavewall.storage.locks import write_lock

__all__ = ["fsync", "recover"]

_NEWEST_FIRST = 2**64 - 1
_ASIDE = ".torn"
# By then every system has written on its own what it holds back.
_SETTLED_SECONDS = 600

logger = logging.getLogger(__name__)


def fsync(table: Path, since: float | None = None) -> None:
    """Have the disk take what was written to a local table since then, else in the last minutes."""
    since = time.time() - _SETTLED_SECONDS if since is None else since
    for folder, _, names in os.walk(table):
        recent = [path for name in names if _changed(path := Path(folder, name)) > since]
        for path in recent:
            # Removed meanwhile, or on a file system that knows no flushing: nothing to be done.
            with contextlib.suppress(OSError), path.open("r+b") as file:
                os.fsync(file.fileno())
        if recent and os.name != "nt":
            with contextlib.suppress(OSError):
                _flush_folder(folder)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _flush_folder(folder: str) -> None:
    """A file is there for good when its name is, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def recover(address: str, table: Path) -> bool:
    """Set aside the newest versions of a local table as long as they are torn.

    Returns whether there were any, and a whole one below them. Reads what the newest versions say
    and the sizes of their files, no content.
    """
    with write_lock(address):
        torn: list[Path] = []
        for version, manifest in _manifests(table):
            if _is_whole(table, version):
                for each in torn:
                    each.rename(each.with_name(each.name + _ASIDE))
                if torn:
                    (table / "_versions" / "latest_version_hint.json").unlink(missing_ok=True)
                    logger.warning("%s: %d torn versions were set aside", address, len(torn))
                return bool(torn)
            torn.append(manifest)
        return False


def _manifests(table: Path) -> Iterator[tuple[int, Path]]:
    """Versions and their files, newest first. Lance counts down in the names of newer tables."""
    found = []
    for manifest in (table / "_versions").glob("*.manifest"):
        number = int(manifest.stem)
        found.append((number if number < 2**63 else _NEWEST_FIRST - number, manifest))
    yield from sorted(found, reverse=True)


def _is_whole(table: Path, version: int) -> bool:
    import lance

    try:
        dataset: Any = lance.dataset(str(table), version=version)
        files = [file for piece in dataset.get_fragments() for file in piece.data_files()]
        sizes = [(table / "data" / file.path).stat().st_size for file in files]
    except (OSError, ValueError):
        return False
    expected = [file.file_size_bytes for file in files]
    return all(size == want or not want for size, want in zip(sizes, expected, strict=True))
