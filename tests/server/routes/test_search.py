"""`/api/search` and `/api/explain`: the answers of the wall, in the form of the command's JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import cavewall
from tests.server.served import Serve


def found(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get("/api/search", params={"q": "a dog", **asked})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer.pop("took_ms") >= 0
    return answer


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({"q": "a dog - snow", "k": 3}, {"k": 3}),
        ({"q": "a dog - snow", "rule": "add"}, {"rule": "add"}),
        (
            {"q": "dog", "where": 'image_id != "snow-dog.jpg"'},
            {"where": 'image_id != "snow-dog.jpg"'},
        ),
        ({"q": "dog", "k": 2, "offset": 2, "version": 2}, {"k": 2, "offset": 2, "version": 2}),
        ({"q": "dog", "explain": 1}, {"explain": True}),
        ({"q": "dog", "diverse": 0.5, "dedupe": 1}, {"diverse": 0.5, "dedupe": True}),
        ({"q": "dog", "group_by": "width"}, {"group_by": "width"}),
        ({"q": 'like("snow-dog.jpg")', "include_inputs": 1}, {"include_inputs": True}),
        ({"q": "dog", "min_percentile": 0}, {"min_percentile": 0.0}),
    ],
)
def test_an_answer_is_the_walls(
    client: TestClient, toy: cavewall.Wall, asked: dict[str, Any], options: dict[str, Any]
) -> None:
    expected = timeless(toy.search(asked["q"], **options).to_dict())
    assert timeless(found(client, **asked)) == expected
    body = {
        name: bool(value) if name in ("explain", "dedupe", "include_inputs") else value
        for name, value in asked.items()
    }
    posted = client.post("/api/search", json=body)
    assert timeless(posted.json()) == expected


def test_advice_is_left_out_where_nobody_reads_it(client: TestClient) -> None:
    told = found(client, q="dog without snow")
    assert told["advice"] != []
    assert timeless(found(client, q="dog without snow", advice=0)) == {
        **timeless(told),
        "advice": [],
    }


def test_a_plus_is_written_as_it_has_to_be(client: TestClient) -> None:
    answer = client.get("/api/search?q=dog%20%2B%20snow&k=1").json()
    assert answer["expression"] == "dog + snow"
    assert [term["term"] for term in answer["hits"][0]["terms"]] == ["dog", "snow"]


def test_what_is_meant_literally_is_one_text(client: TestClient) -> None:
    answer = found(client, q="dog - snow", literal=1, k=1)
    assert answer["expression"] == '"dog - snow"'
    assert len(answer["hits"][0]["terms"]) == 1


def test_terms_sum_to_scores(client: TestClient) -> None:
    for hit in found(client, q="a dog + 0.5 * snow - boat")["hits"]:
        assert sum(term["contribution"] for term in hit["terms"]) == pytest.approx(hit["score"])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("q=dog&x=1", "there is no parameter 'x': there are q, k, rule"),
        ("q=dog&q=cat", "the parameter 'q' is there 2 times"),
        ("k=1", "q: field required"),
        ("q=dog&k=0", "k: input should be greater than or equal to 1"),
        ("q=dog&k=1001", "k: input should be less than or equal to 1000"),
        ("q=dog&k=ten", "k: input should be a valid integer"),
        ("q=dog&k=%F0%9F%90%95", "k: input should be a valid integer"),
        ("q=dog&offset=-1", "offset: input should be greater"),
        ("q=dog&offset=1000001", "offset: input should be less"),
        ("q=dog&version=3", "there is no version 3: the newest is 2"),
        ("q=dog&version=99999999999999999999", "version: input should be less"),
        ("q=dog&diverse=nan", "diverse: input should be"),
        ("q=dog&min_percentile=inf", "min_percentile: input should be"),
        ("q=dog&literal=perhaps", "literal: input should be a valid boolean"),
        ("q=dog&rule=best", "there is no rule 'best'"),
        ("q=dog&group_by=nobody", "there is no field nobody"),
        ("q=like(%22nobody%22)", "there is no picture 'nobody' on this wall"),
        ("q=%40nobody", "there is no saved term @nobody"),
        ("q=dog+-+dog", "`dog - dog` cancels out to nothing"),
        ("q=" + "a" * 20_000, "q: string should have at most 16384 characters"),
        ("q=dog&where=" + "a" * 20_000, "where: string should have at most 16384 characters"),
        ("q=dog&literal=1&q%00=1", "there is no parameter 'q\\x00'"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    client: TestClient, query: str, says: str
) -> None:
    answer = client.get(f"/api/search?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(says)


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        ({"q": "dog -cat"}, 5),
        ({"q": ""}, 1),
        ({"q": "a" * 5000}, 4097),
        ({"q": " + ".join(["dog"] * 257)}, 1),
        ({"q": "dog", "where": "width >"}, 8),
        ({"q": "dog", "where": "nobody = 1"}, 1),
    ],
)
def test_a_fault_has_its_column(client: TestClient, asked: dict[str, str], column: int) -> None:
    answer = client.get("/api/search", params=asked)
    assert answer.status_code == 422
    assert answer.json()["column"] == column
    assert "column" not in answer.json()["detail"]


@pytest.mark.parametrize(
    "q",
    ['image("/etc/passwd")', 'dog - image("http://example.org/a.jpg")', 'mean(dog, image("a"))'],
)
def test_no_file_is_read_for_a_client(client: TestClient, q: str) -> None:
    for path in ("/api/search", "/api/explain"):
        answer = client.get(path, params={"q": q})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("image() names a file of the machine that serves")


def test_a_saved_term_reads_no_file_either(serve: Serve, toy: cavewall.Wall) -> None:
    client = serve(toy)
    toy.terms.save("mine", 'image("/etc/passwd")')
    answer = client.get("/api/search", params={"q": "@mine + dog"})
    assert answer.status_code == 422
    assert "passwd" not in answer.text


def test_saved_terms_are_understood(serve: Serve, toy: cavewall.Wall) -> None:
    client = serve(toy)
    toy.terms.save("beach", "sand + beach")
    assert found(client, q="@beach", k=1)["expression"] == "@beach"


def test_the_reasons_of_one_picture(client: TestClient, toy: cavewall.Wall) -> None:
    asked = {"q": "a dog - snow", "image_id": "snow-dog.jpg", "rule": "add"}
    answer = client.get("/api/explain", params=asked).json()
    assert list(answer) == ["expression", "rule", "encoder", "version", "explanation"]
    (hit,) = answer["explanation"]["hits"]
    one = toy.search("a dog - snow", rule="add", where='image_id = "snow-dog.jpg"', explain=True)
    assert one.explanation is not None
    assert hit == one.explanation.to_dict()["hits"][0]


def test_the_reasons_of_a_picture_that_is_a_term(client: TestClient) -> None:
    asked = {"q": 'like("snow-dog.jpg")', "image_id": "snow-dog.jpg"}
    (hit,) = client.get("/api/explain", params=asked).json()["explanation"]["hits"]
    assert hit["score"] == pytest.approx(1.0)


def test_the_reasons_of_all_hits(client: TestClient) -> None:
    answer = client.get("/api/explain", params={"q": "a dog - snow", "k": 3}).json()
    assert len(answer["explanation"]["hits"]) == 3
    assert [each["term"] for each in answer["explanation"]["without"]] == ["a dog", "snow"]


# Bodies.


@pytest.mark.parametrize(
    ("body", "kind", "status", "says"),
    [
        (b'{"q": "dog", "x": 1}', "application/json", 422, "x: extra inputs are not permitted"),
        (b'{"k": 1}', "application/json", 422, "q: field required"),
        (b'{"q": "dog", "k": "NaN"}', "application/json", 422, "k: input should be"),
        (b'{"q": "dog", "diverse": NaN}', "application/json", 422, ""),
        (b'{"q": "\\ud800"}', "application/json", 422, ""),
        (b'{"q": "dog", "where": "a = \\"\\ud800\\""}', "application/json", 422, ""),
        (b"\xff\xfe", "application/json", 422, ""),
        (b"[" * 100_000, "application/json", 422, ""),
        (b"{", "application/json", 422, ""),
        (b"", "application/json", 422, ""),
        (b'"dog"', "application/json; charset=utf-8", 422, ""),
        (b'{"q": "dog"}', "text/plain", 415, "the body has to be JSON"),
        (b"q=dog", "application/x-www-form-urlencoded", 415, "the body has to be JSON"),
        (b'{"q": "' + b"a" * 300_000 + b'"}', "application/json", 413, "the body is longer than"),
    ],
)
def test_what_a_body_cannot_be(
    client: TestClient, body: bytes, kind: str, status: int, says: str
) -> None:
    answer = client.post("/api/search", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(says)


def test_a_body_without_its_length_is_read_no_further(client: TestClient) -> None:
    endless = (b" " * 10_000 for _ in range(1000))
    answer = client.post(
        "/api/search", content=endless, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_the_longest_expression_fits_a_body(client: TestClient) -> None:
    q = json.dumps({"q": "🐕" * 4096, "k": 1})
    answer = client.post("/api/search", content=q, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


def test_a_sent_picture_is_told_why_not(client: TestClient) -> None:
    answer = client.post("/api/search", files={"picture": b"\xff\xd8" * 500_000})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("a picture is sent to /api/images")


def test_a_picture_may_be_so_long(client: TestClient) -> None:
    answer = client.post("/api/search", files={"picture": b"x" * (33 * 1024 * 1024)})
    assert answer.status_code == 413


def test_a_post_takes_no_query(client: TestClient) -> None:
    answer = client.post("/api/search?q=dog", json={"q": "dog"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == ("there is no parameter 'q': this address takes none")


# What stays on this machine.


def test_paths_are_those_below_their_source(
    kaggle: Path, tmp_path: Path, serve: Serve, fake: cavewall.encoders.Encoder
) -> None:
    wall = cavewall.open(tmp_path / "wall", fake)
    wall.add(kaggle)
    client = serve(wall)
    answer = client.get("/api/search?q=dog")
    assert [hit["path"] for hit in answer.json()["hits"]] == [
        "Images/dog.jpg",
        "Images/cat.jpg",
        "Images/bus.jpg",
    ]
    assert str(tmp_path) not in answer.text


@pytest.mark.parametrize("where", ['path contains "/"', 'source = "x"', "not source is missing"])
def test_paths_cannot_be_guessed(client: TestClient, where: str) -> None:
    for address in (f"/api/search?q=dog&where={where}", f"/api/facets?field=width&where={where}"):
        answer = client.get(address)
        assert answer.status_code == 422
        assert answer.json()["detail"].endswith("over HTTP: paths stay on this machine")
    for field in ("path", "source"):
        assert client.get(f"/api/search?q=dog&group_by={field}").status_code == 422
        assert client.get(f"/api/facets?field={field}").status_code == 422
