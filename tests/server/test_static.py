"""The page and its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cavewall.server.static import static_routes


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Cavewall</title>" + "a" * 2000)
    (folder / "assets" / "index-0a1b2c.js").write_text("console.log(1)" * 200)
    (folder / "assets" / "font.woff2").write_bytes(b"font")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "secret.py").write_text("no page")
    (tmp_path / "outside.html").write_text("outside")
    app = FastAPI(redirect_slashes=False)
    app.include_router(static_routes(folder))
    return TestClient(app)


def test_the_page_is_asked_for_anew(pages: TestClient) -> None:
    answer = pages.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    tag = answer.headers["etag"]
    for given in (tag, f"W/{tag}", f'"another", {tag}'):
        assert pages.get("/", headers={"If-None-Match": given}).status_code == 304
    assert pages.get("/", headers={"If-None-Match": '"another"'}).status_code == 200


def test_hashed_files_are_kept_for_ever(pages: TestClient) -> None:
    answer = pages.get("/assets/index-0a1b2c.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_texts_are_compressed_and_fonts_are_not(pages: TestClient) -> None:
    assert pages.get("/").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in pages.get("/", headers={"Accept-Encoding": "br"}).headers
    font = pages.get("/assets/font.woff2")
    assert "content-encoding" not in font.headers
    assert font.content == b"font"


@pytest.mark.parametrize(
    "address",
    [
        *("/index.html", "/assets", "/assets/", "/secret.py", "/assets/nobody.js", "/%2e"),
        *("/../outside.html", "/assets/%2e%2e/%2e%2e/outside.html", "/..%2foutside.html"),
        *("/assets/..%5c..%5coutside.html", "/assets/index-0a1b2c.js%00", "/ASSETS/font.woff2"),
    ],
)
def test_nothing_else_is_there(pages: TestClient, address: str) -> None:
    assert pages.get(address).status_code == 404


def test_the_page_that_is_shipped_is_there(client: TestClient) -> None:
    answer = client.get("/?q=dog%20-%20cat")
    assert answer.status_code == 200
    assert "<title>Cavewall" in answer.text
    assert "<script>" not in answer.text
    assert " on" not in answer.text.partition("<body")[0]


def test_the_tour_is_a_page_too(client: TestClient) -> None:
    answer = client.get("/tour")
    assert answer.status_code == 200
    assert "<title>Tour" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    again = client.get("/tour", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "script-src 'self'" in again.headers["content-security-policy"]
    assert client.get("/tour.html").status_code == 404
