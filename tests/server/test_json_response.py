"""Answers in JSON, compressed for who asks for it."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from starlette.testclient import TestClient

from cavewall.server.json_response import as_json

LONG = {"said": "dog " * 1000}


def sent(value: Any, encoding: str | None) -> tuple[dict[str, str], bytes]:
    """The headers of an answer, and its body as it is on the wire."""
    headers = {"Accept-Encoding": "" if encoding is None else encoding}
    with TestClient(as_json(value), headers=headers).stream("GET", "/") as answer:
        return dict(answer.headers), b"".join(answer.iter_raw())


@pytest.mark.parametrize("given", ["gzip", "br, GZIP;q=0.5", "*", "gzip ; q=1"])
def test_who_reads_gzip(given: str) -> None:
    assert sent(LONG, given)[0]["content-encoding"] == "gzip"


@pytest.mark.parametrize("given", [None, "", "br", "gzip;q=0", "gzip; q=0.0", "gzipped", "x-gzip"])
def test_who_does_not(given: str | None) -> None:
    assert "content-encoding" not in sent(LONG, given)[0]


def test_a_long_answer_is_compressed() -> None:
    (packed, short), (plain, long) = (sent(LONG, given) for given in ("gzip", None))
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(short) == long
    assert len(short) < 200
    assert int(packed["content-length"]) == len(short)
    assert packed["vary"] == plain["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain


def test_a_short_one_is_not() -> None:
    assert "content-encoding" not in sent({"a": 1}, "gzip")[0]


def test_answers_are_utf8_and_numbers_are_finite() -> None:
    assert as_json({"a": "é"}).body == '{"a":"é"}'.encode()
    assert as_json({"a": "\ud800"}).body == b'{"a":"?"}'
    with pytest.raises(ValueError, match="Out of range"):
        as_json({"a": float("nan")})


def test_an_answer_is_nobodys_to_keep(client: TestClient) -> None:
    assert client.get("/api/search?q=dog").headers["cache-control"] == "no-store"


def test_pictures_and_parts_of_them_are_never_compressed(client: TestClient) -> None:
    asked = {"Accept-Encoding": "gzip"}
    for address in ("/api/pictures/snow-dog.jpg/image", "/api/map/points", "/api/map/scores?q=dog"):
        for headers in (asked, {**asked, "Range": "bytes=0-9"}):
            assert "content-encoding" not in client.get(address, headers=headers).headers
