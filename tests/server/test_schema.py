"""Whatever the OpenAPI document allows, and what it does not, is answered without a fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import cavewall
from tests.profile import scaled
from tests.server.served import process

_BYTES = ("image", "thumbnail", "points", "scores")


def test_the_document_has_every_route_and_an_example_of_each(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    assert sorted(told["paths"]) == [
        "/api/compare",
        "/api/explain",
        "/api/expression",
        "/api/facets",
        "/api/fields",
        "/api/health",
        "/api/images",
        "/api/map",
        "/api/map/pictures",
        "/api/map/places",
        "/api/map/points",
        "/api/map/scores",
        "/api/path",
        "/api/pictures/{image_id}",
        "/api/pictures/{image_id}/image",
        "/api/pictures/{image_id}/row",
        "/api/pictures/{image_id}/thumbnail",
        "/api/search",
        "/api/session",
        "/api/similarity",
        "/api/wall",
    ]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            answers = operation["responses"]
            assert set(answers["422"]["content"]) == {"application/problem+json"}
            if "200" in answers and not path.endswith(_BYTES):
                assert answers["200"]["content"]["application/json"]["example"], (path, method)


@pytest.mark.sampled
def test_whatever_is_asked_is_answered_without_a_fault(toy: cavewall.Wall, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="pip install 'cavewall[dev]'")
    # What is valid for the document may still be refused: a filter names a field that is not there.
    checks = (
        *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
        *("response_schema_conformance", "negative_data_rejection", "unsupported_method"),
        "allow_header_conformance",
    )
    with process(toy.address) as (server, port):
        command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
        command += [f"http://127.0.0.1:{port}/openapi.json", "--checks", ",".join(checks)]
        command += ["--max-examples", str(scaled(25, quick=2)), "--seed", "7"]
        # Of every parameter each kind of value takes a minute.
        if not scaled(1, quick=0):
            command += ["--phases", "examples,fuzzing"]
        run = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600
        )
        assert run.returncode == 0, run.stdout[-5000:]
        assert server.poll() is None
