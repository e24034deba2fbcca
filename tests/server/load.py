"""Many clients at once, over connections of their own, and what became of each request."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "Load", "run_load"]

Check = Callable[["Answer"], None]


@dataclass(frozen=True)
class Answer:
    """One whole answer: its status, headers and body."""

    target: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Load:
    """What a load came to: seconds of each answer, statuses, and what was lost half-way.

    `refused` connections were never made; `unanswered` requests were taken and had no answer, or
    half of one. A connection that is closed between two answers, before the next request is sent,
    loses nothing.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    unanswered: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def run_load(
    address: tuple[str, int],
    targets: Sequence[str],
    clients: int,
    seconds: float,
    check: Check | None = None,
    per_connection: int = 50,
) -> Load:
    """Ask for targets, each client one after the other, until the time is up."""
    load = Load()
    until = time.monotonic() + seconds
    await asyncio.gather(
        *(_client(address, targets, until, load, check, per_connection, n) for n in range(clients))
    )
    return load


async def _client(
    address: tuple[str, int],
    targets: Sequence[str],
    until: float,
    load: Load,
    check: Check | None,
    per_connection: int,
    number: int,
) -> None:
    draw = random.Random(number)
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection(*address)
        except OSError:
            load.refused += 1
            return
        try:
            for _ in range(per_connection):
                if time.monotonic() >= until:
                    break
                target = draw.choice(targets)
                start = time.monotonic()
                try:
                    answer = await _asked(reader, writer, target)
                except (OSError, asyncio.IncompleteReadError, ValueError) as fault:
                    load.unanswered.append(f"{target}: {type(fault).__name__} {fault}")
                    return
                load.seconds.append(time.monotonic() - start)
                load.statuses[answer.status] += 1
                if check is not None:
                    try:
                        check(answer)
                    except AssertionError as fault:
                        load.faults.append(f"{target}: {fault}")
                if answer.headers.get("connection") == "close":
                    break
        finally:
            writer.close()


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> Answer:
    request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    writer.write(request.encode("ascii"))
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, Any] = {}
    for line in head[1:-2]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(target, int(head[0].split()[1]), headers, body)
