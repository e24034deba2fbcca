"""A process that serves: its address, its log, and how it ends."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.cli import main
from cavewall.errors import InputError, WallNotFoundError
from cavewall.server import Settings
from cavewall.server import serve as serve_wall
from cavewall.testing import FakeEncoder
from tests.server.load import run_load
from tests.server.served import FAKE_SERVER, process

TOKEN = "a-token-of-more-than-sixteen"


def refused(*command: str, **environment: str) -> str:
    """What `cavewall serve` says where it does not."""
    run = subprocess.run(
        [sys.executable, "-c", "from cavewall.cli import main; main()", "serve", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert run.returncode == 1
    assert run.stdout == ""
    return run.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2"])
def test_another_address_needs_a_token(toy: cavewall.Wall, host: str) -> None:
    said = refused("--wall", toy.address, "--host", host)
    assert "can be reached by other machines" in said
    assert "$CAVEWALL_TOKEN" in said


def test_a_short_token_does_not_do(toy: cavewall.Wall) -> None:
    said = refused("--wall", toy.address, "--host", "0.0.0.0", CAVEWALL_TOKEN="short")
    assert "needs 16 or more" in said


def test_where_there_is_no_wall_nothing_is_served(tmp_path: Path) -> None:
    assert "there is no wall at" in refused("--wall", str(tmp_path / "nowhere"))


def test_a_port_that_is_taken_is_told(toy: cavewall.Wall) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} cannot be listened on"):
            serve_wall(toy, Settings(port=port), print)


def test_a_wall_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WallNotFoundError):
        serve_wall(cavewall.open(tmp_path / "nowhere", FakeEncoder()), Settings(port=0), print)


def asked(port: int, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return found


def test_who_sends_far_too_much_still_reads_why_it_is_refused(toy: cavewall.Wall) -> None:
    with (
        process(toy.address) as (server, port),
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
    ):
        connection.sendall(b"GET /api/health?x=" + b"0" * 8_000_000)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"this is no HTTP/1.1 request, or its head is longer than" in answer
        # It is still connected, and keeps nobody from stopping.
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def test_a_process_answers_and_ends_well(toy: cavewall.Wall) -> None:
    with process(toy.address) as (server, port):
        status, headers, body = asked(port, "/api/search?q=dog&k=1")
        assert (status, json.loads(body)["version"]) == (200, 2)
        assert "server" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        # Ids as they are on the wire, which no client library has tidied.
        assert asked(port, "/api/pictures/snow%2Ddog.jpg")[0] == 200
        for odd in ("/api/pictures/..%2f..%2fetc%2fpasswd/image", "/assets/../../app.py", "//etc"):
            assert asked(port, odd)[0] == 404
        assert asked(port, "/", Host="evil.example")[0] == 421
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    with pytest.raises(OSError, match="refused"):
        asked(port, "/")


def raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        found = b""
        while part := connection.recv(65536):
            found += part
            if b"\r\n\r\n" in found:
                break
        return found


def test_what_is_no_http_ends_no_server(toy: cavewall.Wall) -> None:
    with process(toy.address) as (server, port):
        for odd in (
            b"\x16\x03\x01\x02\x00\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.0\r\n\r\n",
            b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        ):
            answer = raw(port, odd)
            assert answer.startswith(b"HTTP/1.1 4")
            assert b"application/problem+json" in answer
            assert b"nosniff" in answer.lower()
        assert asked(port, "/api/health")[0] in (200, 503)
        assert server.poll() is None


def test_the_log_has_no_words_of_who_asks(toy: cavewall.Wall) -> None:
    server = subprocess.Popen(
        [sys.executable, str(FAKE_SERVER), toy.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port = int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
    asked(port, "/api/search?q=my%20secret&k=1", **{"X-Request-Id": "abc"})
    asked(port, "/api/pictures/my-secret.jpg/image")
    asked(port, "/my-secret")
    server.send_signal(signal.SIGTERM)
    log = server.communicate(timeout=30)[1]
    assert "secret" not in log
    assert toy.address not in log
    lines = [json.loads(line) for line in log.splitlines()]
    told = [line for line in lines if line["message"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in told] == [
        ("GET", "/api/search", 200),
        ("GET", "/api/pictures/{image_id}/image", 404),
        ("GET", None, 404),
    ]
    assert told[0]["id"] == "abc"
    assert set(told[0]) == {
        *("time", "level", "message", "id", "method", "route", "status", "bytes", "ms", "client"),
    }
    assert {"level": "info", "message": "version 2 answers, of 6 pictures"}.items() <= next(
        line.items() for line in lines if "answers" in line["message"]
    )


@pytest.mark.parametrize(("clients", "per_connection"), [(20, 1), (20, 1000)])
def test_being_ended_under_load_loses_no_answer(
    toy: cavewall.Wall, clients: int, per_connection: int
) -> None:
    targets = ["/api/search?q=dog&k=3", "/api/pictures/snow-dog.jpg/image", "/api/wall"]

    async def loaded(server: subprocess.Popen[str], port: int) -> Any:
        load = asyncio.ensure_future(
            run_load(("127.0.0.1", port), targets, clients, 30, None, per_connection)
        )
        await asyncio.sleep(1.5)
        server.send_signal(signal.SIGTERM)
        return await load

    with process(toy.address) as (server, port):
        load = asyncio.run(loaded(server, port))
        assert server.wait(30) == 0
    assert load.unanswered == []
    assert set(load.statuses) == {200}
    # Every client found the door closed in the end.
    assert load.refused == clients


def test_a_slow_answer_is_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys, time, cavewall\n"
        f"sys.path.insert(0, {str(FAKE_SERVER.parent)!r})\n"
        "from cavewall.testing import toy_wall\n"
        "from cavewall.server import Settings, serve\n"
        "wall = toy_wall(sys.argv[1])\n"
        "answer = wall.answer\n"
        "def slow(request):\n"
        "    if str(request.expression) == 'slow':\n"
        "        time.sleep(3)\n"
        "    return answer(request)\n"
        "wall.answer = slow\n"
        "serve(wall, Settings(port=0), lambda address: print(address, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "wall")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/api/search?q=slow")
        time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("connection")) == (200, "close")
        assert json.loads(answer.read())["expression"] == "slow"
        assert server.wait(30) == 0


@pytest.mark.encoder
def test_the_command_serves(kaggle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = tmp_path / "wall"
    monkeypatch.setattr("sys.argv", ["cavewall", "add", str(kaggle), "--wall", str(wall), "-q"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    (tmp_path / "token").write_text(TOKEN)
    command = ["serve", "--wall", str(wall), "--port", "0", "--json"]
    command += ["--token-file", str(tmp_path / "token")]
    with subprocess.Popen(
        [sys.executable, "-c", "from cavewall.cli import main; main()", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        request = urllib.request.Request(
            f"{told['url']}api/search?q=a%20dog%20on%20the%20beach&k=1",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            hit = json.load(answer)["hits"][0]
        assert (hit["image_id"], hit["path"]) == ("dog.jpg", "Images/dog.jpg")
        assert (hit["width"], hit["height"]) == (60, 40)
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0
        assert server.stdout.read() == ""
