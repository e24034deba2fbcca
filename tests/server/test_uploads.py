"""What clients name in expressions: pictures that they sent, while these are remembered."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

import cavewall
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.conftest import picture_bytes
from tests.server.served import Serve, colours_wall

RED, BLUE = (picture_bytes(colour, (9, 9), "PNG") for colour in ("#e01010", "#1010e0"))


def sent(client: TestClient, data: bytes) -> str:
    answer = client.post("/api/images", content=data, headers={"Content-Type": "image/png"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["term"])


def shade(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2), (number, 0, 0)).save(out, "PNG")
    return out.getvalue()


def test_every_question_may_name_it(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    term = sent(client, RED)
    q = f"{term} - blue"
    (first,) = client.get("/api/search", params={"q": q, "k": 1}).json()["hits"]
    parts = [(part["term"], part["space"]) for part in first["terms"]]
    assert parts == [("blue", "caption"), (term, "image"), ("blue", "image")]
    told = client.get("/api/explain", params={"q": q, "image_id": "red"}).json()
    (why,) = told["explanation"]["hits"]
    assert [part["term"] for part in why["terms"]] == ["blue", term, "blue"]
    (chip, _) = client.get("/api/expression", params={"q": q}).json()["terms"]
    assert (chip["kind"], chip["atom"]) == ("image", term)
    scores = client.get("/api/map/scores", params={"q": q})
    assert np.argmax(np.frombuffer(scores.content, "<f4")) == 0


def test_a_map_of_captions_has_no_place_for_it(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    term = sent(client, RED)
    places = client.get("/api/map/places", params={"q": f"{term} - blue"}).json()
    alone = client.get("/api/map/places", params={"q": "- blue"}).json()
    image, blue = places["terms"]
    assert (image["term"], image["x"], image["y"]) == (term, None, None)
    assert blue == alone["terms"][0]
    assert places["query"] == alone["query"]
    assert client.get("/api/map/places", params={"q": term}).json()["query"] is None


def test_a_comparison_asks_every_space_for_it(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    term = sent(client, RED)
    found = client.get("/api/compare", params={"a": "blue", "b": f"blue + {term}", "k": 1}).json()
    assert {change["term"] for kind in ("entered", "left") for change in found[kind]} <= {
        "blue",
        term,
    }
    assert found["after"] == f"blue + {term}"


@pytest.mark.parametrize("name", ["0123456789abcdef", "", "../../etc/passwd", "/etc/passwd"])
def test_what_was_never_sent_is_not_looked_for(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"upload:{name.replace('/', '_')}").write_bytes(RED)
    client = serve(colours_wall(tmp_path / "wall"))
    for path in ("/api/search", "/api/explain", "/api/map/scores", "/api/map/places"):
        answer = client.get(path, params={"q": f'dog + mean(cat, image("upload:{name}"))'})
        assert answer.status_code == 422
        assert "is a picture that is no longer remembered" in answer.json()["detail"]


def test_a_saved_term_names_no_file_by_it(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wall = colours_wall(tmp_path / "wall")
    (tmp_path / "upload:mine").write_bytes(RED)
    wall.terms.save("mine", 'image("upload:mine")')
    answer = serve(wall).get("/api/search", params={"q": "@mine"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("image() names a file")


def test_the_last_ones_are_remembered(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    first, second = sent(client, RED), sent(client, BLUE)
    for number in range(63):
        sent(client, shade(number))
        assert client.get("/api/search", params={"q": first}).status_code == 200
    answer = client.get("/api/search", params={"q": second})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith("send it again")
    sent(client, BLUE)
    assert client.get("/api/search", params={"q": second}).status_code == 200


def test_another_server_does_not_know_it(serve: Serve, tmp_path: Path) -> None:
    wall = colours_wall(tmp_path / "wall")
    term = sent(serve(wall), RED)
    assert serve(wall).get("/api/search", params={"q": term}).status_code == 422


def test_it_stays_while_pictures_come(serve: Serve, tmp_path: Path) -> None:
    wall = colours_wall(tmp_path / "wall")
    client = serve(wall)
    term = sent(client, RED)
    wall.add([cavewall.Picture("dark", image=picture_bytes("#200000", kind="PNG"))])
    (tmp_path / "mine.png").write_bytes(RED)
    while client.get("/api/health").json().get("version") != wall.version:
        pass
    told = client.get("/api/search", params={"q": term}).json()["hits"]
    hits = wall.search(f'image("{tmp_path}/mine.png")')
    assert len(hits) == 5
    assert [hit["score"] for hit in told] == [hit.score for hit in hits]


def test_another_model_asks_for_it_again(serve: Serve, tmp_path: Path) -> None:
    client = serve(colours_wall(tmp_path / "wall"))
    term = sent(client, RED)
    with cavewall.open(tmp_path / "wall", FakeEncoder()) as other:
        other.model.discard_images()
        other.model.embed_images(FakeImageEncoder("another"))
        newest = other.version
    answer = client.get("/api/search", params={"q": term, "version": newest})
    assert answer.status_code in (422, 503)
