"""From a source to rows on a wall: look over, read, encode, write, a window at a time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.errors import DiskSpaceError, InputError
from cavewall.images import UnreadableImageError, digest, scan
from cavewall.pictures import AddReport, Notice, Picture, Reject
from cavewall.sources import Source
from cavewall.store import Known, NewPicture, Store
from cavewall.store.rows import captions_digest

__all__ = ["Missing", "Options", "Plan", "Progress", "add"]

Missing = Literal["skip", "keep"]

_WINDOW_PICTURES = 1024
_WINDOW_BYTES = 128 * 1024 * 1024
_READERS = 4
_LONGEST_ENCODED = 10_000
# What a row costs besides its original: thumbnail, vector, captions.
_ROW_OVERHEAD = 24 * 1024
# A file changed within this time of being added may change again without a newer time stamp.
_CLOCK_GRAIN_NS = 2_000_000_000


@dataclass(frozen=True)
class Options:
    """How to add: what to do where a file is missing, and whether to leave originals in place."""

    missing: Missing = "skip"
    link: bool = False

    def __post_init__(self) -> None:
        if self.missing not in ("skip", "keep"):
            raise InputError(f"missing is 'skip' or 'keep', not {self.missing!r}")


@dataclass(frozen=True)
class Plan:
    """What an `add` is about to do, known before anything is read."""

    pictures: int
    stored_bytes: int
    original_bytes: int


class Progress(Protocol):
    """Whoever wants to watch an `add`."""

    def planned(self, plan: Plan) -> None: ...

    def advanced(self, pictures: int) -> None: ...


@dataclass
class _Job:
    """A picture that has to be read, encoded or written."""

    picture: Picture
    known: Known | None
    size: int | None = None
    modified_ns: int | None = None

    @property
    def has_file(self) -> bool:
        return self.size is not None or self.picture.image is not None

    @property
    def bytes(self) -> int:
        return self.size or len(self.picture.image or b"")


@dataclass
class _Tally:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    loading: float = 0.0
    _rejected: set[str] = field(default_factory=set)

    def skip(self, image_id: str, reason: str) -> None:
        """List the picture, once: what else is wrong with it comes after the first fault."""
        if image_id not in self._rejected:
            self.skipped.append(Reject(image_id, reason))
        if image_id:
            self._rejected.add(image_id)


def add(  # noqa: PLR0913 -- the seam of everything that meets here
    source: Source,
    encoder: Encoder,
    address: str,
    opened: Callable[[], Store],
    known: dict[str, Known],
    options: Options,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    start: float | None = None,
) -> AddReport:
    """Bring a source onto a wall.

    `opened` gives the store, and is asked only once there is something to write; `known` is what
    the wall holds already. With `overwrite`, everything is replaced in one version. `start` is
    the `time.perf_counter()` at which the first of the source was read.
    """
    start = time.perf_counter() if start is None else start
    tally = _Tally()
    run = _Run(source.name, encoder, {} if overwrite else known, options, tally)
    jobs: Iterable[_Job] = run.look_over(source.pictures)
    if source.in_files:
        jobs = list(jobs)
        plan = _plan(jobs, options)
        if progress is not None:
            progress.planned(plan)
        _check_room(plan, address)
    windows = run.windows(jobs, progress)
    if overwrite:
        _overwrite(windows, opened, tally)
    else:
        for rows in windows:
            _write(rows, opened(), known, tally)
    seconds = time.perf_counter() - start - tally.loading
    return AddReport(
        tally.added,
        tally.updated,
        tally.unchanged,
        tuple(tally.skipped),
        seconds,
        tuple(tally.notices),
    )


class _Run:
    """One pass over one source."""

    def __init__(
        self,
        source: str,
        encoder: Encoder,
        known: dict[str, Known],
        options: Options,
        tally: _Tally,
    ) -> None:
        self.source = source
        self.encoder = encoder
        self.known = known
        self.options = options
        self.tally = tally
        self._warm = False

    # What is there to do? Nothing is read here but names, sizes and times.

    def look_over(self, pictures: Iterable[Picture | Reject]) -> Iterator[_Job]:
        seen: set[str] = set()
        for found in pictures:
            if isinstance(found, Reject):
                self.tally.skip(found.image_id, found.reason)
                continue
            if found.image_id in seen:
                self.tally.skip(found.image_id, "duplicate: this id occurs twice in the source")
                continue
            seen.add(found.image_id)
            picture = self._with_captions(found)
            if picture is not None:
                job = self._job(picture)
                if job is not None:
                    yield job

    def _with_captions(self, picture: Picture) -> Picture | None:
        captions = tuple(caption.strip() for caption in picture.captions if caption.strip())
        if not picture.image_id.strip():
            self.tally.skip(picture.image_id, "missing: a picture needs an image_id")
            return None
        if not captions:
            self.tally.skip(picture.image_id, "no-caption: every caption is empty")
            return None
        if not _is_unicode(picture.image_id, *captions):
            reason = "unreadable: the id or a caption is not valid Unicode text"
            self.tally.skip(picture.image_id, reason)
            return None
        empty = len(picture.captions) - len(captions)
        if empty:
            self._notice(picture, f"{empty} of {len(picture.captions)} captions empty, left out")
        longest = max(map(len, captions))
        if longest > _LONGEST_ENCODED:
            self._notice(
                picture,
                f"a caption of {longest:,} characters: kept whole, but search knows only its "
                "beginning",
            )
        return replace(picture, captions=captions, source=self.source)

    def _notice(self, picture: Picture, notice: str) -> None:
        self.tally.notices.append(Notice(picture.image_id, notice))

    def _job(self, picture: Picture) -> _Job | None:
        known = self.known.get(picture.image_id)
        job = _Job(picture, known)
        if picture.image is None and picture.path is not None:
            try:
                status = picture.path.stat()
                job.size, job.modified_ns = status.st_size, status.st_mtime_ns
            except (OSError, ValueError):
                pass
        if known is None and not job.has_file and self.options.missing == "skip":
            where = picture.path or "no file and no bytes given"
            self.tally.skip(picture.image_id, f"missing: {where}")
            return None
        if known is not None and self._is_unchanged(job, known):
            self.tally.unchanged += 1
            return None
        return job

    def _is_unchanged(self, job: _Job, known: Known) -> bool:
        if known.source != self.source or known.captions != captions_digest(job.picture.captions):
            return False
        if not job.has_file:
            return True
        if job.picture.image is not None or not self._stored_alike(job, known):
            return False
        settled = known.added_at.timestamp() * 1e9 - _CLOCK_GRAIN_NS > (job.modified_ns or 0)
        same = (known.file_size, known.file_modified_ns) == (job.size, job.modified_ns)
        return same and settled

    def _stored_alike(self, job: _Job, known: Known) -> bool:
        return known.has_image is not self._is_linked(job)

    def _is_linked(self, job: _Job) -> bool:
        """Bytes that came without a file have nowhere else to be left."""
        return self.options.link and job.picture.image is None

    # Reading, encoding: windows of jobs in, windows of rows out.

    def windows(
        self, jobs: Iterable[_Job], progress: Progress | None
    ) -> Iterator[list[NewPicture]]:
        with ThreadPoolExecutor(_READERS, "cavewall-read") as readers:
            # The next window is read while this one is encoded and written.
            ahead: list[Future[_Job | Reject | None]] | None = None
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

    def _to_write(self, reading: Sequence[Future[_Job | Reject | None]]) -> list[_Job]:
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

    def _read(self, job: _Job) -> _Job | Reject | None:
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
            image=None if self._is_linked(job) else data,
            width=look.width,
            height=look.height,
            sha256=sha256,
            thumbnail=look.thumbnail,
        )
        return job

    def _is_taken(self, known: Known, sha256: str) -> bool:
        """Whether another source brought another picture of this id."""
        return known.source != self.source and known.sha256 not in (None, sha256)

    def _is_known(self, job: _Job, known: Known, sha256: str) -> bool:
        """Whether the wall holds just this, so that there is nothing to write."""
        return (
            known.source == self.source
            and known.sha256 == sha256
            and self._stored_alike(job, known)
            and known.captions == captions_digest(job.picture.captions)
        )

    def _encoded(self, jobs: Sequence[_Job]) -> list[NewPicture]:
        if not jobs:
            return []
        captions = [c[:_LONGEST_ENCODED] for job in jobs for c in job.picture.captions]
        vectors = self._encode(captions)
        starts = np.cumsum([0] + [len(job.picture.captions) for job in jobs[:-1]])
        sums = np.add.reduceat(vectors.astype(np.float64), starts, axis=0)
        lengths = np.linalg.norm(sums, axis=1)
        now = datetime.now(UTC)
        rows = []
        for job, total, length in zip(jobs, sums, lengths, strict=True):
            if length == 0:
                self.tally.skip(job.picture.image_id, "no-caption: the captions cancel out")
                continue
            added = job.known.added_at if job.known else now
            rows.append(
                NewPicture(
                    replace(job.picture, added_at=added, path=_stored_path(job)),
                    (total / length).astype(np.float32),
                    job.size,
                    job.modified_ns,
                )
            )
        return rows

    def _encode(self, captions: list[str]) -> NDArray[np.float32]:
        if not self._warm:
            # The report's seconds are of work done, not of a model coming off the disk.
            start = time.perf_counter()
            self.encoder.encode(["warm"])
            self.tally.loading += time.perf_counter() - start
            self._warm = True
        return self.encoder.encode(captions)


def _windows(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    window: list[_Job] = []
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


def _is_unicode(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _stored_path(job: _Job) -> Path | None:
    path = job.picture.path
    return path.resolve() if path is not None and job.has_file else None


def _write(rows: list[NewPicture], store: Store, known: dict[str, Known], tally: _Tally) -> None:
    whole = [row for row in rows if _is_whole(row, known)]
    captions_only = [row for row in rows if not _is_whole(row, known)]
    if whole:
        store.upsert(whole)
    if captions_only:
        store.update_captions(captions_only)
    for row in rows:
        if row.picture.image_id in known:
            tally.updated += 1
        else:
            tally.added += 1


def _is_whole(row: NewPicture, known: dict[str, Known]) -> bool:
    """A picture whose file is not at hand keeps the bytes that the wall has."""
    return row.picture.sha256 is not None or row.picture.image_id not in known


def _overwrite(
    windows: Iterator[list[NewPicture]], opened: Callable[[], Store], tally: _Tally
) -> None:
    first = next(windows, None)
    if first is None:
        raise InputError(
            "nothing of this source can be stored, so the wall is left as it was: "
            + (tally.skipped[0].reason if tally.skipped else "the source is empty")
        )

    def counted() -> Iterator[list[NewPicture]]:
        for rows in chain([first], windows):
            tally.added += len(rows)
            yield rows

    opened().overwrite(counted())


def _plan(jobs: Sequence[_Job], options: Options) -> Plan:
    originals = sum(job.bytes for job in jobs)
    return Plan(
        pictures=len(jobs),
        stored_bytes=(0 if options.link else originals) + _ROW_OVERHEAD * len(jobs),
        original_bytes=originals,
    )


def _check_room(plan: Plan, address: str) -> None:
    if "://" in address or not plan.pictures:
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
