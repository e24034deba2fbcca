"""One `add`, from the first look at the source to the last commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, ImageEncoder
from cavewall.errors import InputError
from cavewall.ingest.diff import ChangeDetector
from cavewall.ingest.engine import Engine, IngestJob, LocalEngine
from cavewall.ingest.missing import MissingPictures, is_within, prune
from cavewall.ingest.options import IngestProgress, Options, check_room, plan
from cavewall.ingest.pending import IngestStats, PendingPicture
from cavewall.ingest.sources import Source
from cavewall.ingest.write import Writer
from cavewall.models import AddReport, Notice, Picture, Reject
from cavewall.storage import ExistingRows, Store
from cavewall.storage.crash_recovery import BackgroundFsync
from cavewall.storage.locks import raise_on_disk_full
from cavewall.storage.rows import utf8

__all__ = ["add"]


def add(  # noqa: PLR0913 -- one thing each
    source: Source,
    encoder: Encoder,
    address: str,
    existing: Store | None,
    opened: Callable[[], Store],
    options: Options,
    *,
    image_encoder: ImageEncoder | None = None,
    engine: Engine | None = None,
    progress: IngestProgress | None = None,
    start: float | None = None,
) -> AddReport:
    """Bring a source onto a wall.

    `existing` is the store where there is one; `opened` gives it too, makes it where there is none,
    and is asked only once there is something to write. `start` is the `time.perf_counter()` at
    which the first of the source was read. With an `image_encoder` each picture gets an image
    vector too, for which the wall has a column. The `engine` is this process where none is given.
    """
    start = time.perf_counter() if start is None else start
    if options.prune and not source.lasting:
        raise InputError("prune needs a source that stays: a file or folder, no pictures in memory")
    # Read before what is known, so that nothing which comes between goes unseen.
    version = 0 if existing is None else existing.version
    made = None if existing is None else existing.metadata.encoder
    known = ExistingRows() if existing is None or options.overwrite else _known(existing)
    tally = IngestStats(options.strict)
    tally.notices += [Notice("", said) for said in source.notices]
    triage = ChangeDetector(
        source.name, known, options, tally, sees=image_encoder is not None, look=source.look
    )
    pictures = _rejected_before(source, existing) if options.retry else source.pictures
    jobs: Iterable[PendingPicture] = triage.classify(pictures)
    vanished, count = None, None
    if source.in_files:
        jobs = list(jobs)
        count = len(jobs)
        planned = plan(jobs, options)
        if progress is not None:
            progress.planned(planned)
        check_room(planned, address)
        if source.lasting and not options.retry:
            vanished = MissingPictures(known, source.name, triage.listed)
        jobs = _emptied(jobs)

    def stored(image_ids: list[str], column: str) -> dict[str, NDArray[np.float32]]:
        return opened().vectors(image_ids, column) if image_ids else {}

    load = IngestJob(jobs, count, triage, vanished, encoder, image_encoder, stored, progress)
    with BackgroundFsync() as flushing:
        commits = Writer(address, opened, triage, version, made, flushing)
        (engine or LocalEngine()).run(load, commits)
    if source.lasting and vanished is None and not options.retry:
        vanished = MissingPictures(known, source.name, triage.listed)
    if existing is not None or tally.added or tally.updated:
        _finish(source.name, opened(), options, tally, vanished, progress)
    return tally.report(time.perf_counter() - start)


def _known(existing: Store) -> ExistingRows:
    try:
        return existing.existing_rows()
    except (OSError, ValueError):
        # A power cut may have left the newest rows without their files.
        existing.recover()
        return existing.existing_rows()


def _emptied(jobs: list[PendingPicture]) -> Iterator[PendingPicture]:
    """Each in its turn, and held no longer: a job gathers the bytes of its picture."""
    jobs.reverse()
    while jobs:
        yield jobs.pop()


def _rejected_before(source: Source, existing: Store | None) -> Iterator[Picture | Reject]:
    """The pictures of a source that could not be taken the last time, and its own rejects."""
    rejects = [] if existing is None else existing.rejects.of_source(source.name)
    wanted = {reject.image_id for reject in rejects}
    for found in source.pictures:
        image_id = utf8(found.image_id)
        if isinstance(found, Reject) or image_id in wanted or is_within(image_id, wanted):
            yield found


def _finish(
    source: str,
    store: Store,
    options: Options,
    tally: IngestStats,
    vanished: MissingPictures | None,
    progress: IngestProgress | None,
) -> None:
    """Keep the rejects, count what vanished, and remove it where that is asked for."""
    with raise_on_disk_full(store.address):
        store.rejects.replace(source, tally.skipped, only=options.overwrite)
    if tally.added or tally.updated or tally.moved:
        store.fsync()
    if vanished is not None:
        tally.vanished = len(vanished.image_ids)
        if options.prune and tally.vanished:
            with raise_on_disk_full(store.address):
                tally.removed = prune(vanished, source, store, options.insist, progress)
