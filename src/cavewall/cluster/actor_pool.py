"""Workers of a cluster, and tasks for them: who dies is replaced, and what it did is done again."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pickle import PicklingError
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from cavewall.cluster.connect import Resources
from cavewall.errors import ClusterError, InputError

__all__ = ["ActorPool", "TaskCall", "Worker"]

T = TypeVar("T")

# One task under way and one behind it: nobody waits for the driver.
_CALLS_PER_WORKER = 2
# So often a task may take its worker with it, and workers may die before their first task.
_MAX_DEATHS = 3
# Seconds after which a cluster that has no place for any worker is given up.
_TIMEOUT = 300.0


class Worker(Protocol):
    """What a crew is made of: each in a process of its own, where its model stays loaded."""

    def ready(self, setup: Any) -> float:
        """Load what is needed; the seconds that took."""
        ...

    def do(self, *arguments: Any) -> Any:
        """One task."""
        ...


@dataclass(eq=False)
class TaskCall(Generic[T]):
    """A task with what a worker is given for it; `deaths` of workers over it so far."""

    task: T
    arguments: tuple[Any, ...]
    deaths: int = 0


@dataclass(eq=False)
class _Actor(Generic[T]):
    handle: Any
    calls: dict[Any, TaskCall[T]] = field(default_factory=dict)


class _Queue(Generic[T]):
    """Calls to come, those that have to be made again first."""

    def __init__(self, calls: Iterable[TaskCall[T]]) -> None:
        self._upcoming = iter(calls)
        self._retries: deque[TaskCall[T]] = deque()

    def __bool__(self) -> bool:
        if not self._retries:
            self._retries.extend(call for call in [next(self._upcoming, None)] if call is not None)
        return bool(self._retries)

    def take(self) -> TaskCall[T]:
        assert self
        return self._retries.popleft()

    def put_back(self, calls: Iterable[TaskCall[T]]) -> None:
        self._retries.extendleft(reversed(list(calls)))


class ActorPool(Generic[T]):
    """Workers of one kind, as many as there is room for, for as long as the context lasts.

    `setup` is what each of them is made of. Belongs to one thread.
    """

    def __init__(self, ray: Any, kind: type[Worker], setup: Any, resources: Resources) -> None:
        self._ray = ray
        self._resources = resources
        # Who dies is replaced by another: which tasks to do again is known here alone.
        options = {"num_cpus": resources.cores, "num_gpus": resources.gpus}
        self._kind = ray.remote(max_restarts=0, max_task_retries=0, **options)(kind)
        self._setup = self.shared(setup)
        self._starting: dict[Any, _Actor[T]] = {}
        self._actors: list[_Actor[T]] = []
        self._failed_starts = 0
        # Seconds that the first of them took to load what it needs; deaths of workers.
        self.loading = 0.0
        self.deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # On a cluster of others its cores are free for them at once.
        for actor in (*self._actors, *self._starting.values()):
            self._ray.kill(actor.handle)
        self._actors, self._starting = [], {}

    def shared(self, value: Any) -> Any:
        """A reference to a value, for what calls are given: it travels once.

        Raises:
            InputError: it cannot travel.
        """
        try:
            return self._ray.put(value)
        except (TypeError, PicklingError) as fault:
            raise InputError(
                f"this cannot be sent to the workers of a cluster: {str(fault).splitlines()[0]}. "
                "Name the encoder, or its folder, and give pictures in files"
            ) from fault

    def work(self, calls: Iterable[TaskCall[T]]) -> Iterator[tuple[T, Any]]:
        """Tasks with what became of them, as they end. Nobody is started where there are none.

        Raises:
            CavewallError: what a worker raised, as it was.
            ClusterError: no worker can be had, or they die again and again.
        """
        queue = _Queue(calls)
        while queue and len(self._actors) + len(self._starting) < self._resources.count:
            self._start()
        while True:
            self._dispatch(queue)
            by_call = {ref: actor for actor in self._actors for ref in actor.calls}
            if not by_call and not queue:
                return
            waited_for = [*self._starting, *by_call]
            ended, _ = self._ray.wait(waited_for, num_returns=1, timeout=_TIMEOUT)
            if not ended and not self._actors:
                raise ClusterError(
                    f"the cluster had no place for a worker in {_TIMEOUT / 60:.0f} minutes: each "
                    f"takes {self._resources.cores} cores. Run the same command again when it has"
                )
            for ref in ended:
                if ref in self._starting:
                    self._on_start(ref)
                else:
                    yield from self._on_end(ref, by_call[ref], queue)

    def _start(self) -> None:
        actor = self._kind.remote()
        # What is raised by a constructor comes as the death of its process.
        self._starting[actor.ready.remote(self._setup)] = _Actor(actor)

    def _dispatch(self, queue: _Queue[T]) -> None:
        """First one call for everybody, so that the last ones are not all with one of them."""
        for most in range(1, _CALLS_PER_WORKER + 1):
            for actor in self._actors:
                if len(actor.calls) < most and queue:
                    call = queue.take()
                    actor.calls[actor.handle.do.remote(*call.arguments)] = call

    def _on_start(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            seconds = self._result(ref)
        except self._ray.exceptions.RayError as fault:
            self._failed_starts += 1
            if self._failed_starts >= _MAX_DEATHS:
                raise ClusterError(
                    f"the workers of the cluster die as they start ({_why(fault)}): is the same "
                    "Cavewall installed on each of its machines?"
                ) from fault
            self._start()
            return
        if not self._actors:
            self.loading = self.loading or seconds
        self._actors.append(actor)

    def _on_end(self, ref: Any, actor: _Actor[T], queue: _Queue[T]) -> Iterator[tuple[T, Any]]:
        try:
            answer = self._result(ref)
        except self._ray.exceptions.RayError as fault:
            self._on_death(actor, queue, fault)
            return
        yield actor.calls.pop(ref).task, answer

    def _on_death(self, actor: _Actor[T], queue: _Queue[T], fault: Exception) -> None:
        """Have somebody else do what a dead worker had before it."""
        calls = list(actor.calls.values())
        # The others were waiting behind it.
        calls[0].deaths += 1
        self.deaths += 1
        if calls[0].deaths >= _MAX_DEATHS:
            raise ClusterError(
                f"{_MAX_DEATHS} workers died over the same task ({_why(fault)}). What "
                "the others finished is kept: run the same command again to go on"
            ) from fault
        queue.put_back(calls)
        self._actors.remove(actor)
        # Who is only out of reach does not go on beside the other.
        self._ray.kill(actor.handle)
        self._start()

    def _result(self, ref: Any) -> Any:
        """What a call gave. What it raised is raised here; deaths are errors of Ray's."""
        try:
            return self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as fault:
            if not isinstance(fault.cause, self._ray.exceptions.RayError):
                raise fault.cause or fault from fault
            raise ClusterError(
                f"a worker of the cluster cannot take its work up ({_why(fault)}): is the same "
                "Cavewall installed on each of its machines?"
            ) from fault


def _why(fault: Exception) -> str:
    """What a report of Ray's comes down to: the last error that it tells, or how it begins."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"\w+(Error|Exception): ", line)]
    return (told or lines[:1] or [type(fault).__name__])[-1][:200]
