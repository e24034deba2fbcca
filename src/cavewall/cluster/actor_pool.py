"""A pool of Ray actors that replaces dead workers and repeats their tasks.

`ray.util.ActorPool` would lose the tasks of an actor that dies, and cannot add another one.
"""

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

# One running task and one queued, so that workers do not wait for the driver.
_CALLS_PER_WORKER = 2
# The number of deaths over one task, or of workers before their first task, that is given up at.
_MAX_DEATHS = 3
# Seconds to wait for a cluster that has no room for any worker.
_TIMEOUT = 300.0


class Worker(Protocol):
    """An actor of the pool, in a process of its own where its model stays loaded."""

    def ready(self, setup: Any) -> float:
        """Load what is needed and return the seconds it took."""
        ...

    def do(self, *arguments: Any) -> Any:
        """Execute one task."""
        ...


@dataclass(eq=False)
class TaskCall(Generic[T]):
    """A task with the arguments for a worker; `deaths` counts the workers that died over it."""

    task: T
    arguments: tuple[Any, ...]
    deaths: int = 0


@dataclass(eq=False)
class _Actor(Generic[T]):
    handle: Any
    calls: dict[Any, TaskCall[T]] = field(default_factory=dict)


class _Queue(Generic[T]):
    """Pending calls, repeated ones first."""

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
    """Workers of one kind, as many as the cluster has room for, killed on exit.

    `setup` is passed to each of them when it starts. Not thread-safe.
    """

    def __init__(self, ray: Any, kind: type[Worker], setup: Any, resources: Resources) -> None:
        self._ray = ray
        self._resources = resources
        # No restarts by Ray: only the pool knows which tasks have to be repeated.
        options = {"num_cpus": resources.cores, "num_gpus": resources.gpus}
        self._kind = ray.remote(max_restarts=0, max_task_retries=0, **options)(kind)
        self._setup = self.shared(setup)
        self._starting: dict[Any, _Actor[T]] = {}
        self._actors: list[_Actor[T]] = []
        self._failed_starts = 0
        # Seconds that the first worker took to load; deaths of workers.
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
        # Frees the cores of a shared cluster at once.
        for actor in (*self._actors, *self._starting.values()):
            self._ray.kill(actor.handle)
        self._actors, self._starting = [], {}

    def shared(self, value: Any) -> Any:
        """Put a value into the object store; calls pass the reference.

        Raises:
            InputError: it cannot be serialised.
        """
        try:
            return self._ray.put(value)
        except (TypeError, PicklingError) as fault:
            raise InputError(
                f"this cannot be sent to the workers of a cluster: {str(fault).splitlines()[0]}. "
                "Name the encoder, or its folder, and give pictures in files"
            ) from fault

    def work(self, calls: Iterable[TaskCall[T]]) -> Iterator[tuple[T, Any]]:
        """Yield tasks with their results as they complete. Without tasks, no worker is started.

        Raises:
            CavewallError: raised by a worker.
            ClusterError: no worker can be started, or they keep dying.
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
        # Not in the constructor: its exceptions look like the death of the process.
        self._starting[actor.ready.remote(self._setup)] = _Actor(actor)

    def _dispatch(self, queue: _Queue[T]) -> None:
        """Give every worker one call before a second, so that the last calls are spread."""
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
        """Requeue the calls of a dead worker, and start another one."""
        calls = list(actor.calls.values())
        # Only the first was running, the others were queued.
        calls[0].deaths += 1
        self.deaths += 1
        if calls[0].deaths >= _MAX_DEATHS:
            raise ClusterError(
                f"{_MAX_DEATHS} workers died over the same task ({_why(fault)}). What "
                "the others finished is kept: run the same command again to go on"
            ) from fault
        queue.put_back(calls)
        self._actors.remove(actor)
        # Ensures that a worker that was merely unreachable does not continue.
        self._ray.kill(actor.handle)
        self._start()

    def _result(self, ref: Any) -> Any:
        """The result of a call. Its exceptions are raised here; deaths are RayErrors."""
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
    """The gist of a Ray traceback: its last error, or else its first line."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\w+(Error|Exception): ", line)]
    return (errors or lines[:1] or [type(fault).__name__])[-1][:200]
