"""What object storage says, as one sentence; and what is not of it stays what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cavewall.encoders import EncoderIdentity
from cavewall.errors import StorageError, VersionExpiredError, WallNotFoundError
from cavewall.models import Picture
from cavewall.storage import NewPicture, Store
from cavewall.storage.locks import CommitConflictError
from cavewall.storage.object_store_errors import (
    raise_storage_errors,
    storage_error,
    storage_options,
)
from cavewall.storage.side_tables import retry_on_conflict
from tests.s3 import BUCKET, CUT, Way, client

pytestmark = pytest.mark.s3
IDENTITY = EncoderIdentity("plane", 2, "p" * 64)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "InvalidAccessKeyId", r"credentials for s3://.* refused \(InvalidAccessKeyId\)"),
        (403, "SignatureDoesNotMatch", r"refused \(SignatureDoesNotMatch\): check AWS_ACC"),
        (403, "RequestTimeTooSkewed", "set the clock of this machine"),
        (403, "AccessDenied", "access to s3://.* is denied: these credentials need to list"),
        (404, "NoSuchBucket", f"there is no bucket {BUCKET}: make it first"),
        (301, "PermanentRedirect", f"the bucket {BUCKET} is in another region .* AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "is in another region"),
        (503, "SlowDown", "asks for fewer requests, and was asked again in vain: try later"),
        (500, "InternalError", "s3://.* does not answer"),
        (CUT, "", "does not answer: check the network, and AWS_ENDPOINT_URL"),
    ],
)
def test_a_refusal_is_one_sentence(s3: str, way: Way, status: int, code: str, message: str) -> None:
    way.always(status, code)
    with pytest.raises(StorageError, match=message) as told:
        Store.open(s3)
    assert "\n" not in str(told.value)
    assert "LanceError" not in str(told.value)


def test_a_server_that_is_not_there(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="does not answer"):
        Store.open(s3)


def test_no_credentials_at_all(s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    with pytest.raises(StorageError, match="there are no credentials for s3://"):
        Store.open(s3)


def test_a_profile_says_who_where_and_in_which_region(
    s3: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Store.create(s3, IDENTITY)
    for name in ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION"):
        monkeypatch.delenv(f"AWS_{name}")
    profile = f"[profile mine]\nregion = eu-central-1\nendpoint_url = {s3_endpoint}\n"
    (tmp_path / "config").write_text(profile)
    (tmp_path / "credentials").write_text(
        "[mine]\naws_access_key_id = someone\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert Store.open(s3).count() == 0


def test_a_server_that_is_overloaded_for_a_while_is_asked_again(s3: str, way: Way) -> None:
    Store.create(s3, IDENTITY)
    refused = 0

    def for_a_while(method: str, path: str) -> tuple[int, str] | None:
        nonlocal refused
        refused += 1
        return (503, "SlowDown") if refused <= 3 else None

    way.fault = for_a_while
    assert Store.open(s3).count() == 0
    assert refused > 3


@pytest.mark.parametrize("at", range(5))
def test_who_makes_a_wall_later_overwrites_nothing(s3: str, way: Way, at: int) -> None:
    asked = 0

    def at_a_request(method: str, path: str) -> None:
        nonlocal asked
        asked += 1
        if asked == at + 1:
            vector = np.array([1, 0], np.float32)
            other = Store.create(s3, IDENTITY)
            other.upsert([NewPicture(Picture("theirs", ("x",), source="s"), vector)])

    way.fault = at_a_request
    Store.create(s3, IDENTITY)
    way.fault = lambda method, path: None
    assert Store.open(s3).snapshot().ids.to_pylist() == ["theirs"]


def test_a_bucket_that_is_there_and_a_wall_that_is_not(s3: str) -> None:
    with pytest.raises(WallNotFoundError, match="there is no wall at s3://"):
        Store.open(s3)


def test_a_version_whose_objects_are_gone(s3: str, s3_endpoint: str) -> None:
    store = Store.create(s3, IDENTITY)
    store.overwrite(iter([]))
    with pytest.raises(VersionExpiredError):
        _ = store.details(99)
    boto = client(s3_endpoint)
    prefix = s3.partition(f"{BUCKET}/")[2]
    assert boto.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"] > 0


def test_faults_of_others_pass_as_they_are() -> None:
    with pytest.raises(OSError, match="denied"), raise_storage_errors(lambda: "s3://b/w"):
        raise OSError("denied")
    local = ValueError("LanceError(IO): Generic S3 error")
    assert storage_error("/a/folder", local) is None
    with pytest.raises(WallNotFoundError), raise_storage_errors(lambda: "s3://b/w"):
        raise WallNotFoundError("LanceError(IO)")


def test_what_is_not_understood_is_told_in_its_own_words() -> None:
    told = storage_error("gs://b/w", OSError("Generic GCS error: odd\nand more"))
    assert str(told) == "gs://b/w cannot be used: Generic GCS error: odd"


def test_folders_need_no_options() -> None:
    assert storage_options("/a/folder") is None
    assert storage_options("az://c/w") == {"allow_http": "true"}


def test_work_is_made_again_until_it_is_done() -> None:
    tried: list[int] = []

    def work() -> int:
        tried.append(1)
        if len(tried) < 3:
            raise CommitConflictError
        return 7

    assert (retry_on_conflict("s3://b/w", work), len(tried)) == (7, 3)
