"""Windows of pictures: read in threads while the one before is encoded."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, encode_pictures
from cavewall.ingest.commits import Window
from cavewall.ingest.jobs import Job, Tally
from cavewall.ingest.plan import Progress
from cavewall.ingest.reading import Reader, stored_path
from cavewall.ingest.triage import Triage
from cavewall.ingest.vanished import Vanished
from cavewall.pictures import Reject
from cavewall.store import Move, NewPicture
from cavewall.store.known import captions_digest

__all__ = ["Windows"]

_WINDOW_PICTURES = 1024
# Two windows are in memory at a time, and while one is written several copies of it: seven bytes
# of peak for each of these.
_WINDOW_BYTES = 16 * 1024 * 1024
_READERS = 4


class Windows:
    """Turns jobs into rows. `stored` gives the vectors that the wall has, by image_id."""

    def __init__(
        self,
        triage: Triage,
        vanished: Vanished | None,
        encoder: Encoder,
        stored: Callable[[list[str]], dict[str, NDArray[np.float32]]],
    ) -> None:
        self.triage = triage
        self.vanished = vanished
        self.encoder = encoder
        self.stored = stored
        self.tally: Tally = triage.tally
        self._reader = Reader(triage, vanished)
        self._warm = False

    def made(self, jobs: Iterable[Job], progress: Progress | None) -> Generator[Window, None, None]:
        """What to write, a window at a time."""
        readers = ThreadPoolExecutor(_READERS, "cavewall-read")
        try:
            # The next window is read while this one is encoded and written.
            ahead: list[Future[Job | Reject | None]] | None = None
            for window in chain(_windows(map(self.triage.completed, jobs)), [None]):
                reading = (
                    None
                    if window is None
                    else [readers.submit(self._reader.read, job) for job in window]
                )
                if ahead is not None:
                    count = len(ahead)
                    made = self._made(self._to_write(ahead))
                    # What is not kept here is free while the window is written.
                    ahead = None
                    if made is not None:
                        yield made
                        made = None
                    if progress is not None:
                        progress.advanced(count)
                ahead = reading
        finally:
            # Whatever stops the work, nobody waits for pictures that nobody wants.
            readers.shutdown(wait=True, cancel_futures=True)

    def _to_write(self, reading: Sequence[Future[Job | Reject | None]]) -> list[Job]:
        # Readers only answer: the tally belongs to one thread, and keeps the source's order.
        jobs = []
        for answer in reading:
            found = answer.result()
            if isinstance(found, Job) and found.picture.image is not None:
                found = self._moved(found)
            if isinstance(found, Reject):
                self.tally.skip(found.image_id, found.reason, found.place)
            elif found is None:
                self.tally.unchanged += 1
            else:
                jobs.append(found)
        return jobs

    def _moved(self, job: Job) -> Job | Reject:
        """The job, told to be a move where the wall has the picture under a vanished id."""
        sha256 = job.picture.sha256
        if job.known is not None or self.vanished is None or sha256 is None:
            return job
        claimed = self.vanished.claim(sha256, captions_digest(job.picture.captions))
        if claimed is not None:
            job.moved_from, job.known = claimed
            if self.triage.stored_alike(job, job.known):
                # The row keeps what is stored of the picture.
                job.picture = replace(job.picture, image=None, sha256=None)
                return job
        return job if job.picture.thumbnail is not None else self._reader.look(job)

    def _made(self, jobs: Sequence[Job]) -> Window | None:
        rows = [job for job in jobs if not _is_move_alone(job)]
        vectors = self._vectors(rows)
        now = datetime.now(UTC)
        window = Window([], [], [])
        for job in rows:
            image_id = job.picture.image_id
            if image_id not in vectors:
                self.triage.skip(job.picture, "no-caption: the captions cancel out")
                continue
            added = job.known.added_at if job.known else now
            picture = replace(job.picture, added_at=added, path=stored_path(job))
            row = NewPicture(picture, vectors[image_id], job.size, job.modified_ns)
            # A picture whose file is not at hand keeps the bytes that the wall has.
            is_whole = picture.sha256 is not None or job.known is None
            (window.whole if is_whole else window.captions_only).append(row)
        for job in jobs:
            if job.moved_from is not None:
                window.moves.append(
                    Move(
                        job.moved_from,
                        job.picture.image_id,
                        stored_path(job),
                        job.size,
                        job.modified_ns,
                    )
                )
        return window if window.whole or window.captions_only or window.moves else None

    def _vectors(self, jobs: Sequence[Job]) -> dict[str, NDArray[np.float32]]:
        """The mean of each picture's caption vectors, encoded where the wall does not have it."""
        same = {
            job.moved_from or job.picture.image_id: job.picture.image_id
            for job in jobs
            if job.says_the_same
        }
        vectors = {same[name]: vector for name, vector in self.stored(list(same)).items()}
        new = [job.picture for job in jobs if job.picture.image_id not in vectors]
        if not new:
            return vectors
        encoded = encode_pictures([picture.captions for picture in new], self._encode)
        for picture, vector in zip(new, encoded, strict=True):
            if vector.any():
                vectors[picture.image_id] = vector
        return vectors

    def _encode(self, captions: list[str]) -> NDArray[np.float32]:
        if not self._warm:
            # The report's seconds are of work done, not of a model coming off the disk.
            start = time.perf_counter()
            self.encoder.encode(["warm"])
            self.tally.loading += time.perf_counter() - start
            self._warm = True
        return self.encoder.encode(captions)


def _is_move_alone(job: Job) -> bool:
    return job.moved_from is not None and job.picture.sha256 is None and job.says_the_same


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
