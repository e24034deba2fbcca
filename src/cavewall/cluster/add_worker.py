"""The worker of a distributed `add`: reads pictures, encodes them and writes fragments."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall.cluster.encoder_ref import EncoderRef
from cavewall.encoders import Encoder, ImageEncoder
from cavewall.errors import ClusterError, EncoderMismatchError, WallNotFoundError
from cavewall.ingest.batches import Windows
from cavewall.ingest.diff import ChangeDetector
from cavewall.ingest.options import Options
from cavewall.ingest.pending import IngestStats, PendingPicture
from cavewall.ingest.write import Window
from cavewall.models import Picture, Reject
from cavewall.storage import ExistingRow, ExistingRows, NewPicture, StagedFragments, Store
from cavewall.storage.locks import raise_on_disk_full

__all__ = ["AddSetup", "AddWorker", "TaskResult"]


@dataclass(frozen=True)
class AddSetup:
    """The common input of the workers of an `add`.

    `vanished` are the digests of pictures that may have moved. For `look` see `Source`.
    """

    address: str
    source: str
    options: Options
    encoder: EncoderRef[Encoder]
    image_encoder: EncoderRef[ImageEncoder] | None
    vanished: frozenset[str]
    look: Callable[[Picture, bytes], Picture | Reject] | None


@dataclass(frozen=True)
class TaskResult:
    """The result of a task.

    `fragments` contain new rows, and `windows` are batches for the driver to write. `rejects` have
    the indices of their jobs in the task; `aside` are the indices of jobs that may be moves.
    """

    fragments: tuple[str, ...]
    rejects: tuple[tuple[int, Reject], ...]
    aside: tuple[int, ...]
    unchanged: int = 0
    windows: tuple[Window, ...] = ()

    def to_json(self) -> str:
        """The checkpoint of the task, without windows, which are written at once."""
        rejects = [(at, asdict(reject)) for at, reject in self.rejects]
        return json.dumps({"fragments": self.fragments, "rejects": rejects, "aside": self.aside})

    @classmethod
    def from_json(cls, parts: str) -> TaskResult:
        """The inverse of `to_json`."""
        found = json.loads(parts)
        rejects = tuple((at, Reject(**reject)) for at, reject in found["rejects"])
        return cls(tuple(found["fragments"]), rejects, tuple(found["aside"]))


class _MoveCandidates:
    """Digests of pictures that may have moved; only the driver can decide which one did."""

    def __init__(self, digests: frozenset[str]) -> None:
        self.digests = digests

    @property
    def image_ids(self) -> list[str]:
        return []

    def has(self, sha256: str) -> bool:
        return sha256 in self.digests

    def claim(self, sha256: str, captions: bytes) -> tuple[str, ExistingRow] | None:
        return None


class AddWorker:
    """Runs the pipeline of the local engine on one task at a time."""

    _opened: Store | None = None

    def ready(self, setup: AddSetup) -> float:
        """Load the models and return the seconds it took."""
        start = time.perf_counter()
        self._setup = setup
        self._encoder = setup.encoder.load()
        image_encoder = setup.image_encoder
        self._image_encoder = None if image_encoder is None else image_encoder.load()
        self._encoder.encode(["warm"])
        return time.perf_counter() - start

    def do(self, jobs: list[PendingPicture], is_new: bool) -> TaskResult:
        """Read, encode and write jobs; batches of known pictures are returned to the driver."""
        self._check_folder(jobs[0])
        setup = self._setup
        stats = IngestStats()
        triage = ChangeDetector(
            setup.source,
            ExistingRows(),
            setup.options,
            stats,
            sees=self._image_encoder is not None,
            look=setup.look,
        )
        aside = _MoveCandidates(setup.vanished)
        work = Windows(triage, aside, self._encoder, self._stored, self._image_encoder)
        numbers = {job.picture.image_id: at for at, job in enumerate(jobs)}
        began = time.time()
        put_aside: list[int] = []
        with closing(work.made(jobs, None)) as windows:
            if not is_new:
                back = tuple(windows)
                return TaskResult((), _rejects_of(stats, numbers), (), stats.unchanged, back)
            rows = _new_rows(windows, aside, lambda found: put_aside.append(numbers[found]))
            first = next(rows, None)
            fragments: tuple[str, ...] = ()
            if first is not None:
                fragments = self._write(first, rows, began)
        return TaskResult(fragments, _rejects_of(stats, numbers), tuple(put_aside))

    def _write(
        self, first: list[NewPicture], rest: Iterator[list[NewPicture]], began: float
    ) -> tuple[str, ...]:
        def rows() -> Iterator[list[NewPicture]]:
            yield first
            yield from rest

        store = self._store()
        with raise_on_disk_full(store.address):
            written = StagedFragments(store, anew=self._setup.options.overwrite).write(rows())
            # Checkpoints must not refer to files that a power cut would lose.
            store.fsync(began)
        return written

    def _store(self) -> Store:
        if self._opened is None:
            try:
                self._opened = Store.open(self._setup.address)
            except WallNotFoundError as fault:
                raise ClusterError(
                    f"the worker on {socket.gethostname()} does not see the wall "
                    f"{self._setup.address}: it has to be in a folder that all machines share, or "
                    "in a bucket"
                ) from fault
        self._opened.refresh()
        made = self._opened.metadata.encoder
        if not made.same_vectors_as(self._setup.encoder.identity):
            raise EncoderMismatchError(
                f"the wall {self._setup.address} has changed to {made} meanwhile: run the same "
                "command again"
            )
        return self._opened

    def _stored(self, image_ids: list[str], column: str) -> dict[str, NDArray[np.float32]]:
        return self._store().vectors(image_ids, column) if image_ids else {}

    def _check_folder(self, job: PendingPicture) -> None:
        """Raise on a machine without the folder, instead of reporting every picture as missing."""
        path = job.picture.path
        if job.size is None or not isinstance(path, Path) or path.parent.is_dir():
            return
        raise ClusterError(
            f"the worker on {socket.gethostname()} does not see the folder {path.parent}: pictures "
            "have to be in a folder that all machines share, or in a bucket"
        )


def _rejects_of(stats: IngestStats, numbers: dict[str, int]) -> tuple[tuple[int, Reject], ...]:
    return tuple((numbers[reject.image_id], reject) for reject in stats.skipped)


def _new_rows(
    windows: Iterator[Window], aside: _MoveCandidates, put_aside: Callable[[str], None]
) -> Iterator[list[NewPicture]]:
    for window in windows:
        rows = []
        for row in window.whole:
            if row.picture.sha256 is not None and aside.has(row.picture.sha256):
                put_aside(row.picture.image_id)
            else:
                rows.append(row)
        if rows:
            yield rows
