"""The pipeline of an `add`: while one window of pictures is written, the next is encoded and the
one after it is read.

Reading waits for disks and networks, encoding for the CPU or GPU, writing for Lance: overlapped,
the slowest of them sets the pace. Three windows are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, ImageEncoder
from cavewall.ingest.diff import ChangeDetector
from cavewall.ingest.encode import Encoded, EncodeStage
from cavewall.ingest.missing import MoveDetector
from cavewall.ingest.options import IngestProgress
from cavewall.ingest.pending import IngestStats, PendingPicture
from cavewall.ingest.read import Reader, stored_path
from cavewall.ingest.write import Window
from cavewall.models import Picture, Reject
from cavewall.storage import IMAGE_VECTOR, VECTOR, NewPicture, RowRename
from cavewall.storage.existing_rows import captions_digest

__all__ = ["Windows"]

_WINDOW_PICTURES = 1024
# The input of an image encoder takes 150 kB a picture and more.
_WINDOW_SEEN = 256
# Three windows are in memory at a time, and copies of the one that is written.
_WINDOW_BYTES = 16 * 1024 * 1024
_READERS = 16


@dataclass
class _Read:
    """A window of `count` pictures that has been read, and is being encoded."""

    count: int
    unchanged: int
    rejects: list[Reject]
    jobs: list[PendingPicture]
    stored: _Stored
    encoded: Encoded


@dataclass
class _Stored:
    """Vectors that the wall has already, by image_id."""

    captions: dict[str, NDArray[np.float32]]
    images: dict[str, NDArray[np.float32]]


class Windows:
    """Turns pending pictures into rows.

    `stored` gives the vectors that the wall has in a column, by image_id.
    """

    def __init__(
        self,
        triage: ChangeDetector,
        vanished: MoveDetector | None,
        encoder: Encoder,
        stored: Callable[[list[str], str], dict[str, NDArray[np.float32]]],
        image_encoder: ImageEncoder | None = None,
    ) -> None:
        self.triage = triage
        self.vanished = vanished
        self.encoder = encoder
        self.image_encoder = image_encoder
        self.stored = stored
        self.tally: IngestStats = triage.tally
        self._reader = Reader(triage, vanished, image_encoder)

    def made(
        self, jobs: Iterable[PendingPicture], progress: IngestProgress | None
    ) -> Generator[Window, None, None]:
        """What to write, a window at a time.

        While one is written, which is the caller's part, the next is encoded and the one after it
        is read.
        """
        readers = ThreadPoolExecutor(_READERS, "cavewall-read")
        try:
            with EncodeStage(self.encoder, self.tally, self.image_encoder) as encoding:
                reading: list[Future[PendingPicture | Reject | None]] | None = None
                read: _Read | None = None
                most = _WINDOW_PICTURES if self.image_encoder is None else _WINDOW_SEEN
                for window in chain(_windows(map(self.triage.completed, jobs), most), [None, None]):
                    self._preload_encoder(window, encoding)
                    ahead = (
                        None
                        if window is None
                        else [readers.submit(self._reader.read, job) for job in window]
                    )
                    following = None if reading is None else self._read(reading, encoding)
                    reading = ahead
                    if read is not None:
                        made = self._made(read)
                        count = read.count
                        # Drop the references, so that the memory is free while the caller writes.
                        read = None
                        if made is not None:
                            yield made
                            made = None
                        if progress is not None:
                            progress.advanced(count)
                    read = following
        finally:
            # On an error or interrupt, do not read the pictures that are still queued.
            readers.shutdown(wait=True, cancel_futures=True)

    def _read(
        self, reading: Sequence[Future[PendingPicture | Reject | None]], encoding: EncodeStage
    ) -> _Read:
        """The window's pictures as they come from the readers, handed on to be encoded.

        Counts are not updated yet: the window before this one is still to be written.
        """
        rejects: list[Reject] = []
        jobs: list[PendingPicture] = []
        same: dict[str, Picture] = {}
        seen: dict[str, str] = {}
        for answer in reading:
            found = answer.result()
            if isinstance(found, PendingPicture) and found.picture.image is not None:
                found = self._moved(found)
            if isinstance(found, Reject):
                rejects.append(found)
            elif found is not None:
                jobs.append(found)
                if not _is_move_alone(found):
                    self._encode(found, encoding, same, seen)
        stored = _Stored(
            {
                same.pop(name).image_id: vector
                for name, vector in self.stored(list(same), VECTOR).items()
            },
            {seen[name]: vector for name, vector in self.stored(list(seen), IMAGE_VECTOR).items()},
        )
        # The wall may have a picture without its vector.
        for picture in same.values():
            if picture.captions:
                encoding.submit(picture)
        unchanged = len(reading) - len(rejects) - len(jobs)
        return _Read(len(reading), unchanged, rejects, jobs, stored, encoding.finish())

    def _encode(
        self,
        job: PendingPicture,
        encoding: EncodeStage,
        same: dict[str, Picture],
        seen: dict[str, str],
    ) -> None:
        """Encode what is new of a picture; note under its old id what the wall has."""
        before, picture = job.moved_from or job.picture.image_id, job.picture
        if job.same_captions:
            same[before] = picture
        elif picture.captions:
            encoding.submit(picture)
        if job.prepared is not None:
            encoding.see(picture.image_id, job.prepared)
            # In memory for the encoder alone.
            job.prepared = None
        elif self.image_encoder is not None and job.same_image:
            seen[before] = picture.image_id

    def _preload_encoder(self, window: list[PendingPicture] | None, encoding: EncodeStage) -> None:
        """Load the image encoder before readers need it, where it is sure that they will."""
        if self.image_encoder is None or window is None:
            return
        if self.vanished is not None and self.vanished.image_ids:
            return  # what looks new may have moved
        if any(job.known is None and job.has_file for job in window):
            encoding.ready_to_see()

    def _moved(self, job: PendingPicture) -> PendingPicture | Reject:
        """The picture, marked as moved if the wall has its bytes under a missing id."""
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
        return job if job.picture.thumbnail is not None else self._reader.inspect(job)

    def _made(self, read: _Read) -> Window | None:
        self.tally.unchanged += read.unchanged
        for reject in read.rejects:
            self.tally.skip(reject.image_id, reject.reason, reject.place)
        vectors = read.stored.captions | {
            image_id: vector for image_id, vector in read.encoded.captions.arrived() if vector.any()
        }
        images = read.stored.images | dict(read.encoded.images.arrived())
        now = datetime.now(UTC)
        window = Window([], [], [])
        for job in read.jobs:
            if self.triage.look is not None:
                self.triage.note_long(job.picture, job.picture.captions)
            if not _is_move_alone(job):
                image_id = job.picture.image_id
                self._put(job, vectors.get(image_id), images.get(image_id), now, window)
            if job.moved_from is not None:
                window.moves.append(
                    RowRename(
                        job.moved_from,
                        job.picture.image_id,
                        stored_path(job),
                        job.size,
                        job.modified_ns,
                    )
                )
        return window if window.whole or window.captions_only or window.moves else None

    def _put(
        self,
        job: PendingPicture,
        vector: NDArray[np.float32] | None,
        image_vector: NDArray[np.float32] | None,
        now: datetime,
        window: Window,
    ) -> None:
        if vector is None and job.picture.captions:
            self.triage.skip(job.picture, "no-caption: the captions cancel out")
            return
        added = job.known.added_at if job.known else now
        picture = replace(job.picture, added_at=added, path=stored_path(job))
        row = NewPicture(picture, vector, job.size, job.modified_ns, image_vector)
        # A picture whose file is not at hand keeps the bytes that the wall has.
        is_whole = picture.sha256 is not None or job.known is None
        (window.whole if is_whole else window.captions_only).append(row)


def _is_move_alone(job: PendingPicture) -> bool:
    return job.moved_from is not None and job.picture.sha256 is None and job.same_captions


def _windows(jobs: Iterable[PendingPicture], most: int) -> Iterator[list[PendingPicture]]:
    window: list[PendingPicture] = []
    size = 0
    for job in jobs:
        window.append(job)
        size += job.bytes
        if len(window) >= most or size >= _WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window
