"""Several servers over one wall in a bucket, while another process writes to it and cleans up."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from cavewall.testing import toy_wall
from tests.server.served import process

WRITER = Path(__file__).parent / "bucket_writer.py"
ROUNDS = 5
# The toy wall's, three a round, and the one that is turned.
LAST = 6 + 3 * ROUNDS + 1

pytestmark = pytest.mark.s3


@dataclass
class Reader:
    """Someone who asks one server again and again, and keeps what was not as it should be."""

    port: int
    versions: dict[int, int] = field(default_factory=dict)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def get(self, target: str) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(data) if is_json else data

    def ask(self) -> None:
        """A search, its second page, and the pictures of it: of one version, whole."""
        _, found = self.get("/api/search?q=dog&k=4")
        version, total = found["version"], found["total"]
        if self.versions.setdefault(version, total) != total:
            self.wrong.append(f"version {version} has {self.versions[version]} and {total}")
        if version < max(self.versions):
            self.wrong.append(f"version {version} after {max(self.versions)}")
        ids = [hit["image_id"] for hit in found["hits"]]
        status, more = self.get(f"/api/search?q=dog&k=90&offset=4&version={version}")
        if status == 200:
            hits = [*found["hits"], *more["hits"]]
            ids = [hit["image_id"] for hit in hits]
            rounds = {hit["captions"][0][-1] for hit in hits if hit["image_id"] == "turned.jpg"}
            # Each round turns that picture in the version that brings three others.
            if more["version"] != version or rounds - {str((total - 7) // 3)}:
                self.wrong.append(f"{rounds} of {total} pictures at {version}, {more['version']}")
            if len(set(ids)) != total:
                self.wrong.append(f"{len(set(ids))} of {total} pictures at {version}")
        elif status != 410:
            self.wrong.append(f"page 2: {status} {more}")
        for image_id in (ids[0], ids[-1], "turned.jpg" if "turned.jpg" in ids else ids[1]):
            for part in ("", "/thumbnail", "/image"):
                status, _ = self.get(f"/api/pictures/{image_id}{part}")
                if status != 200:
                    self.wrong.append(f"{image_id}{part}: {status}")
        self.asked += 1


@pytest.fixture
def readers(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Reader, Reader]]:
    """Two servers as on two machines, each with what was derived on its own."""
    toy_wall(s3)
    with ExitStack() as stack:
        found = []
        for name in "ab":
            monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path / name))
            found.append(Reader(stack.enter_context(process(s3))[1]))
        until(lambda: all(reader.get("/api/health")[0] == 200 for reader in found))
        yield found[0], found[1]


def until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_each_server_follows_another_process_and_tears_no_page(
    s3: str, readers: tuple[Reader, Reader]
) -> None:
    done = Event()

    def asking(reader: Reader) -> None:
        while not done.is_set():
            try:
                reader.ask()
            except Exception as fault:
                reader.wrong.append(repr(fault))
                return

    threads = [Thread(target=asking, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        writer = subprocess.run(
            [sys.executable, str(WRITER), s3, str(ROUNDS)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert writer.returncode == 0, writer.stderr
        newest = int(writer.stdout.splitlines()[-1].split()[0])
        until(lambda: all(newest in reader.versions for reader in readers) or failed(readers))
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert [reader.wrong for reader in readers] == [[], []]
    for reader in readers:
        assert reader.versions[newest] == LAST
        status, told = reader.get(f"/api/search?q=dog&version={min(reader.versions)}&offset=4")
        assert status == 410, told
        assert reader.get("/api/health")[1] == {"status": "ok", "version": newest, "pictures": LAST}


def failed(readers: tuple[Reader, Reader]) -> bool:
    return any(reader.wrong for reader in readers)
