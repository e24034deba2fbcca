"""`/api/compare`, `/api/path` and `/api/similarity`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import cavewall
from cavewall._internal.vectors import cosines
from cavewall.testing import FakeEncoder
from tests.server.served import Serve


def got(client: TestClient, address: str, status: int = 200, **asked: Any) -> Any:
    answer = client.get(f"/api/{address}", params=asked)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"k": 3, "rule": "add"},
        {"where": 'image_id != "snow-dog.jpg"', "k": 2},
        {"version": 2},
    ],
)
def test_a_comparison_is_the_walls(
    client: TestClient, toy: cavewall.Wall, options: dict[str, Any]
) -> None:
    expected = toy.compare("dog", "dog + snow", **options).to_dict()
    told = got(client, "compare", a="dog", b="dog + snow", **options)
    assert (told.pop("encoder"), told.pop("version")) == ("fake", 2)
    assert told == expected


def test_a_way_has_a_picture_for_each_point_that_there_is_one_for(
    client: TestClient, toy: cavewall.Wall
) -> None:
    told = got(client, "path", a="dog", b="boat", steps=3)
    assert told["points"] == ["dog", "slerp(dog, boat, 0.5)", "boat"]
    assert [hit["image_id"] for hit in told["hits"]] == [
        hit.image_id for hit in toy.path("dog", "boat", 3)
    ]
    assert [hit["point"] for hit in told["hits"]] == [0, 1, 2]
    many = got(client, "path", a="dog", b="boat", steps=9)
    assert [hit["point"] for hit in many["hits"]] == [0, 1, 2, 6, 7, 8]
    assert (many["rule"], many["version"]) == ("add", 2)


def test_points_read_back_whatever_the_ends_are(client: TestClient) -> None:
    a, b = '"dog, in snow" + 0.5 * sand', 'like("sea-boat.jpg")'
    for point in got(client, "path", a=a, b=b, steps=3)["points"]:
        assert got(client, "search", q=point, k=1)["expression"] == point


def test_texts_are_compared_and_never_parsed(client: TestClient) -> None:
    texts = ["dog - cat", "a dog", "@dog", "a dog"]
    told = got(client, "similarity", text=texts)
    vectors = FakeEncoder().encode(texts)
    assert (told["texts"], told["encoder"], told["dimension"]) == (texts, "fake", 32)
    assert told["matrix"] == pytest.approx(cosines(vectors, vectors), abs=1e-6)
    assert told["first"] == pytest.approx(vectors[:, :16], abs=1e-6)


@pytest.mark.parametrize(
    ("address", "asked", "told"),
    [
        ("compare", {"a": "dog"}, "b: field required"),
        ("compare", {"a": "dog", "b": "dog"}, "compared with itself"),
        ("compare", {"a": "dog", "b": "dog -cat"}, "white space before -"),
        ("compare", {"a": "dog", "b": "cat", "k": 1001}, "k: input should be"),
        ("compare", {"a": "dog", "b": "cat", "rule": "no"}, "rule"),
        ("compare", {"a": "dog", "b": "cat", "where": 'path = "a"'}, "paths stay"),
        ("compare", {"a": 'image("/etc/passwd")', "b": "cat"}, "not read over HTTP"),
        ("compare", {"a": "dog", "b": "cat", "q": "x"}, "there is no parameter 'q'"),
        ("path", {"a": "dog", "b": "- dog"}, "opposite ends"),
        ("path", {"a": "dog", "b": "cat", "steps": 51}, "steps"),
        ("path", {"a": "dog", "b": 'dog + has("cat")'}, "has"),
        ("path", {"a": "dog", "b": 'image("a.jpg")'}, "not read over HTTP"),
        ("similarity", {"text": ["one"]}, "text"),
        ("similarity", {"text": ["a"] * 33}, "text"),
        ("similarity", {"text": ["a", "  "]}, "empty"),
        ("similarity", {"text": ["a", "x" * 5000]}, "4,096"),
        ("similarity", {"text": ["a", "b"], "k": 2}, "there is no parameter 'k'"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    client: TestClient, address: str, asked: dict[str, Any], told: str
) -> None:
    assert told in got(client, address, 422, **asked)["detail"]


def test_a_repeated_expression_is_refused(client: TestClient) -> None:
    answer = client.get("/api/compare?a=dog&a=cat&b=boat")
    assert (answer.status_code, "2 times" in answer.text) == (422, True)


def test_a_version_that_is_gone_is_told(tmp_path: Path, serve: Serve) -> None:
    from cavewall.testing import toy_wall  # noqa: PLC0415 -- a wall of its own to spoil

    wall = toy_wall(tmp_path / "wall")
    client = serve(wall)
    for address in ("compare", "path"):
        told = got(client, address, 422, a="dog", b="boat", version=99)
        assert told["detail"] == "there is no version 99: the newest is 2"
