"""How many requests are worked on, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

import cavewall
from cavewall.server import Limits
from cavewall.server.concurrency import WorkerPool
from cavewall.server.problems import BusyError, SlowError
from tests.server.served import Serve


@contextmanager
def gate(**limits: float) -> Iterator[WorkerPool]:
    made = WorkerPool("test", Limits(**limits))  # type: ignore[arg-type]
    yield made
    made.close()


def test_work_gives_what_it_gives() -> None:
    with gate() as made:
        assert asyncio.run(made.run(lambda: 7)) == 7
        with pytest.raises(ZeroDivisionError):
            asyncio.run(made.run(lambda: 1 // 0))


def test_more_than_may_wait_are_sent_away() -> None:
    may = Event()

    async def many() -> list[object]:
        tasks = [asyncio.ensure_future(made.run(lambda: may.wait(30))) for _ in range(5)]
        await asyncio.sleep(0.05)
        may.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        # Who left makes room.
        assert await made.run(lambda: True)
        return list(found)

    with gate(at_work=1, waiting=2) as made:
        found = asyncio.run(many())
    assert found[:3] == [True] * 3
    assert [type(each) for each in found[3:]] == [BusyError] * 2


def test_what_takes_too_long_is_told_and_still_counts() -> None:
    may = Event()

    async def slow() -> None:
        with pytest.raises(SlowError):
            await made.run(lambda: may.wait(30))
        with pytest.raises(BusyError):
            await made.run(lambda: True)
        may.set()
        await asyncio.sleep(0.05)
        assert await made.run(lambda: True)

    with gate(at_work=1, waiting=0, seconds=0.05) as made:
        asyncio.run(slow())


def test_what_waited_too_long_is_never_begun() -> None:
    may, begun = Event(), Event()

    async def slow() -> None:
        first = asyncio.ensure_future(made.run(lambda: may.wait(30)))
        await asyncio.sleep(0)
        with pytest.raises(SlowError):
            await made.run(begun.set)
        may.set()
        with pytest.raises(SlowError):
            await first

    with gate(at_work=1, waiting=1, seconds=0.05) as made:
        asyncio.run(slow())
    assert not begun.is_set()


def test_a_timeout_of_the_work_itself_is_its_own() -> None:
    def work() -> None:
        raise TimeoutError("of the disk")

    with gate() as made, pytest.raises(TimeoutError, match="of the disk"):
        asyncio.run(made.run(work))


def test_a_client_is_told_to_come_again(toy: cavewall.Wall, serve: Serve) -> None:
    client = serve(toy, limits=Limits(at_work=1, waiting=-1))
    answer = client.get("/api/search?q=dog")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"] == "too many requests are waiting: ask again in a moment"
    slow = serve(toy, limits=Limits(seconds=0))
    assert slow.get("/api/search?q=dog").json()["detail"] == (
        "this took longer than a request may: ask for less"
    )
