"""Many clients at once, for as long as $CAVEWALL_LOAD_SECONDS says."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cavewall
from tests.profile import scaled
from tests.server.load import Answer, Load, run_load
from tests.server.served import process

CLIENTS = 200
SECONDS = float(os.environ.get("CAVEWALL_LOAD_SECONDS", scaled(12, quick=4)))
DOG_ADDER = Path(__file__).parent / "dog_adder.py"
TARGETS = [
    *("/api/search?q=dog&k=20", "/api/search?q=a+dog+-+snow&k=20&offset=0", "/api/wall"),
    *("/api/pictures/snow-dog.jpg/thumbnail", "/api/pictures/snow-dog.jpg/image"),
    *("/api/pictures/snow-dog.jpg", "/api/expression?q=dog+-+cat", "/api/facets?field=width", "/"),
]

pytestmark = pytest.mark.load


def resident(pid: int) -> float:
    """The memory of a process in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def told(load: Load, what: str) -> None:
    rate = len(load.seconds) / SECONDS
    p50, p95, p99 = (1000 * load.percentile(share) for share in (0.5, 0.95, 0.99))
    print(
        f"\n{what}: {len(load.seconds):,} answers, {rate:.0f} a second, p50 {p50:.0f} ms, "
        f"p95 {p95:.0f} ms, p99 {p99:.0f} ms"
    )


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read off /proc")
def test_many_clients_have_their_answers_in_the_memory_there_is(toy: cavewall.Wall) -> None:
    with process(toy.address) as (server, port):
        address = ("127.0.0.1", port)
        warm = asyncio.run(run_load(address, TARGETS, CLIENTS, 4))
        before = resident(server.pid)
        load = asyncio.run(run_load(address, TARGETS, CLIENTS, SECONDS))
        after = resident(server.pid)
    told(load, f"{CLIENTS} clients")
    print(f"memory {before:.0f} MB before, {after:.0f} MB after")
    for each in (warm, load):
        assert each.unanswered == []
        assert each.refused == 0
        assert set(each.statuses) == {200}
    assert after < before + 25


class Answers:
    """What each version answered to each question."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, int], str] = {}
        self.versions: set[int] = set()

    def check(self, answer: Answer) -> None:
        body = gzip.decompress(answer.body) if "content-encoding" in answer.headers else answer.body
        found = json.loads(body)
        assert answer.status == 200, found
        del found["took_ms"]
        self.versions.add(found["version"])
        text = json.dumps(found)
        # The same version always says the same, its number of pictures too.
        known = self.of.setdefault((answer.target, found["version"]), text)
        assert text == known, "one version gave two answers"
        assert len({hit["image_id"] for hit in found["hits"]}) == len(found["hits"])
        assert len(found["hits"]) == min(found["total"], 7)


def test_a_wall_answers_while_it_is_added_to(toy: cavewall.Wall) -> None:
    answers = Answers()
    targets = ["/api/search?q=a+dog&k=7", "/api/search?q=a+dog+word3+-+snow&k=7&rule=words"]
    with process(toy.address) as (server, port):
        adder = subprocess.Popen(
            [sys.executable, str(DOG_ADDER), toy.address, "10000", "40"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            load = asyncio.run(run_load(("127.0.0.1", port), targets, 20, SECONDS, answers.check))
        finally:
            adder.kill()
            written = [int(line) for line in adder.communicate()[0].split()]
        assert server.poll() is None
    told(load, "20 clients during an add")
    print(f"{len(written)} versions written, {len(answers.versions)} of them asked")
    assert load.unanswered == []
    assert load.faults == []
    assert set(load.statuses) == {200}
    assert len(written) > 3
    assert len(answers.versions) > 2


def test_pages_of_one_version_fit_while_it_is_added_to(toy: cavewall.Wall) -> None:
    from http.client import HTTPConnection  # noqa: PLC0415

    def asked(target: str) -> tuple[int, dict[str, object]]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", target)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    whole = 0
    with process(toy.address) as (_, port):
        adder = subprocess.Popen(
            [sys.executable, str(DOG_ADDER), toy.address, "8", "40"], stdout=subprocess.DEVNULL
        )
        while adder.poll() is None:
            status, page = asked("/api/search?q=a+dog&k=5&offset=0")
            assert status == 200
            met: list[str] = []
            while status == 200 and page["hits"] and len(met) < 100:
                hits = page["hits"]
                assert isinstance(hits, list)
                met += [hit["image_id"] for hit in hits]
                version = page["version"]
                status, page = asked(f"/api/search?q=a+dog&k=5&offset={len(met)}&version={version}")
                # A page that cannot be had any more says so, and never is another version's.
                assert status == 410 or page["version"] == version
            assert len(set(met)) == len(met)
            whole += status == 200
        assert adder.wait() == 0
    assert whole > 0
