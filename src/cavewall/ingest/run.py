"""One `add`, from the first look at the source to the last commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.ingest.jobs import Job, Tally
from cavewall.ingest.plan import Options, Progress, check_room, plan
from cavewall.ingest.triage import Triage
from cavewall.ingest.windows import Windows
from cavewall.pictures import AddReport
from cavewall.sources import Source
from cavewall.store import Known, NewPicture, Store

__all__ = ["add"]


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
    tally = Tally()
    known = {} if overwrite else known
    triage = Triage(source.name, known, options, tally)
    jobs: Iterable[Job] = triage.look_over(source.pictures)
    if source.in_files:
        jobs = list(jobs)
        planned = plan(jobs, options)
        if progress is not None:
            progress.planned(planned)
        check_room(planned, address)

    def stored(image_ids: list[str]) -> dict[str, NDArray[np.float32]]:
        return opened().vectors(image_ids) if image_ids else {}

    windows = Windows(triage, encoder, stored).rows(jobs, progress)
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


def _write(rows: list[NewPicture], store: Store, known: dict[str, Known], tally: Tally) -> None:
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
    windows: Iterator[list[NewPicture]], opened: Callable[[], Store], tally: Tally
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
