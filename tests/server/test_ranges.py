"""Ranges and what a client has already: RFC 9110."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

IMAGE = "/api/pictures/snow-dog.jpg/image"


@pytest.fixture(scope="module")
def whole(client: TestClient) -> bytes:
    return client.get(IMAGE).content


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=0-", 0, None),
        ("bytes=5-5", 5, 5),
        ("bytes=600-99999999", 600, None),
        ("bytes=-99999999", 0, None),
        ("bytes= 1 - 2", 1, 2),
    ],
)
def test_a_part(client: TestClient, whole: bytes, asked: str, first: int, last: int | None) -> None:
    answer = client.get(IMAGE, headers={"Range": asked})
    size = len(whole)
    start = first % size if first < 0 else first
    end = size - 1 if last is None else last
    assert answer.status_code == 206
    assert answer.content == whole[start : end + 1]
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{size}"
    assert answer.headers["content-length"] == str(end + 1 - start)
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=0", ""),
        *("bytes=" + "9" * 40 + "-", "bytes=\u0661-\u0662".encode().decode("latin-1")),
    ],
)
def test_what_is_no_one_part_is_the_whole(client: TestClient, whole: bytes, asked: str) -> None:
    answer = client.get(IMAGE, headers={b"Range": asked.encode("latin-1")})
    assert answer.status_code == 200
    assert answer.content == whole


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_that_is_not_there(client: TestClient, whole: bytes, asked: str) -> None:
    answer = client.get(IMAGE, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(whole)}"
    assert answer.json()["status"] == 416


def test_a_part_of_another_file_is_the_whole(client: TestClient) -> None:
    tag = client.get(IMAGE).headers["etag"]
    headers = {"Range": "bytes=0-1", "If-Range": tag}
    assert client.get(IMAGE, headers=headers).status_code == 206
    for other in ('"other"', f"W/{tag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        headers["If-Range"] = other
        assert client.get(IMAGE, headers=headers).status_code == 200


def test_what_a_client_has_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(IMAGE).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(IMAGE, headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == tag
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get(IMAGE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_knowing_it_comes_before_a_part(client: TestClient) -> None:
    tag = client.get(IMAGE).headers["etag"]
    headers = {"If-None-Match": tag, "Range": "bytes=0-1"}
    assert client.get(IMAGE, headers=headers).status_code == 304
