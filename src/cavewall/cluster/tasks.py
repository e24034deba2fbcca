"""Content-defined chunking of the jobs of an `add` into tasks.

An interrupted run is resumed from its finished tasks. The end of a task is therefore determined by
the ids of its pictures, not by counting: a picture inserted at the beginning of a source leaves
later tasks unchanged.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cavewall.ingest.pending import PendingPicture

__all__ = ["Task", "in_tasks", "task_size"]

_LEAST, _MOST, _TASKS = 256, 4096, 32
# Limits the work that is repeated when a worker dies to some seconds.
_BYTES = 256 * 1024 * 1024
# Batches of known pictures are returned to the driver, which writes them.
_BYTES_BACK = 64 * 1024 * 1024


@dataclass(frozen=True)
class Task:
    """Jobs of one kind, in order.

    `positions` are their indices among all jobs; `is_new` is set if none is on the wall yet.
    """

    jobs: list[PendingPicture]
    positions: list[int]
    is_new: bool

    @property
    def key(self) -> str:
        """A key that is equal only for the same jobs with files of the same size and time."""
        digest = hashlib.blake2b(digest_size=16)
        for job in self.jobs:
            picture = job.picture
            image = None if picture.image is None else hashlib.sha256(picture.image).digest()
            of_file = (str(picture.path), job.size, job.modified_ns, image)
            parts = (picture.image_id, picture.captions, dict(picture.metadata), *of_file)
            digest.update(repr(parts).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def task_size(count: int | None) -> int:
    """Pictures per task: a power of two, so that a few more pictures do not change it."""
    wanted = _MOST if count is None else count // _TASKS
    return min(_MOST, max(_LEAST, 1 << max(0, wanted.bit_length() - 1)))


def in_tasks(jobs: Iterable[tuple[int, PendingPicture]], size: int) -> Iterator[Task]:
    """Tasks of half to double the size, each of new or of known pictures only."""
    gathered: dict[bool, list[tuple[int, PendingPicture]]] = {True: [], False: []}
    bytes_of = {True: 0, False: 0}
    for position, job in jobs:
        is_new = job.known is None
        part = gathered[is_new]
        part.append((position, _absolute(job)))
        bytes_of[is_new] += job.bytes
        if _ends(job, len(part), size) or bytes_of[is_new] >= (_BYTES if is_new else _BYTES_BACK):
            yield _task(part, is_new)
            gathered[is_new], bytes_of[is_new] = [], 0
    for is_new, part in gathered.items():
        if part:
            yield _task(part, is_new)


def _ends(job: PendingPicture, count: int, size: int) -> bool:
    if count < size // 2:
        return False
    name = zlib.crc32(job.picture.image_id.encode("utf-8", "surrogatepass"))
    return count >= 2 * size or name % max(1, size // 2) == 0


def _task(part: list[tuple[int, PendingPicture]], is_new: bool) -> Task:
    return Task([job for _, job in part], [position for position, _ in part], is_new)


def _absolute(job: PendingPicture) -> PendingPicture:
    """The job with an absolute path, valid in processes with another working folder."""
    path = job.picture.path
    if not isinstance(path, Path) or path.is_absolute():
        return job
    return replace(job, picture=replace(job.picture, path=path.absolute()))
