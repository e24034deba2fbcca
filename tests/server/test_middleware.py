"""Who may ask, and what every answer carries."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

import cavewall
from cavewall.server import Settings
from cavewall.server.middleware import Session
from tests.server.served import Serve

TOKEN = "a-token-of-more-than-sixteen"
EVERY_KIND = (
    ("GET", "/", 200),
    ("GET", "/api/search?q=dog", 200),
    ("GET", "/api/pictures/snow-dog.jpg", 200),
    ("GET", "/api/pictures/snow-dog.jpg/image", 200),
    ("GET", "/api/pictures/snow-dog.jpg/thumbnail", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/api/search", 422),
    ("GET", "/nowhere", 404),
    ("GET", "/api", 404),
    ("GET", "/api/pictures/nobody/image", 404),
    ("GET", "/docs", 404),
    ("GET", "/assets/../index.html", 404),
    ("GET", "/assets/%2e%2e/%2e%2e/app.py", 404),
    ("GET", "/static/..%2f..%2fetc/passwd", 404),
    ("DELETE", "/api/search", 405),
    ("PUT", "/api/pictures/snow-dog.jpg", 405),
    ("TRACE", "/", 405),
    ("POST", "/api/search", 415),
)


@pytest.mark.parametrize(("method", "address", "status"), EVERY_KIND)
def test_every_answer_is_dressed(
    client: TestClient, method: str, address: str, status: int
) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert len(answer.headers["x-request-id"]) == 32
    assert not any(name.startswith("access-control") for name in answer.headers)
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["request_id"] == answer.headers["x-request-id"]
        assert set(told) <= {"type", "title", "status", "detail", "column", "request_id"}


def test_scripts_run_from_the_page_alone(client: TestClient) -> None:
    page = client.get("/")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    known = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert known.status_code == 304
    # A browser takes these headers for the page that it kept.
    assert known.headers["content-security-policy"] == page.headers["content-security-policy"]
    policy = client.get("/api/pictures/snow-dog.jpg/image").headers["content-security-policy"]
    assert policy.endswith("sandbox")
    assert "script-src" not in policy


def test_a_method_that_is_not_taken_is_told_which_is(client: TestClient) -> None:
    assert client.delete("/api/wall").headers["allow"] == "GET, HEAD"
    assert client.delete("/api/search").headers["allow"] == "GET, HEAD, POST"
    assert client.get("/api/session").headers["allow"] == "POST"


@pytest.mark.parametrize("address", ["/", "/api/wall", "/api/pictures/snow-dog.jpg/image"])
def test_a_head_is_a_get(client: TestClient, address: str) -> None:
    head, got = client.head(address), client.get(address)
    assert head.status_code == 200
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_request_keeps_the_id_it_came_with(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"X-Request-Id": "abc-1.2_3"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc-1.2_3"
    for odd in ("a b", "x" * 65, "<script>", ""):
        assert client.get("/", headers={"X-Request-Id": odd}).headers["x-request-id"] != odd


# Hosts.


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "LocalHost:9", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000"],
)
def test_this_machines_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/wall", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.1.nip.io", ""),
        *("localhost:8000@evil.example", "localhost:port", "localhost:999999", "[::1", "::1"),
        *("localhost evil.example", "10.0.0.1", "0.0.0.0:8000", "localhost.", "[]", "a" * 5000),
    ],
)
def test_other_names_are_not(client: TestClient, host: str) -> None:
    for address in ("/", "/api/wall", "/nowhere", "/openapi.json"):
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 421
        assert "DNS rebinding" in answer.json()["detail"]


def test_a_host_is_named_once(client: TestClient) -> None:
    headers = [("Host", "localhost"), ("Host", "evil.example")]
    assert client.get("/", headers=headers).status_code == 421


def test_the_host_given_is_answered(toy: cavewall.Wall, serve: Serve) -> None:
    client = serve(toy, host="192.168.7.7", token=TOKEN)
    assert client.get("/", headers={"Host": "192.168.7.7:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "192.168.7.8:8000"}).status_code == 421


def test_any_address_is_answered_where_all_are_listened_on(
    toy: cavewall.Wall, serve: Serve
) -> None:
    client = serve(toy, host="0.0.0.0", token=TOKEN)
    for host in ("192.168.7.7:8000", "[fe80::1]:8000", "127.0.0.1"):
        assert client.get("/", headers={"Host": host}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_the_name_of_a_proxy_in_front_is_answered_where_it_is_given(
    toy: cavewall.Wall, serve: Serve
) -> None:
    client = serve(toy, host="0.0.0.0", token=TOKEN, allowed_hosts=("Photos.example.org", "cave"))
    for host in ("photos.example.org", "PHOTOS.example.org:443", "cave:8000"):
        assert client.get("/", headers={"Host": host}).status_code == 200
    assert client.get("/", headers={"Host": "x.photos.example.org"}).status_code == 421


# Other sites.


@pytest.mark.parametrize(
    ("headers", "get", "post"),
    [
        ({}, 200, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200, 200),
        ({"Sec-Fetch-Site": "none"}, 200, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403, 403),
        ({"Origin": "http://localhost:8000"}, 200, 200),
        ({"Origin": "http://localhost:3000"}, 200, 403),
        ({"Origin": "http://evil.example"}, 200, 403),
        ({"Origin": "null"}, 200, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 200, 200),
    ],
)
def test_other_sites_ask_nothing(
    client: TestClient, headers: dict[str, str], get: int, post: int
) -> None:
    assert client.get("/api/search?q=dog", headers=headers).status_code == get
    assert client.post("/api/search", json={"q": "dog"}, headers=headers).status_code == post
    assert client.get("/", headers=headers).status_code == 200


def test_a_preflight_is_refused(client: TestClient) -> None:
    answer = client.options(
        "/api/search",
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code in (403, 405)
    assert "access-control-allow-origin" not in answer.headers


# Tokens.


@pytest.fixture
def locked(toy: cavewall.Wall, serve: Serve) -> TestClient:
    return serve(toy, token=TOKEN)


@pytest.mark.parametrize(
    "header",
    [
        *("", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"),
        *(f"Bearer {TOKEN.upper()}", TOKEN, "Bearer \u00e9"),
    ],
)
def test_without_the_token_nothing_is_told(locked: TestClient, header: str) -> None:
    headers = {b"Authorization": header.encode("utf-8")}
    for _, address, _ in EVERY_KIND:
        if address.startswith("/api"):
            answer = locked.get(address, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == 'Bearer realm="cavewall"'
    assert locked.get("/api/health", headers=headers).status_code == 401


def test_with_the_token_everything_is(locked: TestClient) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert locked.get("/api/search?q=dog", headers=headers).status_code == 200
    assert locked.get("/api/pictures/snow-dog.jpg/image", headers=headers).status_code == 200


def test_the_page_is_there_without_a_token(locked: TestClient) -> None:
    assert locked.get("/").status_code == 200


def test_a_session_knows_one_token() -> None:
    session = Session(Settings(token=TOKEN))
    assert session.knows(TOKEN)
    assert not session.knows("")
    assert not session.knows("\ud800")
    assert session.admits(Headers({"cookie": f"{session.cookie}={session.value}"}))
    assert not session.admits(Headers({"cookie": f"{session.cookie}={TOKEN}"}))
    assert not session.admits(Headers({"cookie": f"{session.cookie}="}))


def test_where_no_token_is_needed_everyone_is_admitted() -> None:
    session = Session(Settings())
    assert session.admits(Headers({}))
    assert not session.knows("")
