"""What an `add` is asked to do, and what it will cost."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from cavewall.errors import DiskSpaceError, InputError
from cavewall.ingest.pending import PendingPicture
from cavewall.storage.object_store_errors import is_remote

__all__ = ["IngestProgress", "Missing", "Options", "Plan", "check_room", "plan"]

Missing = Literal["skip", "keep"]

# What a row costs besides its original: thumbnail, vector, captions.
_ROW_OVERHEAD = 24 * 1024


@dataclass(frozen=True)
class Options:
    """How to add.

    Attributes:
        missing: `skip` a captioned picture without a file, or `keep` it without bytes.
        link: store thumbnails and paths, and leave the originals where they are.
        overwrite: replace the wall's content, in one version.
        strict: raise InputError at the first picture that cannot be added.
        retry: try only those that the last `add` of this source skipped.
        prune: remove the pictures that this source brought and no longer has; never more than half
            of what it brought, unless `insist`.
        insist: remove more than half of them too.
    """

    missing: Missing = "skip"
    link: bool = False
    overwrite: bool = False
    strict: bool = False
    retry: bool = False
    prune: bool = False
    insist: bool = False

    def __post_init__(self) -> None:
        if self.missing not in ("skip", "keep"):
            raise InputError(f"missing is 'skip' or 'keep', not {self.missing!r}")
        if self.retry and (self.overwrite or self.prune):
            raise InputError(
                "retry takes up some pictures of a source alone: it goes with neither overwrite "
                "nor prune"
            )
        if self.overwrite and self.prune:
            raise InputError("overwrite leaves nothing to prune: ask for one of them")


@dataclass(frozen=True)
class Plan:
    """What an `add` is about to do, known before anything is read."""

    pictures: int
    stored_bytes: int
    original_bytes: int


class IngestProgress(Protocol):
    """Follows an `add`."""

    def planned(self, plan: Plan) -> None: ...

    def advanced(self, pictures: int) -> None: ...

    def pruning(self, pictures: int) -> None: ...


def plan(jobs: Sequence[PendingPicture], options: Options) -> Plan:
    """What these jobs will read and store."""
    originals = sum(job.bytes for job in jobs)
    return Plan(
        pictures=len(jobs),
        stored_bytes=(0 if options.link else originals) + _ROW_OVERHEAD * len(jobs),
        original_bytes=originals,
    )


def check_room(plan: Plan, address: str) -> None:
    """Raise DiskSpaceError where a local wall's disk cannot hold what is planned."""
    if is_remote(address) or not plan.pictures:
        return
    folder = Path(address).absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if plan.stored_bytes > free:
        raise DiskSpaceError(
            f"{plan.stored_bytes / 1e9:.1f} GB are to be stored and {free / 1e9:.1f} GB are free "
            f"at {folder}: make room, choose another --wall, or leave the originals where they "
            "are with --link"
        )
