"""The engine of a distributed `add`: workers write fragments, and one commit adds all of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from cavewall.cluster.actor_pool import ActorPool, TaskCall
from cavewall.cluster.add_worker import AddSetup, AddWorker, TaskResult
from cavewall.cluster.connect import connected, resources
from cavewall.cluster.encoder_ref import encoder_ref
from cavewall.cluster.tasks import Task, in_tasks, task_size
from cavewall.errors import StorageError
from cavewall.ingest.engine import IngestJob, LocalEngine
from cavewall.ingest.pending import PendingPicture
from cavewall.ingest.write import Writer
from cavewall.models import Reject
from cavewall.storage import StagedFragment, StagedFragments, TaskCheckpoints

__all__ = ["RayEngine"]

# Fewer pictures are added locally before a worker would have started.
_MIN_PICTURES = 32
# Seconds between checkpoints of finished tasks; lost ones are repeated.
_CHECKPOINT_SECONDS = 5.0
# How often tasks are repeated because other writers added their pictures meanwhile.
_ATTEMPTS = 8


class RayEngine:
    """Adds pictures to a wall by the workers of a Ray cluster: see `connected`.

    `leaves_files` is set afterwards if there are unreferenced files.
    """

    def __init__(self, address: str | None = None) -> None:
        self.address = address
        self.leaves_files = False

    def run(self, load: IngestJob, commits: Writer) -> None:
        """Read, encode and write all jobs. New pictures come in one version, or not at all.

        Raises:
            MissingExtraError: Ray is not installed.
            ClusterError: the cluster cannot be reached, or its workers keep dying.
        """
        jobs = iter(load.jobs)
        first = list(islice(jobs, _MIN_PICTURES))
        if len(first) < _MIN_PICTURES:
            LocalEngine().run(replace(load, jobs=iter(first)), commits)
            return
        with connected(self.address) as ray:
            setup = _setup(load, commits)
            with ActorPool[_SentTask](ray, AddWorker, setup, resources(ray)) as pool:
                adding = _ClusterAdd(ray, load, commits, pool)
                try:
                    adding.run(chain(first, jobs))
                finally:
                    self.leaves_files = pool.deaths > 0 or adding.left > 0


@dataclass(frozen=True)
class _SentTask:
    """A task whose jobs are in the object store of the cluster."""

    jobs: Any
    image_ids: list[str]
    positions: list[int]
    is_new: bool
    key: str


class _ClusterAdd:
    """One `add`: the results of its tasks until they are committed."""

    def __init__(
        self, ray: Any, load: IngestJob, commits: Writer, pool: ActorPool[_SentTask]
    ) -> None:
        self._ray = ray
        self._load = load
        self._commits = commits
        self._pool = pool
        self._stats = load.triage.tally
        self._overwrites = load.triage.options.overwrite
        self._run = _run_key(load, commits)
        self._finished = TaskCheckpoints(commits.address)
        self._results: dict[str, tuple[_SentTask, TaskResult]] = {}
        self._rejects: list[tuple[int, Reject]] = []
        self._aside: list[tuple[int, PendingPicture]] = []
        self._unsaved: dict[str, str] = {}
        self._saved_at = time.monotonic()
        self.left = 0

    def run(self, jobs: Iterable[PendingPicture]) -> None:
        kept = self._checkpointed()
        try:
            self._work(enumerate(jobs), kept)
        finally:
            self._save_checkpoints()
        # Remaining checkpoints are of files that have changed since.
        self.left = len(kept)
        self._stats.loading += self._pool.loading
        for _, reject in sorted(self._rejects, key=lambda found: found[0]):
            self._stats.skip(reject.image_id, reject.reason, reject.place)
        if self._aside:
            self._aside.sort(key=lambda found: found[0])
            moved = replace(self._load, jobs=[job for _, job in self._aside], progress=None)
            LocalEngine().run(moved, self._commits)
        self._commit()
        self._finished.forget(self._run)

    def _checkpointed(self) -> dict[str, TaskResult]:
        """Results of an interrupted run of this `add` whose fragments still exist."""
        found = self._finished.of(self._run)
        made = {task: TaskResult.from_json(parts) for task, parts in found.items()}
        if not made:
            return {}
        there = StagedFragments(self._commits.opened()).files_there()
        return {
            task: each
            for task, each in made.items()
            if all(there(fragment) for fragment in each.fragments)
        }

    def _work(
        self, jobs: Iterable[tuple[int, PendingPicture]], kept: dict[str, TaskResult]
    ) -> None:
        tasks = in_tasks(jobs, task_size(self._load.count))

        def calls() -> Iterator[TaskCall[_SentTask]]:
            for task in tasks:
                sent = self._send(task)
                made = kept.pop(sent.key, None) if sent.is_new else None
                if made is None:
                    yield TaskCall(sent, (sent.jobs, sent.is_new))
                else:
                    self._take(sent, made)

        for sent, made in self._pool.work(calls()):
            self._take(sent, made)
            if sent.is_new:
                self._unsaved[sent.key] = made.to_json()
                if time.monotonic() - self._saved_at > _CHECKPOINT_SECONDS:
                    self._save_checkpoints()

    def _send(self, task: Task) -> _SentTask:
        image_ids = [job.picture.image_id for job in task.jobs]
        jobs = self._pool.shared(task.jobs)
        return _SentTask(jobs, image_ids, task.positions, task.is_new, task.key)

    def _take(self, sent: _SentTask, made: TaskResult) -> None:
        """Record the result of a task, and write the batches of known pictures."""
        for at, reject in made.rejects:
            if self._stats.strict:
                self._stats.skip(reject.image_id, reject.reason, reject.place)
            self._rejects.append((sent.positions[at], reject))
        self._stats.unchanged += made.unchanged
        if made.aside:
            jobs = self._ray.get(sent.jobs)
            self._aside += [(sent.positions[at], jobs[at]) for at in made.aside]
        for window in made.windows:
            self._commits.write(window)
        if sent.is_new:
            self._results[sent.key] = (sent, made)
        if self._load.progress is not None:
            self._load.progress.advanced(len(sent.image_ids))

    def _save_checkpoints(self) -> None:
        """Save the finished tasks, so that an interrupted run is resumed."""
        if self._unsaved:
            self._finished.keep(self._run, self._unsaved)
        self._unsaved, self._saved_at = {}, time.monotonic()

    # Committing.

    def _commit(self) -> None:
        if self._overwrites:
            self._commits.replace(self._pieces())
            return
        for _ in range(_ATTEMPTS):
            pieces = self._pieces()
            taken = self._commits.resume(pieces) if pieces else set()
            if not taken:
                return
            self._redo(taken)
        raise StorageError(
            f"others write the same pictures to {self._commits.address} all the time: run the "
            "same command again when they are done"
        )

    def _pieces(self) -> list[StagedFragment]:
        """The fragments in the order of the source."""
        made = sorted(self._results.values(), key=lambda found: found[0].positions[0])
        return [
            StagedFragment(found.fragments, [sent.image_ids[at] for at in _written(sent, found)])
            for sent, found in made
            if found.fragments
        ]

    def _redo(self, taken: set[str]) -> None:
        """Repeat the tasks with pictures that other writers added meanwhile.

        Those pictures are compared with the rows on the wall now; the others are still new.
        """
        again: list[tuple[int, PendingPicture]] = []
        known = self._commits.opened().existing_rows(sorted(taken))
        for key, (sent, made) in list(self._results.items()):
            if taken.isdisjoint(sent.image_ids):
                continue
            del self._results[key]
            self.left += 1
            jobs = self._ray.get(sent.jobs)
            for at in _written(sent, made):
                job = replace(jobs[at], known=known.get(sent.image_ids[at]))
                again.append((sent.positions[at], job))
        before = len(self._rejects)
        # Their progress was counted the first time.
        self._load = replace(self._load, progress=None)
        self._work(again, {})
        for _, reject in self._rejects[before:]:
            self._stats.skip(reject.image_id, reject.reason, reject.place)


def _written(sent: _SentTask, made: TaskResult) -> list[int]:
    """The indices of the jobs whose rows are in the fragments of a task."""
    left_out = {at for at, _ in made.rejects} | set(made.aside)
    return [at for at in range(len(sent.image_ids)) if at not in left_out]


def _setup(load: IngestJob, commits: Writer) -> AddSetup:
    image_encoder, vanished = load.image_encoder, load.vanished
    return AddSetup(
        commits.address,
        load.triage.source,
        load.triage.options,
        encoder_ref(load.encoder),
        None if image_encoder is None else encoder_ref(image_encoder),
        frozenset() if vanished is None else vanished.digests,
        load.triage.look,
    )


def _run_key(load: IngestJob, commits: Writer) -> str:
    """A key that differs for any `add` with other rows."""
    store, options = commits.opened(), load.triage.options
    parts = (
        load.triage.source,
        options.link,
        options.overwrite,
        store.metadata.id,
        load.encoder.identity.digest,
        None if load.image_encoder is None else load.image_encoder.identity.digest,
        sorted(_setup(load, commits).vanished),
        StagedFragments(store).shape,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
