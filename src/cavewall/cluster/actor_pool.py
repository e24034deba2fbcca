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
_AHEAD = 2
# So often a task may take its worker with it, and workers may die before their first task.
_DEATHS = 3
# Seconds after which a cluster that has no place for any worker is given up.
_PATIENCE = 300.0


class Worker(Protocol):
    """What a crew is made of: each in a process of its own, where its model stays loaded."""

    def ready(self, made_of: Any) -> float:
        """Load what is needed; the seconds that took."""
        ...

    def do(self, *given: Any) -> Any:
        """One task."""
        ...


@dataclass(eq=False)
class TaskCall(Generic[T]):
    """A task with what a worker is given for it; `deaths` of workers over it so far."""

    task: T
    given: tuple[Any, ...]
    deaths: int = 0


@dataclass(eq=False)
class _Member(Generic[T]):
    actor: Any
    calls: dict[Any, TaskCall[T]] = field(default_factory=dict)


class _Queue(Generic[T]):
    """Calls to come, those that have to be made again first."""

    def __init__(self, calls: Iterable[TaskCall[T]]) -> None:
        self._coming = iter(calls)
        self._again: deque[TaskCall[T]] = deque()

    def __bool__(self) -> bool:
        if not self._again:
            self._again.extend(call for call in [next(self._coming, None)] if call is not None)
        return bool(self._again)

    def take(self) -> TaskCall[T]:
        assert self
        return self._again.popleft()

    def put_back(self, calls: Iterable[TaskCall[T]]) -> None:
        self._again.extendleft(reversed(list(calls)))


class ActorPool(Generic[T]):
    """Workers of one kind, as many as there is room for, for as long as the context lasts.

    `made_of` is what each of them is made of. Belongs to one thread.
    """

    def __init__(self, ray: Any, kind: type[Worker], made_of: Any, seats: Resources) -> None:
        self._ray = ray
        self._seats = seats
        # Who dies is replaced by another: which tasks to do again is known here alone.
        options = {"num_cpus": seats.cores, "num_gpus": seats.cards}
        self._kind = ray.remote(max_restarts=0, max_task_retries=0, **options)(kind)
        self._made_of = self.shared(made_of)
        self._starting: dict[Any, _Member[T]] = {}
        self._members: list[_Member[T]] = []
        self._stillborn = 0
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
        for member in (*self._members, *self._starting.values()):
            self._ray.kill(member.actor)
        self._members, self._starting = [], {}

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
        while queue and len(self._members) + len(self._starting) < self._seats.count:
            self._start()
        while True:
            self._hand_out(queue)
            by_call = {ref: member for member in self._members for ref in member.calls}
            if not by_call and not queue:
                return
            waited_for = [*self._starting, *by_call]
            ended, _ = self._ray.wait(waited_for, num_returns=1, timeout=_PATIENCE)
            if not ended and not self._members:
                raise ClusterError(
                    f"the cluster had no place for a worker in {_PATIENCE / 60:.0f} minutes: each "
                    f"takes {self._seats.cores} cores. Run the same command again when it has"
                )
            for ref in ended:
                if ref in self._starting:
                    self._started(ref)
                else:
                    yield from self._ended(ref, by_call[ref], queue)

    def _start(self) -> None:
        actor = self._kind.remote()
        # What is raised by a constructor comes as the death of its process.
        self._starting[actor.ready.remote(self._made_of)] = _Member(actor)

    def _hand_out(self, queue: _Queue[T]) -> None:
        """First one call for everybody, so that the last ones are not all with one of them."""
        for most in range(1, _AHEAD + 1):
            for member in self._members:
                if len(member.calls) < most and queue:
                    call = queue.take()
                    member.calls[member.actor.do.remote(*call.given)] = call

    def _started(self, ref: Any) -> None:
        member = self._starting.pop(ref)
        try:
            seconds = self._got(ref)
        except self._ray.exceptions.RayError as fault:
            self._stillborn += 1
            if self._stillborn >= _DEATHS:
                raise ClusterError(
                    f"the workers of the cluster die as they start ({_why(fault)}): is the same "
                    "Cavewall installed on each of its machines?"
                ) from fault
            self._start()
            return
        if not self._members:
            self.loading = self.loading or seconds
        self._members.append(member)

    def _ended(self, ref: Any, member: _Member[T], queue: _Queue[T]) -> Iterator[tuple[T, Any]]:
        try:
            answer = self._got(ref)
        except self._ray.exceptions.RayError as fault:
            self._lost(member, queue, fault)
            return
        yield member.calls.pop(ref).task, answer

    def _lost(self, member: _Member[T], queue: _Queue[T], fault: Exception) -> None:
        """Have somebody else do what a dead worker had before it."""
        calls = list(member.calls.values())
        # The others were waiting behind it.
        calls[0].deaths += 1
        self.deaths += 1
        if calls[0].deaths >= _DEATHS:
            raise ClusterError(
                f"{_DEATHS} workers died over the same task ({_why(fault)}). What "
                "the others finished is kept: run the same command again to go on"
            ) from fault
        queue.put_back(calls)
        self._members.remove(member)
        # Who is only out of reach does not go on beside the other.
        self._ray.kill(member.actor)
        self._start()

    def _got(self, ref: Any) -> Any:
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
