"""A wall in Azure's storage: what a folder does, two writers, and a container that is not there.

Asked is Azurite, Microsoft's own server to test against; where `azurite-blob` is not on the path,
`npm install --global azurite` brings it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

import cavewall
from cavewall.errors import StorageError, WallNotFoundError
from cavewall.testing import FakeEncoder, toy_wall
from tests import test_object_storage as everywhere

AZURITE = shutil.which("azurite-blob")
pytestmark = [
    pytest.mark.s3,
    pytest.mark.skipif(AZURITE is None, reason="no azurite-blob on the path: npm i -g azurite"),
]
CONTAINER, ACCOUNT = "walls", "devstoreaccount1"
# Azurite's own, which everyone has.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="module")
def azurite() -> Iterator[int]:
    """The port of an empty server with the CONTAINER."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [str(AZURITE), "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command += ["--inMemoryPersistence", "--blobPort", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            make_container(port)
            yield port
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("azurite-blob did not begin to listen within a minute")


def make_container(port: int) -> None:
    date, version = formatdate(usegmt=True), "2021-08-06"
    signed = (
        "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:{version}\n"
        f"/{ACCOUNT}/{ACCOUNT}/{CONTAINER}\nrestype:container"
    )
    digest = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    who = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers = {"x-ms-date": date, "x-ms-version": version, "Authorization": who}
    asked = http.client.HTTPConnection("127.0.0.1", port)
    asked.request("PUT", f"/{ACCOUNT}/{CONTAINER}?restype=container", b"", headers)
    assert asked.getresponse().status == http.client.CREATED
    asked.close()


@pytest.fixture
def az(azurite: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address where nothing is yet."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"http://127.0.0.1:{azurite}/{ACCOUNT}")
    return f"az://{CONTAINER}/{uuid.uuid4().hex}"


def test_everything_that_a_folder_does(az: str, tmp_path: Path) -> None:
    everywhere.test_everything_that_a_folder_does(az, tmp_path)


def test_two_writers_lose_nothing_and_bring_nothing_twice(az: str) -> None:
    everywhere.test_two_writers_lose_nothing_and_bring_nothing_twice(az)


def test_a_container_that_is_not_there(az: str) -> None:
    address = az.replace(CONTAINER, "nothere")
    with pytest.raises(WallNotFoundError, match="there is no wall at az://nothere"):
        cavewall.open(address, FakeEncoder()).search("dog")
    with pytest.raises(StorageError, match="there is no bucket nothere: make it first"):
        toy_wall(address)


def test_a_key_that_is_refused(az: str) -> None:
    # A process of its own: Lance keeps a connection that was made with the right one.
    wrong = os.environ | {"AZURE_STORAGE_ACCOUNT_KEY": base64.b64encode(b"another").decode()}
    command = [sys.executable, "-c", everywhere.MAIN, "info", "--wall", az]
    found = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "")
    assert f"access to {az} is denied: these credentials need to" in found.stderr
    assert "Traceback" not in found.stderr
