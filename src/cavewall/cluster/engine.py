"""An `add` on a cluster: workers write pieces of the table, and one commit takes all of them up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.add_worker import Adder, Brief, Made
from cavewall.cluster.connect import connected, seats
from cavewall.cluster.encoder_ref import carried
from cavewall.cluster.tasks import Task, in_tasks, task_size
from cavewall.errors import StorageError
from cavewall.ingest.engine import IngestJob, LocalEngine
from cavewall.ingest.pending import PendingPicture
from cavewall.ingest.write import Writer
from cavewall.models import Reject
from cavewall.storage import StagedFragment, StagedFragments, TaskCheckpoints

__all__ = ["RayEngine"]

# Fewer pictures are here sooner than a worker is ready.
_FEW = 32
# Seconds between two notes of what is finished: what is lost of it is done again.
_NOTED = 5.0
# How often tasks are done again of which others have brought pictures meanwhile.
_ATTEMPTS = 8


class RayEngine:
    """Brings pictures onto a wall by the workers of a Ray cluster: see `connected`.

    `leaves_files` tells afterwards that there are files which no version knows.
    """

    def __init__(self, address: str | None = None) -> None:
        self.address = address
        self.leaves_files = False

    def run(self, load: IngestJob, commits: Writer) -> None:
        """Read, encode and write all of it. New pictures come in one version, or not at all.

        Raises:
            MissingExtraError: Ray is not installed.
            ClusterError: the cluster cannot be reached, or its workers die again and again.
        """
        jobs = iter(load.jobs)
        first = list(islice(jobs, _FEW))
        if len(first) < _FEW:
            LocalEngine().run(replace(load, jobs=iter(first)), commits)
            return
        with connected(self.address) as ray:
            brief = _brief(load, commits)
            with ActorPool[_Sent](ray, Adder, brief, seats(ray)) as crew:
                adding = _Adding(ray, load, commits, crew)
                try:
                    adding.run(chain(first, jobs))
                finally:
                    self.leaves_files = crew.deaths > 0 or adding.left > 0


@dataclass(frozen=True)
class _Sent:
    """A task whose jobs are where workers find them, and no longer here."""

    jobs: Any
    image_ids: list[str]
    places: list[int]
    is_new: bool
    key: str


class _Adding:
    """One `add`: what its tasks became, until it is committed."""

    def __init__(self, ray: Any, load: IngestJob, commits: Writer, crew: ActorPool[_Sent]) -> None:
        self._ray = ray
        self._load = load
        self._commits = commits
        self._crew = crew
        self._tally = load.triage.tally
        self._anew = load.triage.options.overwrite
        self._run = _run_key(load, commits)
        self._finished = TaskCheckpoints(commits.address)
        self._made: dict[str, tuple[_Sent, Made]] = {}
        self._rejects: list[tuple[int, Reject]] = []
        self._aside: list[tuple[int, PendingPicture]] = []
        self._notes: dict[str, str] = {}
        self._noted = time.monotonic()
        self.left = 0

    def run(self, jobs: Iterable[PendingPicture]) -> None:
        kept = self._kept()
        try:
            self._work(enumerate(jobs), kept)
        finally:
            self._note()
        # What is left was made of other files than there are now.
        self.left = len(kept)
        self._tally.loading += self._crew.loading
        for _, reject in sorted(self._rejects, key=lambda found: found[0]):
            self._tally.skip(reject.image_id, reject.reason, reject.place)
        if self._aside:
            self._aside.sort(key=lambda found: found[0])
            moved = replace(self._load, jobs=[job for _, job in self._aside], progress=None)
            LocalEngine().run(moved, self._commits)
        self._commit()
        self._finished.forget(self._run)

    def _kept(self) -> dict[str, Made]:
        """What an earlier run of this `add` has finished, as far as its files are there."""
        found = self._finished.of(self._run)
        made = {task: Made.from_json(said) for task, said in found.items()}
        if not made:
            return {}
        there = StagedFragments(self._commits.opened()).files_there()
        return {
            task: each
            for task, each in made.items()
            if all(there(fragment) for fragment in each.fragments)
        }

    def _work(self, jobs: Iterable[tuple[int, PendingPicture]], kept: dict[str, Made]) -> None:
        tasks = in_tasks(jobs, task_size(self._load.count))

        def calls() -> Iterator[TaskCall[_Sent]]:
            for task in tasks:
                sent = self._sent(task)
                made = kept.pop(sent.key, None) if sent.is_new else None
                if made is None:
                    yield TaskCall(sent, (sent.jobs, sent.is_new))
                else:
                    self._take(sent, made)

        for sent, made in self._crew.work(calls()):
            self._take(sent, made)
            if sent.is_new:
                self._notes[sent.key] = made.to_json()
                if time.monotonic() - self._noted > _NOTED:
                    self._note()

    def _sent(self, task: Task) -> _Sent:
        image_ids = [job.picture.image_id for job in task.jobs]
        jobs = self._crew.shared(task.jobs)
        return _Sent(jobs, image_ids, task.places, task.is_new, task.key)

    def _take(self, sent: _Sent, made: Made) -> None:
        """Take note of what became of a task; write what the wall knew at once."""
        for at, reject in made.rejects:
            if self._tally.strict:
                self._tally.skip(reject.image_id, reject.reason, reject.place)
            self._rejects.append((sent.places[at], reject))
        self._tally.unchanged += made.unchanged
        if made.aside:
            jobs = self._ray.get(sent.jobs)
            self._aside += [(sent.places[at], jobs[at]) for at in made.aside]
        for window in made.windows:
            self._commits.write(window)
        if sent.is_new:
            self._made[sent.key] = (sent, made)
        if self._load.progress is not None:
            self._load.progress.advanced(len(sent.image_ids))

    def _note(self) -> None:
        """Have what is finished outlive this process."""
        if self._notes:
            self._finished.keep(self._run, self._notes)
        self._notes, self._noted = {}, time.monotonic()

    # Committing.

    def _commit(self) -> None:
        if self._anew:
            self._commits.replace(self._pieces())
            return
        for _ in range(_ATTEMPTS):
            pieces = self._pieces()
            taken = self._commits.resume(pieces) if pieces else set()
            if not taken:
                return
            self._do_again(taken)
        raise StorageError(
            f"others write the same pictures to {self._commits.address} all the time: run the "
            "same command again when they are done"
        )

    def _pieces(self) -> list[StagedFragment]:
        """In the order of the source."""
        made = sorted(self._made.values(), key=lambda found: found[0].places[0])
        return [
            StagedFragment(found.fragments, [sent.image_ids[at] for at in _written(sent, found)])
            for sent, found in made
            if found.fragments
        ]

    def _do_again(self, taken: set[str]) -> None:
        """Do the tasks again of which somebody else has brought pictures meanwhile.

        Those are compared with what is there now; the others are as new as before.
        """
        again: list[tuple[int, PendingPicture]] = []
        known = self._commits.opened().existing_rows(sorted(taken))
        for key, (sent, made) in list(self._made.items()):
            if taken.isdisjoint(sent.image_ids):
                continue
            del self._made[key]
            self.left += 1
            jobs = self._ray.get(sent.jobs)
            for at in _written(sent, made):
                job = replace(jobs[at], known=known.get(sent.image_ids[at]))
                again.append((sent.places[at], job))
        before = len(self._rejects)
        # They were counted when they were done for the first time.
        self._load = replace(self._load, progress=None)
        self._work(again, {})
        for _, reject in self._rejects[before:]:
            self._tally.skip(reject.image_id, reject.reason, reject.place)


def _written(sent: _Sent, made: Made) -> list[int]:
    """The numbers of the jobs whose rows are in the pieces of a task."""
    left_out = {at for at, _ in made.rejects} | set(made.aside)
    return [at for at in range(len(sent.image_ids)) if at not in left_out]


def _brief(load: IngestJob, commits: Writer) -> Brief:
    eye, vanished = load.image_encoder, load.vanished
    return Brief(
        commits.address,
        load.triage.source,
        load.triage.options,
        carried(load.encoder),
        None if eye is None else carried(eye),
        frozenset() if vanished is None else vanished.digests,
        load.triage.look,
    )


def _run_key(load: IngestJob, commits: Writer) -> str:
    """Tells this `add` from any whose rows would be others."""
    store, options = commits.opened(), load.triage.options
    said = (
        load.triage.source,
        options.link,
        options.overwrite,
        store.metadata.id,
        load.encoder.identity.digest,
        None if load.image_encoder is None else load.image_encoder.identity.digest,
        sorted(_brief(load, commits).vanished),
        StagedFragments(store).shape,
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
