"""Answers in JSON, compressed for who asks for it."""

from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from cavewall.server.json_response import as_json, takes_gzip


def request(encoding: str | None) -> Request:
    headers = [] if encoding is None else [(b"accept-encoding", encoding.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize("given", ["gzip", "br, GZIP;q=0.5", "*", "gzip ; q=1"])
def test_who_reads_gzip(given: str) -> None:
    assert takes_gzip(request(given))


@pytest.mark.parametrize("given", [None, "", "br", "gzip;q=0", "gzip; q=0.0", "gzipped", "x-gzip"])
def test_who_does_not(given: str | None) -> None:
    assert not takes_gzip(request(given))


def test_a_long_answer_is_compressed() -> None:
    value = {"said": "dog " * 1000}
    packed, plain = (as_json(value, request(given)) for given in ("gzip", None))
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < 200
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers


def test_a_short_one_is_not() -> None:
    assert "content-encoding" not in as_json({"a": 1}, request("gzip")).headers


def test_answers_are_utf8_and_numbers_are_finite() -> None:
    assert as_json({"a": "é"}, request(None)).body == '{"a":"é"}'.encode()
    assert as_json({"a": "\ud800"}, request(None)).body == b'{"a":"?"}'
    with pytest.raises(ValueError, match="Out of range"):
        as_json({"a": float("nan")}, request(None))


def test_an_answer_is_nobodys_to_keep(client: TestClient) -> None:
    assert client.get("/api/search?q=dog").headers["cache-control"] == "no-store"
