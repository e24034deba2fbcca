"""Recovery after a power cut: versions whose files had not fully reached the disk.

Lance renames complete files into place, so a killed process never leaves half a file. A power cut
may: what was written in the last seconds can come back empty. `recover` renames the manifests of
such incomplete versions, so that the newest complete version is the newest again; the next `add`
brings what they held. `fsync` runs before older versions are removed, so that there always is a
complete one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cavewall.storage.locks import write_lock

if TYPE_CHECKING:
    from cavewall.storage.table import Store

__all__ = ["BackgroundFsync", "fsync", "recover"]

_NEWEST_FIRST = 2**64 - 1
_ASIDE = ".torn"
# By then every operating system has written its dirty pages by itself.
_SETTLED_SECONDS = 600
# By how much the time stamps of a file system may be late.
_GRAIN_SECONDS = 2.0

logger = logging.getLogger(__name__)


def fsync(table: Path, since: float | None = None) -> None:
    """Flush to disk what was written to a local table since then, else in the last minutes."""
    since = time.time() - _SETTLED_SECONDS if since is None else since
    for folder, _, names in os.walk(table):
        recent = [path for name in names if _changed(path := Path(folder, name)) > since]
        for path in recent:
            # Removed meanwhile, or on a file system without fsync.
            with contextlib.suppress(OSError), path.open("r+b") as file:
                os.fsync(file.fileno())
        if recent and os.name != "nt":
            with contextlib.suppress(OSError):
                _flush_folder(folder)


class BackgroundFsync:
    """Flushes in a thread of its own, so that little is left for the flush that ends an `add`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "cavewall-flush")
        self._running: Future[None] | None = None
        self._since = time.time() - _GRAIN_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def start(self, store: Store) -> None:
        """Flush what was written since the last time, unless a flush is still running."""
        if self._running is None or self._running.done():
            since, self._since = self._since, time.time() - _GRAIN_SECONDS
            self._running = self._thread.submit(store.fsync, since)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _flush_folder(folder: str) -> None:
    """A new file survives a power cut only if its directory entry was flushed, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def recover(address: str, table: Path) -> bool:
    """Rename the manifests of the newest versions of a local table that are incomplete.

    Returns whether there were any, with a complete version before them. Reads manifests and file
    sizes of the newest versions only.
    """
    with write_lock(address):
        incomplete: list[Path] = []
        for version, manifest in _manifests(table):
            if _is_complete(table, version):
                for each in incomplete:
                    each.rename(each.with_name(each.name + _ASIDE))
                if incomplete:
                    (table / "_versions" / "latest_version_hint.json").unlink(missing_ok=True)
                    logger.warning("%s: %d torn versions were set aside", address, len(incomplete))
                return bool(incomplete)
            incomplete.append(manifest)
        return False


def _manifests(table: Path) -> Iterator[tuple[int, Path]]:
    """Versions and manifests, newest first. Newer tables count down from 2^64 - 1 in the names."""
    found = []
    for manifest in (table / "_versions").glob("*.manifest"):
        number = int(manifest.stem)
        found.append((number if number < 2**63 else _NEWEST_FIRST - number, manifest))
    yield from sorted(found, reverse=True)


def _is_complete(table: Path, version: int) -> bool:
    import lance

    try:
        dataset: Any = lance.dataset(str(table), version=version)
        files = [file for piece in dataset.get_fragments() for file in piece.data_files()]
        sizes = [(table / "data" / file.path).stat().st_size for file in files]
    except (OSError, ValueError):
        return False
    expected = [file.file_size_bytes for file in files]
    return all(size == want or not want for size, want in zip(sizes, expected, strict=True))
