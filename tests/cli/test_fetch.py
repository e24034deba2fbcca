"""`cavewall fetch`, with the real kagglehub, from a server of this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import cavewall
from tests.cli.test_cli import Answer, Cli, cli, on_terminal, process
from tests.conftest import KAGGLE, picture_bytes

__all__ = ["cli"]

pytest.importorskip("kagglehub", reason="pip install 'cavewall[kaggle]'")

DOWNLOAD = "POST http://localhost/api/v1/datasets.DatasetApiService/DownloadDataset"
STORAGE = "GET http://localhost/storage/flickr8k.zip"
CAPTIONS = "image,caption\n" + "".join(
    f"{name},{caption}\n" for name, captions in KAGGLE.items() for caption in captions
)
# kagglehub writes so much at a time.
MIB = 1024 * 1024
FILES = {
    "captions.txt": CAPTIONS.encode(),
    **{f"Images/{name}": picture_bytes((80 * shade, 9, 9)) for shade, name in enumerate(KAGGLE)},
}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


class Kaggle(ThreadingHTTPServer):
    """Kaggle as kagglehub sees it: an API that leads to a storage, both behind this proxy.

    `status` is what the API answers, 302 where all is well; `sent` how much of the archive the
    storage sends before it hangs up, and `before` what happens first; `digest` tells of other bytes
    than these; `asked` and `credentials` are what came.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Storage)
        self.archive = zipped(FILES)
        self.status = 302
        self.sent: int | None = None
        self.before: Callable[[], None] | None = None
        self.digest: bytes | None = None
        self.asked: list[str] = []
        self.credentials: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever is stopped hangs up: that is no fault of the server's to print."""


class Storage(BaseHTTPRequestHandler):
    server: Kaggle

    def do_POST(self) -> None:
        self._note()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert (asked["ownerSlug"], asked["datasetSlug"]) == ("adityajn105", "flickr8k")
        refusal = json.dumps({"code": self.server.status, "message": "no"}).encode()
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", STORAGE.partition(" ")[2])
            refusal = b""
        self.send_header("Content-Type", "application/json" if refusal else "text/html")
        self.send_header("Content-Length", str(len(refusal)))
        self.end_headers()
        self.wfile.write(refusal)

    def do_GET(self) -> None:
        self._note()
        if self.server.before is not None:
            self.server.before()
        archive = self.server.archive
        start = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        self.send_response(206 if start else 200)
        digest = self.server.digest or hashlib.md5(archive).digest()
        self.send_header("X-Goog-Hash", f"md5={base64.b64encode(digest).decode()}")
        self.send_header("X-Kaggle-HubVersion", "99.0.0")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(archive) - start))
        self.end_headers()
        self.wfile.write(archive[start : self.server.sent])

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.credentials.append(self.headers["Authorization"])

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """kagglehub's cache, with nobody's credentials, and nothing but this machine in reach."""
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_KERNEL_RUN_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / ".kaggle"))
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CAVEWALL", str(tmp_path / "wall"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    return tmp_path / "cache"


@pytest.fixture
def kaggle(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    with Kaggle() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("http_proxy", server.address)
        yield server
        server.shutdown()


@pytest.fixture
def folder(cache: Path) -> Path:
    """Where the files of Flickr-8k come to lie."""
    return cache / "datasets" / "adityajn105" / "flickr8k" / "versions" / "1"


@pytest.fixture
def archive(cache: Path) -> Path:
    """Where kagglehub puts what it downloads."""
    return cache / "datasets" / "adityajn105" / "flickr8k" / "1.archive"


# The good road.


def test_a_dataset_is_brought_and_added_once(
    cli: Cli, kaggle: Kaggle, folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    report = cli("fetch", "flickr8k", "--encoder", tiny_model, "--json").json
    assert (report["added"], report["skipped"]) == (3, [])
    assert (report["dataset"], report["path"]) == ("flickr8k", str(folder))
    assert report["shortfalls"] == [f"{folder}/captions.txt names 3 pictures, not 8,091"]
    assert kaggle.asked == [DOWNLOAD, STORAGE]
    assert kaggle.credentials == [None, None]
    wall = cavewall.open(tmp_path / "wall", str(tiny_model))
    assert wall.picture("dog.jpg").captions == KAGGLE["dog.jpg"]

    again = cli("fetch", "flickr8k", "--json").json
    assert (again["added"], again["unchanged"]) == (0, 3)
    assert kaggle.asked == [DOWNLOAD, STORAGE]
    assert cli("fetch", "flickr8k", "-q") == Answer(0, "", "")


def test_what_is_missing_is_told_and_the_rest_added(
    cli: Cli, kaggle: Kaggle, folder: Path, tiny_model: Path
) -> None:
    kaggle.archive = zipped({name: data for name, data in FILES.items() if "cat" not in name})
    answer = cli("fetch", "flickr8k", "--encoder", tiny_model)
    lines = answer.out.splitlines()
    assert lines[0] == f"{folder}/captions.txt names 3 pictures, not 8,091"
    assert lines[1] == f"{folder}/Images holds 2 of the 3 pictures that are named"
    assert lines[2].startswith("2 added, 0 updated, 0 unchanged, 1 skipped in ")


def test_linked_originals_stay_in_the_cache(
    cli: Cli, kaggle: Kaggle, folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    assert cli("fetch", "flickr8k", "--link", "--encoder", tiny_model, "--json").json["added"] == 3
    picture = cavewall.open(tmp_path / "wall", str(tiny_model)).picture("dog.jpg")
    assert picture.path == folder / "Images" / "dog.jpg"
    assert picture.image is None


def test_the_users_own_credentials_are_sent_to_the_api_alone(
    cli: Cli, kaggle: Kaggle, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_USERNAME", "plato")
    monkeypatch.setenv("KAGGLE_KEY", "cave")
    assert cli("fetch", "flickr8k", "--encoder", tiny_model, "--json").json["added"] == 3
    assert kaggle.credentials[0] == "Basic " + base64.b64encode(b"plato:cave").decode()


def test_a_terminal_shows_the_download_and_a_process_one_object(
    cli: Cli, kaggle: Kaggle, tiny_model: Path, cache: Path
) -> None:
    words = ("fetch", "flickr8k", "--encoder", tiny_model)
    command = (sys.executable, "-c", "from cavewall.cli import main; main()")
    cli(*words)
    shutil.rmtree(cache)
    assert process(*words, "--json", command=command).json["unchanged"] == 3
    shutil.rmtree(cache)
    code, shown = on_terminal(*words, command=command)
    assert code == 0
    assert "Extracting files..." in shown
    assert "100%" in shown
    assert "3 unchanged" in shown


def test_a_path_that_leads_out_of_the_folder_writes_nothing_there(
    cli: Cli, kaggle: Kaggle, cache: Path, folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    outside = {"../../../../../evil.txt": b"evil", f"{tmp_path}/evil.txt": b"evil"}
    rows = f"../../../../../../evil.jpg,evil\n{tmp_path}/evil.jpg,evil\n"
    (tmp_path / "evil.jpg").write_bytes(picture_bytes())
    kaggle.archive = zipped({**FILES, **outside, "captions.txt": (CAPTIONS + rows).encode()})
    report = cli("fetch", "flickr8k", "--encoder", tiny_model, "--json").json
    assert (report["added"], len(report["skipped"])) == (3, 2)
    assert all(reject["reason"].startswith("outside: ") for reject in report["skipped"])
    evil = [path for path in tmp_path.rglob("evil.txt") if folder not in path.parents]
    assert evil == []


# What goes wrong: one sentence, exit code 1, and no wall.


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, r"refuses adityajn105/flickr8k/versions/1 \(401\): give credentials"),
        (403, r"\(403\): give credentials .* KAGGLE_USERNAME and KAGGLE_KEY, or .*kaggle\.json$"),
        (404, r"Kaggle has no adityajn105/flickr8k/versions/1 any more \(404\)"),
        (429, r"Kaggle answers 429 Too Many Requests for .*: try again later$"),
        (500, r"Kaggle answers 500 Internal Server Error for .*: try again later$"),
    ],
)
def test_a_refusal(cli: Cli, kaggle: Kaggle, tmp_path: Path, status: int, message: str) -> None:
    kaggle.status = status
    cli("fetch", "flickr8k", "--json").fails(message)
    assert not (tmp_path / "wall").exists()


def test_no_network(cli: Cli, cache: Path) -> None:
    cli("fetch", "flickr8k").fails(r"Kaggle cannot be reached \(Connection refused\): check the ")


def test_a_download_that_breaks_off_goes_on(
    cli: Cli, kaggle: Kaggle, archive: Path, tiny_model: Path
) -> None:
    kaggle.archive = zipped({**FILES, "ballast": bytes(3 * MIB)})
    kaggle.sent = 2 * MIB + 500
    cli("fetch", "flickr8k", "--json").fails("download of flickr8k broke off .* again to go on$")
    assert archive.stat().st_size == 2 * MIB
    kaggle.sent = None
    assert cli("fetch", "flickr8k", "--encoder", tiny_model, "--json").json["added"] == 3
    assert kaggle.asked == [DOWNLOAD, STORAGE] * 2 + [STORAGE]


@pytest.mark.parametrize("damage", ["cut short", "no archive", "a damaged file"])
def test_a_broken_archive_is_deleted(
    cli: Cli, kaggle: Kaggle, archive: Path, tiny_model: Path, damage: str
) -> None:
    whole = kaggle.archive
    kaggle.archive = {
        "cut short": whole[:-200],
        "no archive": b"<html>Please sign in to this network</html>",
        "a damaged file": whole.replace(b"a red bus", b"a red cow"),
    }[damage]
    cli("fetch", "flickr8k", "--json").fails("is no whole archive, and was deleted")
    assert not archive.exists()
    kaggle.archive = whole
    assert cli("fetch", "flickr8k", "--encoder", tiny_model, "--json").json["added"] == 3


def test_an_archive_that_was_altered_on_the_way(cli: Cli, kaggle: Kaggle, archive: Path) -> None:
    kaggle.digest = hashlib.md5(b"what was sent").digest()
    cli("fetch", "flickr8k", "--json").fails("is no whole archive, and was deleted")
    assert not archive.exists()


def test_ctrl_c(cli: Cli, kaggle: Kaggle) -> None:
    kaggle.before = lambda: os.kill(os.getpid(), signal.SIGINT)
    answer = cli("fetch", "flickr8k")
    assert (answer.code, answer.out) == (130, "")
    assert answer.err == (
        "error: stopped: what was written is kept. Run the same command again to go on\n"
    )


def test_an_archive_of_something_else(cli: Cli, kaggle: Kaggle, folder: Path) -> None:
    kaggle.archive = zipped({"readme.txt": b""})
    cli("fetch", "flickr8k").fails(f"delete {folder} and fetch flickr8k again$")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk(cli: Cli, kaggle: Kaggle, archive: Path) -> None:
    archive.parent.mkdir(parents=True)
    archive.symlink_to("/dev/full")
    cli("fetch", "flickr8k", "--json").fails(f"disk of {archive.parent} is full: make room, or let")


def test_a_cache_that_cannot_be_written(cli: Cli, kaggle: Kaggle, cache: Path) -> None:
    cache.write_text("a file")
    cli("fetch", "flickr8k").fails("cache.*: Not a directory$")


def test_credentials_that_cannot_be_read(cli: Cli, kaggle: Kaggle, tmp_path: Path) -> None:
    (tmp_path / ".kaggle").mkdir()
    (tmp_path / ".kaggle" / "kaggle.json").write_text("no json")
    cli("fetch", "flickr8k").fails(r"Invalid Kaggle credentials file at .*kaggle\.json: give ")
    assert kaggle.asked == []


def test_an_unknown_dataset(cli: Cli, kaggle: Kaggle) -> None:
    cli("fetch", "coco").fails("there is no dataset 'coco' to fetch: known are flickr8k$")
    assert kaggle.asked == []


def test_without_the_extra(cli: Cli, kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    cli("fetch", "flickr8k").fails(re.escape("not installed: pip install 'cavewall[kaggle]'"))
