"""Windows of pictures: read in threads while the one before is encoded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.images import UnreadableImageError, digest, scan
from cavewall.ingest.jobs import Job, Tally
from cavewall.ingest.plan import Progress
from cavewall.ingest.triage import LONGEST_ENCODED, Triage
from cavewall.pictures import Reject
from cavewall.store import Known, NewPicture

__all__ = ["Windows"]

_WINDOW_PICTURES = 1024
_WINDOW_BYTES = 128 * 1024 * 1024
_READERS = 4


class Windows:
    """Turns jobs into rows. `stored` gives the vectors that the wall has, by image_id."""

    def __init__(
        self,
        triage: Triage,
        encoder: Encoder,
        stored: Callable[[list[str]], dict[str, NDArray[np.float32]]],
    ) -> None:
        self.triage = triage
        self.encoder = encoder
        self.stored = stored
        self.tally: Tally = triage.tally
        self._warm = False

    def rows(self, jobs: Iterable[Job], progress: Progress | None) -> Iterator[list[NewPicture]]:
        """Rows to write, a window at a time."""
        with ThreadPoolExecutor(_READERS, "cavewall-read") as readers:
            # The next window is read while this one is encoded and written.
            ahead: list[Future[Job | Reject | None]] | None = None
            for window in chain(_windows(jobs), [None]):
                reading = (
                    None if window is None else [readers.submit(self._read, j) for j in window]
                )
                if ahead is not None:
                    rows = self._encoded(self._to_write(ahead))
                    if rows:
                        yield rows
                    if progress is not None:
                        progress.advanced(len(ahead))
                ahead = reading

    def _to_write(self, reading: Sequence[Future[Job | Reject | None]]) -> list[Job]:
        # Readers only answer: the tally belongs to one thread, and keeps the source's order.
        jobs = []
        for answer in reading:
            found = answer.result()
            if isinstance(found, Reject):
                self.tally.skip(found.image_id, found.reason)
            elif found is None:
                self.tally.unchanged += 1
            else:
                jobs.append(found)
        return jobs

    def _read(self, job: Job) -> Job | Reject | None:
        """The job with bytes, digest and thumbnail; None where the wall has it all."""
        picture, known = job.picture, job.known
        if not job.has_file:
            return job
        try:
            data = picture.image if picture.image is not None else _bytes(picture.path)
            sha256 = digest(data)
            if known is not None and self._is_taken(known, sha256):
                reason = f"duplicate: another picture of this id came from {known.source}"
                return Reject(picture.image_id, reason)
            if known is not None and self._is_known(job, known, sha256):
                return None
            look = scan(data)
        except UnreadableImageError as fault:
            return Reject(picture.image_id, f"unreadable: {fault}")
        except OSError as fault:
            return Reject(picture.image_id, f"unreadable: {fault.strerror or fault}")
        job.picture = replace(
            picture,
            image=None if self.triage.is_linked(job) else data,
            width=look.width,
            height=look.height,
            sha256=sha256,
            thumbnail=look.thumbnail,
        )
        return job

    def _is_taken(self, known: Known, sha256: str) -> bool:
        """Whether another source brought another picture of this id."""
        return known.source != self.triage.source and known.sha256 not in (None, sha256)

    def _is_known(self, job: Job, known: Known, sha256: str) -> bool:
        """Whether the wall holds just this, so that there is nothing to write."""
        return (
            known.source == self.triage.source
            and known.sha256 == sha256
            and self.triage.stored_alike(job, known)
            and job.says_the_same
        )

    def _encoded(self, jobs: Sequence[Job]) -> list[NewPicture]:
        vectors = self._vectors(jobs)
        now = datetime.now(UTC)
        rows = []
        for job in jobs:
            image_id = job.picture.image_id
            if image_id not in vectors:
                self.tally.skip(image_id, "no-caption: the captions cancel out")
                continue
            added = job.known.added_at if job.known else now
            picture = replace(job.picture, added_at=added, path=_stored_path(job))
            rows.append(NewPicture(picture, vectors[image_id], job.size, job.modified_ns))
        return rows

    def _vectors(self, jobs: Sequence[Job]) -> dict[str, NDArray[np.float32]]:
        """The mean of each picture's caption vectors, encoded where the wall does not have it."""
        vectors = self.stored([job.picture.image_id for job in jobs if job.says_the_same])
        new = [job.picture for job in jobs if job.picture.image_id not in vectors]
        if not new:
            return vectors
        encoded = self._encode([c[:LONGEST_ENCODED] for picture in new for c in picture.captions])
        starts = np.cumsum([0] + [len(picture.captions) for picture in new[:-1]])
        sums = np.add.reduceat(encoded.astype(np.float64), starts, axis=0)
        lengths = np.linalg.norm(sums, axis=1)
        for picture, total, length in zip(new, sums, lengths, strict=True):
            if length > 0:
                vectors[picture.image_id] = (total / length).astype(np.float32)
        return vectors

    def _encode(self, captions: list[str]) -> NDArray[np.float32]:
        if not self._warm:
            # The report's seconds are of work done, not of a model coming off the disk.
            start = time.perf_counter()
            self.encoder.encode(["warm"])
            self.tally.loading += time.perf_counter() - start
            self._warm = True
        return self.encoder.encode(captions)


def _windows(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    window: list[Job] = []
    size = 0
    for job in jobs:
        window.append(job)
        size += job.bytes
        if len(window) >= _WINDOW_PICTURES or size >= _WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window


def _bytes(path: Path | None) -> bytes:
    assert path is not None
    if not path.is_file():
        # A pipe or a device would be waited for, or never end.
        raise UnreadableImageError("this is no regular file")
    return path.read_bytes()


def _stored_path(job: Job) -> Path | None:
    path = job.picture.path
    return path.resolve() if path is not None and job.has_file else None
