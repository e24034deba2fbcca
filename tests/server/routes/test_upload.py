"""`/api/images`: a picture that is sent becomes a term, or it is said why not."""

from __future__ import annotations

import io
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

import cavewall
from cavewall._internal.images import digest
from cavewall.server import Limits
from tests.conftest import picture_bytes
from tests.server.served import Serve, colours_wall, process

RED = picture_bytes("#e01010", (9, 9), "PNG")


def sent(
    client: TestClient, data: bytes | Iterator[bytes], kind: str = "image/png"
) -> tuple[int, str]:
    """The status, and the term or what is wrong."""
    answer = client.post("/api/images", content=data, headers={"Content-Type": kind})
    told = answer.json()
    return answer.status_code, told["term"] if answer.status_code == 200 else told["detail"]


def test_a_picture_finds_those_that_show_the_same(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    answer = client.post("/api/images", content=RED, headers={"Content-Type": "image/png"})
    term = f'image("upload:{digest(RED)[:16]}")'
    assert answer.json() == {"term": term, "image_id": None}
    hits = client.get("/api/search", params={"q": term, "k": 2}).json()
    assert hits["expression"] == term
    assert [hit["image_id"] for hit in hits["hits"]] == ["red", "yellow"]


def test_it_is_the_picture_of_a_file(serve: Serve, tmp_path: Path) -> None:
    wall = colours_wall(tmp_path / "wall")
    client = serve(wall)
    (tmp_path / "mine.png").write_bytes(RED)
    _, term = sent(client, RED)
    told = client.post("/api/search", json={"q": f"{term} - blue"}).json()["hits"]
    hits = wall.search(f'image("{tmp_path}/mine.png") - blue')
    assert [(hit["image_id"], hit["score"]) for hit in told] == [
        (hit.image_id, hit.score) for hit in hits
    ]


def test_a_wall_of_captions_knows_its_own_pictures(serve: Serve, toy: cavewall.Wall) -> None:
    client = serve(toy)
    data = toy.picture("sea-boat.jpg").image
    assert isinstance(data, bytes)
    answer = client.post("/api/images", content=data, headers={"Content-Type": "image/jpeg"})
    assert answer.json() == {"term": 'like("sea-boat.jpg")', "image_id": "sea-boat.jpg"}


def test_a_wall_of_captions_says_what_others_need(client: TestClient) -> None:
    noise = Image.effect_noise((64, 64), 90)
    out = io.BytesIO()
    noise.save(out, "PNG")
    status, detail = sent(client, out.getvalue())
    assert status == 422
    assert "cavewall reencode --space image --encoder NAME" in detail


def _huge() -> bytes:
    """A PNG of a hundred thousand pixels each way, in a few bytes."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = b""
    for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")):
        crc = zlib.crc32(name + data)
        parts += struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that Pillow knows"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS is a program"),
        (picture_bytes("red", (600, 600))[:900], "truncated"),
        (_huge(), "pixels"),
    ],
    ids=["nothing", "svg", "eps", "truncated", "huge"],
)
@pytest.mark.parametrize("seeing", [True, False])
def test_what_is_no_picture_is_said(
    serve: Serve, toy: cavewall.Wall, tmp_path: Path, data: bytes, said: str, seeing: bool
) -> None:
    client = serve(colours_wall(tmp_path / "wall") if seeing else toy)
    status, detail = sent(client, data)
    assert status == 422
    assert detail.startswith("the picture cannot be read: ")
    assert said in detail


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "", "text/image/png"]
)
def test_it_has_to_say_that_it_is_a_picture(client: TestClient, kind: str) -> None:
    status, detail = sent(client, RED, kind)
    assert (status, "Content-Type: image/jpeg" in detail) == (415, True)


def test_it_is_no_longer_than_allowed(serve: Serve, toy: cavewall.Wall) -> None:
    client = serve(toy, limits=Limits(upload=1000))
    assert sent(client, b"x" * 1001) == (413, "the body is longer than the 1,000 bytes allowed")
    assert sent(client, iter([b"x" * 600] * 2))[0] == 413
    assert sent(client, b"x" * 1000)[0] == 422


def test_it_takes_no_parameters_and_no_strangers(serve: Serve, toy: cavewall.Wall) -> None:
    client = serve(toy, token="0123456789abcdef")
    kind = {"Content-Type": "image/png"}
    assert client.post("/api/images", content=RED, headers=kind).status_code == 401
    kind["Authorization"] = "Bearer 0123456789abcdef"
    assert client.post("/api/images?k=1", content=RED, headers=kind).status_code == 422
    other = {**kind, "Origin": "http://example.org"}
    assert client.post("/api/images", content=RED, headers=other).status_code == 403
    assert client.post("/api/images", content=RED, headers=kind).status_code in (200, 422)


def test_only_so_many_are_taken_at_one_time(toy: cavewall.Wall) -> None:
    head = b"POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    with process(toy.address, "at_work=1") as (_, port):

        def is_busy() -> bool:
            with closing(HTTPConnection("127.0.0.1", port)) as asked:
                asked.request("POST", "/api/images", RED, {"Content-Type": "image/png"})
                return asked.getresponse().status == 503

        assert not is_busy()
        with ExitStack() as left:
            end = time.monotonic() + 60
            # Nobody else asks until it has come as far as the route, or it may be turned away.
            while not is_busy():
                assert time.monotonic() < end
                slow = left.enter_context(socket.create_connection(("127.0.0.1", port)))
                slow.sendall(head + b"Content-Length: 100\r\n\r\n" + RED[:20])
                time.sleep(0.5)
        end = time.monotonic() + 60
        while is_busy():
            assert time.monotonic() < end


def test_nothing_is_written(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    while client.get("/api/health").status_code == 503:
        pass
    before = sorted(tmp_path.rglob("*"))
    sent(client, RED)
    assert sorted(tmp_path.rglob("*")) == before
