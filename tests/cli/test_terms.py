"""`cavewall terms`, and names on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import cavewall
from cavewall.cli import main
from cavewall.testing import FakeEncoder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs the command on the toy wall: exit code, stdout, stderr."""
    real = cavewall.open
    monkeypatch.setattr(cavewall, "open", lambda uri, *_: real(uri, FakeEncoder()))
    monkeypatch.setenv("CAVEWALL", toy.address)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["cavewall", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_save_list_use_and_remove(run: Run) -> None:
    assert run("terms", "list") == (
        0,
        "no saved terms: save one with cavewall terms save NAME EXPRESSION\n",
        "",
    )
    assert run("terms", "save", "beach", "sand + beach")[1] == "@beach stands for `sand + beach`\n"
    _, out, _ = run("terms", "save", "beach", "- snow")
    assert out == "@beach stands for `- snow`, in place of what it was\n"
    _, out, _ = run("terms", "save", "dogs", "--from-search", "- human", "-k", "2")
    assert out == "@dogs stands for the centroid of 2 pictures (search: - human, k=2)\n"
    run("terms", "save", "long", "a text that goes on and on " * 5, "-q")
    _, out, _ = run("terms", "list")
    lines = out.splitlines()
    assert lines[0].split() == ["term", "stands", "for", "saved"]
    assert lines[2].startswith("@beach   - snow  ")
    assert lines[3].startswith("@dogs    the centroid of 2 pictures (search: - human, k=2)  ")
    assert max(map(len, lines)) <= 80
    code, out, _ = run("search", "- 0.5 * @dogs + @beach", "-k", "1", "--json")
    answer = json.loads(out)
    assert (code, answer["expression"]) == (0, "- 0.5 * @dogs + @beach")
    assert [term["term"] for term in answer["hits"][0]["terms"]] == ["@dogs", "snow"]
    assert run("terms", "remove", "dogs") == (0, "@dogs is no longer saved\n", "")
    code, out, err = run("search", "@dogs")
    assert (code, out) == (1, "")
    assert err.startswith("error: there is no saved term @dogs (there are @beach, @long): save one")


def test_in_json(run: Run) -> None:
    code, out, err = run("terms", "save", "boats", "--from-where", 'has("boat")', "--json")
    told = json.loads(out)
    assert (code, err, told.pop("replaced")) == (0, "", False)
    assert told["saved_at"].endswith("+00:00")
    assert told == {
        "name": "boats",
        "expression": None,
        "made_of": 'where: has("boat")',
        "pictures": 1,
        "encoder": FakeEncoder().identity.to_dict(),
        "saved_at": told["saved_at"],
    }
    assert json.loads(run("terms", "list", "--json")[1]) == {"terms": [told]}
    assert json.loads(run("terms", "save", "boats", "boat", "--json")[1])["replaced"] is True
    assert json.loads(run("terms", "remove", "boats", "--json")[1]) == {"removed": "boats"}
    assert json.loads(run("terms", "list", "--json")[1]) == {"terms": []}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["save", "x"], "say what to save"),
        (["save", "x", "dog", "--from-search", "dog"], "say what to save"),
        (["save", "x", "dog", "-k", "3"], "-k is how many hits"),
        (["save", "../x", "dog"], "cannot be the name of a saved term"),
        (["save", "x", "@nobody"], "there is no saved term @nobody (there are none)"),
        (["save", "x", "dog -cat"], "write `dog - cat`"),
        (["save", "x", "--from-where", "nofield = 1"], "nofield"),
        (["remove", "nobody"], "there is no saved term @nobody (there are none)"),
    ],
)
def test_bad_input(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run("terms", *arguments, "--json")
    assert (code, out) == (1, "")
    assert message in err


def test_names_in_what_is_compared(run: Run) -> None:
    run("terms", "save", "x", "dog without snow")
    _, out, _ = run("search", "@x", "--apply-negation", "--compared-to", "dog", "--json")
    answer = json.loads(out)
    assert answer["expression"] == answer["comparison"]["after"] == "dog - snow"
    _, out, _ = run("path", "@x", "boat", "--steps", "2", "--json")
    assert json.loads(out)["expression"] == "path from @x to boat"


def test_similarity_knows_no_names_and_says_so(run: Run) -> None:
    code, out, err = run("similarity", "dog", "@beach")
    assert (code, out) == (1, "")
    assert "@beach is a saved term, which only a wall knows" in err


def test_centroids_that_the_wall_has_left_behind_are_listed_as_such(
    run: Run, toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeEncoder(48, "other")
    toy.terms.save("dogs", from_search="dog - snow", k=2)
    toy.model.reencode(other)
    toy.model.switch()
    real = cavewall.wall.open_wall
    monkeypatch.setattr(cavewall, "open", lambda uri, *_: real(uri, other))
    _, out, _ = run("terms", "list")
    assert out.splitlines()[-1] == (
        "@dogs was saved with fake, and the wall is now searched with other: cavewall terms save "
        "dogs --from-search 'dog - snow' -k 2"
    )
