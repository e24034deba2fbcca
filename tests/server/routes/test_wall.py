"""`/api/wall`, `/api/fields`, `/api/facets` and `/api/health`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

import cavewall
from cavewall.errors import EncoderUnavailableError
from cavewall.search.rules import RULES
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes
from tests.server.served import Serve


def test_what_a_wall_is(toy: cavewall.Wall, serve: Serve, tmp_path: Path) -> None:
    toy.terms.save("beach", "sand + beach")
    answer = serve(toy).get("/api/wall")
    told = answer.json()
    assert told["name"] == "toy"
    assert (told["pictures"], told["version"], told["encoder"]) == (6, 2, "fake")
    assert [rule["name"] for rule in told["rules"]] == list(RULES)
    assert [rule["name"] for rule in told["rules"] if rule["default"]] == ["words"]
    assert all(rule["description"].endswith(".") for rule in told["rules"])
    assert told["spaces"] == ["caption"]
    assert [(term["name"], term["expression"]) for term in told["terms"]] == [
        ("beach", "sand + beach")
    ]
    assert told["limits"] == {
        "k": 1000,
        "offset": 1_000_000,
        "expression": 4096,
        "terms": 256,
        "upload": 33_554_432,
    }
    assert str(tmp_path) not in answer.text


def test_what_a_filter_may_name(client: TestClient) -> None:
    told = client.get("/api/fields").json()
    assert told["version"] == 2
    names = {field["name"]: field for field in told["fields"]}
    assert names["width"] == {"name": "width", "kind": "number", "pictures": 6}
    assert names["captions"] == {"name": "captions", "kind": "list", "pictures": 6, "of": "text"}
    assert not {"path", "source"} & set(names)


def test_which_values_a_field_has(client: TestClient, toy: cavewall.Wall) -> None:
    told = client.get("/api/facets?field=image_id&limit=2").json()
    assert told == toy.table.facets("image_id", limit=2).to_dict()
    few = client.get("/api/facets?field=width&where=has(%22dog%22)").json()
    assert few["counts"] == [{"value": 60, "pictures": 2, "where": "width = 60"}]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "field: field required"),
        ("field=nobody", "there is no field nobody"),
        ("field=width&limit=0", "limit: input should be greater"),
        ("field=width&limit=1001", "limit: input should be less"),
        ("field=width&where=width%20>", "expected"),
        ("field=", ""),
        ("field=a.", ""),
        ("field=width&k=1", "there is no parameter 'k': there are field, where, limit, version"),
    ],
)
def test_what_cannot_be_asked(client: TestClient, query: str, says: str) -> None:
    answer = client.get(f"/api/facets?{query}")
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_an_older_version_is_told_of(toy: cavewall.Wall, serve: Serve) -> None:
    client = serve(toy)
    toy.add([cavewall.Picture("zebra.jpg", ("a zebra",), image=picture_bytes(size=(10, 10)))])
    older, newer = (
        client.get(f"/api/facets?field=width&version={version}").json() for version in (2, 3)
    )
    assert (older["pictures"], newer["pictures"]) == (6, 7)


class Waiting(FakeEncoder):
    """An encoder that answers once it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.may = Event()
        self.fault: Exception | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        assert self.may.wait(30)
        if self.fault is not None:
            raise self.fault
        return super().encode(texts)


def test_a_server_is_ready_when_its_encoder_answers(toy: cavewall.Wall, serve: Serve) -> None:
    encoder = Waiting()
    client = serve(cavewall.open(toy.address, encoder))
    answer = client.get("/api/health")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"] == "the wall is being made ready"
    encoder.may.set()
    assert client.get("/api/search?q=dog&k=1").status_code == 200
    while client.get("/api/health").status_code == 503:
        pass
    told = {"status": "ok", "version": 2, "pictures": 6}
    assert client.get("/api/health").json() == told


def test_a_server_whose_encoder_fails_is_not_ready(toy: cavewall.Wall, serve: Serve) -> None:
    encoder = Waiting()
    encoder.may.set()
    client = serve(cavewall.open(toy.address, encoder))
    while client.get("/api/health").status_code == 503:
        pass
    encoder.fault = EncoderUnavailableError("/secret/model is gone")
    answer = client.get("/api/health")
    assert answer.status_code == 503
    assert "secret" not in answer.text
