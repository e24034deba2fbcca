"""What the tests of the server share: names made to break it, a process, a wall of colours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

import cavewall
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.conftest import picture_bytes

__all__ = ["HOSTILE", "Serve", "colours_wall", "process"]

FAKE_SERVER = Path(__file__).parent / "fake_server.py"

HOSTILE = (
    *("a/b.jpg", "../up.jpg", "..", "a\\b.jpg", "%2F.jpg", "q?x=1#y.jpg", "+ -.jpg", " space "),
    *("né.jpg", "ne\u0301.jpg", "日本.jpg", "<script>alert(1)</script>", 'a"b.jpg', "x\ny.jpg"),
    *("a;b", "a%", "image", "thumbnail", "-", "/", "//", "\u202egpj.exe"),
)

Serve = Callable[..., TestClient]


@contextmanager
def process(wall: str | Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of its own for a wall made with the FakeEncoder, and its port."""
    command = [sys.executable, str(FAKE_SERVER), str(wall), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            yield server, int(address.rstrip("/").rpartition(":")[2])
        finally:
            server.kill()


def colours_wall(folder: Path) -> cavewall.Wall:
    """A wall with an image space: a red, a yellow, a white and a blue picture, with captions."""
    wall = cavewall.open(folder, FakeEncoder(), FakeImageEncoder())
    wall.add(
        cavewall.Picture(colour, (f"a {colour} one",), image=picture_bytes(colour, kind="PNG"))
        for colour in ("red", "yellow", "white", "blue")
    )
    return wall
