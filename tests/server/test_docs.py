"""What docs/server.md says is what the server does."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.main import get_command

from cavewall.cli import app
from cavewall.server import response_models
from cavewall.server.routes.expression import KINDS
from tests.pages import PAGES, ROOT

PAGE = (ROOT / "docs/server.md").read_text("utf-8")
EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n(.*?)```\n```json\n(.*?)```", PAGE, re.DOTALL)
# What is another one each time.
_CHANGES = ("took_ms", "request_id", "added_at")
# Columns whose value is the time, or what the installed Pillow writes.
_WRITTEN = ("added_at", "image", "thumbnail", "sha256")


def shown(told: Any) -> Any:
    """As the page shows it: numbers to four digits, without what changes."""
    match told:
        case float():
            return round(told, 4)
        case {"name": name, "type": kind} if name in _WRITTEN:
            return name, kind
        case dict():
            return {name: shown(value) for name, value in told.items() if name not in _CHANGES}
        case list():
            return [shown(value) for value in told]
    return told


@pytest.mark.parametrize(("method", "address", "body", "answer"), EXAMPLES)
def test_every_example_is_answered_so(
    client: TestClient, method: str, address: str, body: str, answer: str
) -> None:
    while client.get("/api/health").status_code == 503:
        pass
    sent: str | bytes | None = body or None
    kind = {"Content-Type": "application/json"} if body else {}
    if body.startswith("<"):
        # Of a picture the page has the name alone.
        sent = client.get(f"/api/pictures/{body.strip()[1:-1]}/image").content
        kind = {"Content-Type": "image/jpeg"}
    told = client.request(method, address, content=sent, headers=kind).json()
    assert shown(told) == shown(json.loads(answer))
    assert set(told) == set(json.loads(answer))


def test_every_kind_of_answer_has_an_example(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    asked = {address.partition("?")[0] for _, address, _, _ in EXAMPLES}
    lists = {"/api/fields", "/api/session", "/api/map/points", "/api/map/scores"}
    for path in set(told["paths"]) - lists:
        pattern = path.replace("{image_id}", "[^/]+").removesuffix("/image")
        assert any(re.fullmatch(pattern.removesuffix("/thumbnail"), each) for each in asked), path
    for path in lists:
        assert path in PAGE
    for parameter in told["paths"]["/api/search"]["get"]["parameters"]:
        assert f"`{parameter['name']}`" in PAGE or parameter["name"] == "q"
    for kind in KINDS.values():
        assert f"`{kind}`" in PAGE


def test_every_parameter_of_every_route_is_named(client: TestClient) -> None:
    named = set(re.findall(r"[?&](\w+)=", PAGE)) | set(re.findall(r"`([a-z_]+)`", PAGE))
    missing = [
        f"{method} {path}: {parameter['name']}"
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method, told in methods.items()
        for parameter in told.get("parameters", ())
        if parameter["in"] == "query" and parameter["name"] not in named
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_address_on_a_page_is_a_route(client: TestClient, page: str) -> None:
    routes = [
        re.sub(r"\{\w+\}", "[^/]+", path) for path in client.get("/openapi.json").json()["paths"]
    ]
    # `/api/map*` stands for several.
    found = set(re.findall(r"(?<![\w.])/api/[\w/{}…-]*\w\}?", (ROOT / page).read_text("utf-8")))
    wrong = {path for path in found if not any(re.fullmatch(route, path) for route in routes)}
    assert wrong == set()


@pytest.mark.lint
def test_every_option_is_told_of() -> None:
    command = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    told = {option for parameter in command.params for option in parameter.opts}
    usual = {"--wall", "--encoder", "--quiet", "-q", "--help", "-h"}
    assert all(f"`{option}" in PAGE for option in told - usual)


@pytest.mark.parametrize(("method", "address", "body", "answer"), EXAMPLES)
def test_every_example_fits_the_model_of_its_route(
    client: TestClient, method: str, address: str, body: str, answer: str
) -> None:
    said, path = json.loads(answer), address.partition("?")[0]
    (responses,) = (
        methods[method.lower()]["responses"]
        for route, methods in client.get("/openapi.json").json()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path)
    )
    name = responses["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    name = "ProblemResponse" if "request_id" in said else name
    model = getattr(response_models, name)
    assert model.model_validate(said).model_dump(by_alias=True, exclude_unset=True) == said
