"""`/api/session`: the token for a cookie."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

import cavewall
from tests.server.served import Serve

TOKEN = "a-token-of-more-than-sixteen"


@pytest.fixture
def locked(toy: cavewall.Wall, serve: Serve) -> TestClient:
    return serve(toy, token=TOKEN, port=8123)


def test_the_token_opens_a_session(locked: TestClient) -> None:
    assert locked.get("/api/wall").status_code == 401
    answer = locked.post("/api/session", json={"token": TOKEN})
    assert answer.status_code == 204
    assert answer.content == b""
    said = answer.headers["set-cookie"]
    assert said.startswith("cavewall-8123=")
    assert said.endswith("; HttpOnly; Path=/; SameSite=strict")
    assert TOKEN not in said
    assert locked.get("/api/wall").status_code == 200


def test_over_tls_the_cookie_is_for_tls_alone(toy: cavewall.Wall, serve: Serve) -> None:
    client = serve(toy, "https://localhost:8000", token=TOKEN)
    answer = client.post("/api/session", json={"token": TOKEN})
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("token", ["", TOKEN + "x", "\u00e9", TOKEN[:-1]])
def test_another_token_opens_none(locked: TestClient, token: str) -> None:
    answer = locked.post("/api/session", json={"token": token})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "this is not the token"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"token": 1}, {"token": TOKEN, "more": 1}, []])
def test_what_the_body_is(locked: TestClient, body: object) -> None:
    answer = locked.post("/api/session", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"] == 'the body is {"token": "…"}'


def test_another_site_opens_none(locked: TestClient) -> None:
    headers = {"Origin": "http://evil.example"}
    assert locked.post("/api/session", json={"token": TOKEN}, headers=headers).status_code == 403


def test_where_no_token_is_needed_there_is_no_cookie(client: TestClient) -> None:
    answer = client.post("/api/session", json={"token": "anything at all"})
    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers
