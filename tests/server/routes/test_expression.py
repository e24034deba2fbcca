"""`/api/expression`: the chips of a page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from cavewall.errors import ExpressionError
from cavewall.query import parse
from cavewall.server.routes.expression import understood


def read(client: TestClient, q: str, **more: Any) -> dict[str, Any]:
    answer = client.get("/api/expression", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def joined(terms: list[dict[str, Any]]) -> str:
    """The expression of those terms, as a page writes it after a slider was moved."""
    pieces: list[str] = []
    for term in terms:
        weight = abs(term["weight"])
        pieces.append("-" if term["weight"] < 0 else "+" if pieces else "")
        pieces.append("" if weight == 1 else f"{weight!r} *")
        pieces.append(term["atom"])
    return " ".join(piece for piece in pieces if piece)


def test_every_kind_of_term(client: TestClient) -> None:
    told = read(
        client,
        'dog  in sand - 0.5 * "a - b" + like("x/y.jpg") + image("a/b.png") - 2 * (a + b) '
        '+ mean(a, b) + @beach + keyword("red") - has("bus")',
    )
    assert told["terms"] == [
        {"weight": 1.0, "atom": "dog in sand", "kind": "text", "label": "dog in sand"},
        {"weight": -0.5, "atom": '"a - b"', "kind": "text", "label": "a - b"},
        {
            "weight": 1.0,
            "atom": 'like("x/y.jpg")',
            "kind": "like",
            "label": "y.jpg",
            "image_id": "x/y.jpg",
        },
        {"weight": 1.0, "atom": 'image("a/b.png")', "kind": "image", "label": "b.png"},
        {"weight": -2.0, "atom": "(a + b)", "kind": "bracket", "label": "a + b"},
        {
            "weight": 1.0,
            "atom": "mean(a, b)",
            "kind": "function",
            "label": "mean(a, b)",
            "name": "mean",
        },
        {"weight": 1.0, "atom": "@beach", "kind": "saved", "label": "beach", "name": "beach"},
        {"weight": 1.0, "atom": 'keyword("red")', "kind": "keyword", "label": "red"},
        {"weight": -1.0, "atom": 'has("bus")', "kind": "has", "label": "bus"},
    ]
    assert told["suggestion"] is None
    assert parse(joined(told["terms"])) == parse(told["expression"])


@pytest.mark.parametrize(
    "q", ["- dog", "2 * dog", "(dog)", "((a - b))", "- 0 * dog + cat", "1e-7 * a"]
)
def test_one_term_is_a_list_of_one(client: TestClient, q: str) -> None:
    told = read(client, q)
    assert parse(joined(told["terms"])) == parse(q)


def test_negation_in_words_is_offered_as_a_minus(client: TestClient) -> None:
    told = read(client, "a dog without a leash")
    assert told["suggestion"]["expression"] == "a dog - leash"
    assert told["suggestion"]["says"]


def test_what_is_literal_is_one_text(client: TestClient) -> None:
    told = read(client, "dog - cat", literal=1)
    assert [(term["kind"], term["label"]) for term in told["terms"]] == [("text", "dog - cat")]
    assert told["expression"] == '"dog - cat"'


def test_a_long_label_is_clipped_and_its_atom_is_not(client: TestClient) -> None:
    (term,) = read(client, "dog " * 100)["terms"]
    assert len(term["label"]) == 80
    assert len(term["atom"]) == 399


def test_a_fault_has_its_column(client: TestClient) -> None:
    answer = client.get("/api/expression", params={"q": "dog + ("})
    assert answer.status_code == 422
    assert answer.json()["column"] == 8


def test_parameters_are_these_alone(client: TestClient) -> None:
    assert client.get("/api/expression").status_code == 422
    assert client.get("/api/expression?q=dog&k=1").status_code == 422


@given(st.text(alphabet='ab -+*0.5()"@,\\é', max_size=40))
def test_terms_join_to_an_equal_expression(q: str) -> None:
    try:
        value = parse(q)
    except ExpressionError:
        return
    told = understood(value)
    assert parse(joined(told["terms"])) == value == parse(told["expression"])
