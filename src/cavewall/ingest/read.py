"""Reading one picture: bytes, digest, size, thumbnail. Called from several threads."""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import replace

from cavewall._internal.images import MAX_BYTES, UnreadableImageError, decode, digest
from cavewall._internal.object_store import AnyPath, ObjectPath
from cavewall._internal.terminal_text import os_error_text
from cavewall.encoders import ImageEncoder
from cavewall.errors import StorageError
from cavewall.ingest.diff import ChangeDetector, stripped
from cavewall.ingest.missing import MoveDetector
from cavewall.ingest.pending import PendingPicture
from cavewall.models import Reject
from cavewall.storage import ExistingRow

__all__ = ["Reader"]


# Threads that wait for a bucket are cheap; decoded pictures are not: limit their number.
_DECODERS = 4
# After this many failures in a row, a bucket is not tried for all other pictures.
_MOST_LOST = 64


class Reader:
    """Reads pictures, and prepares them for an image encoder where there is one.

    Thread-safe.
    """

    def __init__(
        self,
        triage: ChangeDetector,
        vanished: MoveDetector | None,
        image_encoder: ImageEncoder | None = None,
    ) -> None:
        self.triage = triage
        self.vanished = vanished
        self.image_encoder = image_encoder
        self._lost = 0
        self._decoding = threading.BoundedSemaphore(_DECODERS)

    def read(self, job: PendingPicture) -> PendingPicture | Reject | None:
        """The job with bytes, digest and thumbnail; None where the wall has it all.

        Of a picture that may have moved the thumbnail is not made: see `inspect`.

        Raises:
            StorageError: none of the last pictures could be fetched from their bucket.
        """
        if not job.has_file:
            return job
        try:
            data = job.picture.image if job.picture.image is not None else _contents(job)
        except (UnreadableImageError, OSError) as fault:
            self._count(job, fault)
            return self._reject(job, _reason(fault))
        self._lost = 0
        said = self._said(job, data)
        if said is not None:
            return said
        sha256 = digest(data)
        if job.known is not None and self._is_known(job, job.known, sha256):
            job.moved_from = job.picture.image_id
            return job if job.elsewhere else None
        job.picture = replace(job.picture, image=data, sha256=sha256)
        if job.known is not None and self._is_taken(job.known, sha256):
            reason = f"duplicate: another picture of this id came from {job.known.source}"
            return self._reject(job, reason)
        may_have_moved = self.vanished is not None and self.vanished.has(sha256)
        return job if job.known is None and may_have_moved else self.inspect(job)

    def _count(self, job: PendingPicture, fault: Exception) -> None:
        """Count what a bucket did not give: a thread that counts beside another does no harm."""
        is_lost = isinstance(fault, OSError) and fault.errno == errno.EIO
        if not is_lost or not isinstance(job.picture.path, ObjectPath):
            return
        self._lost += 1
        if self._lost >= _MOST_LOST:
            raise StorageError(
                f"{_MOST_LOST} pictures in a row could not be fetched, this one because "
                f"{os_error_text(fault)}"
            )

    def inspect(self, job: PendingPicture) -> PendingPicture | Reject:
        """The job with the picture's size and thumbnail, without bytes that are not kept."""
        assert job.picture.image is not None
        eye = None if job.same_image else self.image_encoder
        try:
            with self._decoding:
                look = decode(job.picture.image, job.picture.sha256, eye.side if eye else 0)
        except UnreadableImageError as fault:
            return self._reject(job, f"unreadable: {fault}")
        job.picture = replace(
            job.picture,
            image=None if self.triage.is_linked(job) else job.picture.image,
            width=look.width,
            height=look.height,
            thumbnail=look.thumbnail,
        )
        if eye is not None and look.picture is not None:
            job.prepared = eye.prepare(look.picture)
        return job

    def _said(self, job: PendingPicture, data: bytes) -> Reject | None:
        """Give the job what its source says only now, where it does; why it is rejected, else."""
        if self.triage.look is None:
            return None
        found = self.triage.look(job.picture, data)
        if isinstance(found, Reject):
            return found
        captions = stripped(found.captions)
        job.picture = replace(job.picture, captions=captions, metadata=found.metadata)
        return None

    def _reject(self, job: PendingPicture, reason: str) -> Reject:
        return Reject(job.picture.image_id, reason, self.triage.place(job.picture))

    def _is_taken(self, known: ExistingRow, sha256: str) -> bool:
        """Whether another source brought another picture of this id."""
        return known.source != self.triage.source and known.sha256 not in (None, sha256)

    def _is_known(self, job: PendingPicture, known: ExistingRow, sha256: str) -> bool:
        """Whether the wall holds just this, so that there is nothing to write."""
        return (
            known.source == self.triage.source
            and known.sha256 == sha256
            and self.triage.stored_alike(job, known)
            and job.same_captions
            and (known.is_seen or not self.triage.sees)
        )


def _contents(job: PendingPicture) -> bytes:
    """The whole file as it stood at one time, read again once where it changes meanwhile."""
    path = job.picture.path
    assert path is not None
    if isinstance(path, ObjectPath):
        return path.read(MAX_BYTES)
    if not path.is_file():
        if not path.exists():
            raise FileNotFoundError(path)
        # A pipe or a device would be waited for, or never end.
        raise UnreadableImageError("this is no regular file")
    for _ in range(2):
        before = path.stat()
        data = path.read_bytes()
        after = path.stat()
        if _state(before) == _state(after) and len(data) == after.st_size:
            job.size, job.modified_ns = after.st_size, after.st_mtime_ns
            return data
    raise UnreadableImageError("the file changes while it is read")


def _reason(fault: UnreadableImageError | OSError) -> str:
    if isinstance(fault, FileNotFoundError):
        return "missing: the file has gone since the source was looked over"
    return f"unreadable: {os_error_text(fault)}"


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def stored_path(job: PendingPicture) -> AnyPath | None:
    """Where the picture was found, to be kept with it."""
    path = job.picture.path
    return path.resolve() if path is not None and job.has_file else None
