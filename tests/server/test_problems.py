"""What went wrong, as RFC 9457 has it, and without a path of this machine."""

from __future__ import annotations

import json

import pytest

import cavewall
from cavewall.errors import (
    DiskSpaceError,
    EncoderMismatchError,
    ExpressionError,
    InputError,
    UnknownPictureError,
    VersionExpiredError,
    WallFormatError,
    WallNotFoundError,
)
from cavewall.server.problems import Problem, ProblemError, problem_of
from tests.server.served import Serve

SECRET = "/home/somebody/wall"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ExpressionError("a message", "source", 3), 422),
        (InputError("a message"), 422),
        (UnknownPictureError("there is no such picture"), 422),
        (VersionExpiredError(SECRET), 410),
        (WallNotFoundError(SECRET), 503),
        (WallFormatError(SECRET), 503),
        (DiskSpaceError(SECRET), 503),
        (EncoderMismatchError(SECRET), 503),
        (OSError(2, "No such file", SECRET), 500),
        (RuntimeError(SECRET), 500),
        (AssertionError(), 500),
    ],
)
def test_faults_have_their_status_and_no_path(fault: Exception, status: int) -> None:
    found = problem_of(fault)
    assert found.status == status
    assert SECRET not in json.dumps(found.to_dict("id"))
    assert (("Retry-After", "1") in found.headers) is (status == 503)


def test_a_problem_is_what_the_rfc_says() -> None:
    found = problem_of(ExpressionError("write `dog - cat`", "dog -cat", 5)).to_dict("abc")
    assert found == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "write `dog - cat`",
        "request_id": "abc",
        "column": 5,
    }


def test_headers_of_a_problem() -> None:
    fault = ProblemError(401, "no", WWW_Authenticate="Bearer")
    answer = fault.problem.to_response("abc")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_no_unicode_is_told_all_the_same() -> None:
    body = Problem(422, "there is no \ud800\x1b[31m").to_response("abc").body
    assert json.loads(bytes(body))["detail"] == "there is no \\ud800\\u001b[31m"


def test_a_long_message_is_cut() -> None:
    assert len(Problem(422, "a" * 10_000).to_dict("abc")["detail"]) == 2000


def test_a_fault_of_the_server_is_a_problem_too(
    toy: cavewall.Wall, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(toy)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(cavewall.Wall, "answer", broken)
    answer = client.get("/api/search?q=dog")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text


def test_a_wall_that_has_gone_is_told_without_its_address(toy: cavewall.Wall, serve: Serve) -> None:
    import shutil  # noqa: PLC0415

    client = serve(toy)
    while client.get("/api/health").status_code == 503:
        pass
    shutil.rmtree(toy.address)
    toy.close()
    for address in ("/api/pictures/snow-dog.jpg", "/api/fields", "/api/wall", "/api/search?q=cat"):
        answer = client.get(address)
        assert answer.status_code in (200, 410, 500, 503)
        assert toy.address not in answer.text
