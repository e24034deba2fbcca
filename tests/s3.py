"""An S3 server on loopback, and a way to it that counts requests and fails as it is told."""

from __future__ import annotations

import http.client
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

BUCKET = "walls"
REGION = "eu-central-1"
# Said of a connection instead of a status: it ends in the middle, without an answer.
CUT = 0
# Said likewise: the head is sent, and half of what it promises.
TORN = -1

Fault = Callable[[str, str], "tuple[int, str] | None"]


def environment(endpoint: str) -> dict[str, str]:
    """The variables by which people name a server of their own, and who they are."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of an empty server with the BUCKET, as long as the context lasts."""
    from moto.server import (  # noqa: PLC0415 -- only where it is asked for
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    # A line for every request is more than a failing test is worth.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = DomainDispatcherApplication(create_backend_app)
    turn = Lock()

    def one_at_a_time(environ: Any, start: Any) -> list[bytes]:
        # Moto cannot list what another thread removes. S3 itself answers as if in one order.
        with turn:
            return list(application(environ, start))

    server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True)
    serving = Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    endpoint = f"http://127.0.0.1:{server.port}"
    client(endpoint).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    try:
        yield endpoint
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def client(endpoint: str) -> Any:
    """What people use beside Cavewall: boto3's client of the server."""
    import boto3  # noqa: PLC0415 -- a second of imports

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="someone",
        aws_secret_access_key="secret",
    )


@dataclass
class Way:
    """A way to the server: `fault` looks at method and path, and says what to answer instead.

    That is a status and the code of an error of S3's, CUT or TORN; None lets the request pass.
    `after` says of which requests the answer is lost, once.
    """

    endpoint: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault = lambda method, path: None
    after: Callable[[str, str], bool] = lambda method, path: False

    def always(self, status: int, code: str = "") -> None:
        self.fault = lambda method, path: (status, code)


@contextmanager
def way_to(endpoint: str) -> Iterator[Way]:
    """A proxy in front of the server; nothing fails on it until it is told to."""
    upstream = endpoint.removeprefix("http://")

    class Handler(_Handler):
        def handle_one(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            way.requests.append((method, self.path))
            said = way.fault(method, self.path)
            if said is None:
                if way.after(method, self.path):
                    way.after = lambda method, path: False
                    self.lost = True
                self.forward(upstream, method, body)
            elif said[0] == TORN:
                self.forward(upstream, method, body, torn=True)
            elif said[0] == CUT:
                self.cut()
            else:
                self.refuse(*said)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    way = Way(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield way
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lost = False

    def log_message(self, *_: Any) -> None:
        pass

    def handle_one(self, method: str) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.handle_one("GET")

    def do_HEAD(self) -> None:
        self.handle_one("HEAD")

    def do_PUT(self) -> None:
        self.handle_one("PUT")

    def do_POST(self) -> None:
        self.handle_one("POST")

    def do_DELETE(self) -> None:
        self.handle_one("DELETE")

    def forward(self, upstream: str, method: str, body: bytes, torn: bool = False) -> None:
        connection = http.client.HTTPConnection(upstream, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        connection.request(method, self.path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        if self.lost:
            self.cut()
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if method == "HEAD" else None
        self.send_header("Content-Length", length or str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if torn else data)
        if torn:
            self.cut()
        connection.close()

    def refuse(self, status: int, code: str) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode() if self.command != "HEAD" else b"")

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
