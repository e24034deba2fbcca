"""How a bucket is reached: what reads it is in tests/ingest/test_buckets.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall._internal.object_store import ObjectPath
from cavewall._internal.object_store.client import _endpoint
from cavewall.errors import StorageError
from tests.s3 import BUCKET, Way, client

CONFIG = """
[default]
region = eu-central-1
[profile cellar]
endpoint_url = http://cellar:9000
"""


def test_a_server_of_ones_own_is_found_where_the_profile_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert _endpoint() is None
    monkeypatch.setenv("AWS_PROFILE", "cellar")
    assert _endpoint() == "http://cellar:9000"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://here:1")
    assert _endpoint() == "http://here:1"
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    (tmp_path / "config").write_bytes(b"no configuration \xff")
    assert _endpoint() is None


def test_azure_wants_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(StorageError, match="set AZURE_STORAGE_ACCOUNT_NAME to the account that"):
        ObjectPath("az://container/x").exists()


@pytest.mark.s3
def test_a_long_object_is_one_request_beside_its_head(s3: str, s3_endpoint: str, way: Way) -> None:
    key = s3.removeprefix(f"s3://{BUCKET}/")
    data = bytes(range(256)) * 20_000
    client(s3_endpoint).put_object(Bucket=BUCKET, Key=key, Body=data)
    assert ObjectPath(s3).read(len(data)) == data
    assert [method for method, _ in way.requests] == ["HEAD", "GET"]
    with pytest.raises(OSError, match="5,120,000 bytes are more than the 5,119,999 allowed"):
        ObjectPath(s3).read(len(data) - 1)
    with ObjectPath(s3).opened() as file:
        file.seek(-3, 2)
        assert file.read() == b"\xfd\xfe\xff"


@pytest.mark.s3
def test_what_was_listed_is_asked_for_once(s3: str, s3_endpoint: str, way: Way) -> None:
    key = s3.removeprefix(f"s3://{BUCKET}/")
    for name in ("a.txt", "b/c.txt"):
        client(s3_endpoint).put_object(Bucket=BUCKET, Key=f"{key}/{name}", Body=b"12")
    root = ObjectPath(s3)
    assert [path.name for path in root.iterdir()] == ["a.txt", "b"]
    assert [path.name for path in root.glob("*.txt")] == ["a.txt"]
    assert [path.name for path in root.glob("b/*.txt")] == ["c.txt"]
    assert ((root / "a.txt").is_file(), (root / "b").is_file()) == (True, False)
    assert ((root / "a.txt").is_dir(), (root / "b").is_dir()) == (False, True)
    assert not (root / "none").exists()
    state = (root / "b/c.txt").state()
    assert state is not None
    assert state.size == 2
    assert (root / "b/none.txt").state() is None
    assert len(way.requests) == 2
    with pytest.raises(FileNotFoundError, match="there is no such object"):
        (root / "none").read(9)
