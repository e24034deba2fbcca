"""`cavewall facets`: the fields of a wall, and how many pictures have which value."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

import cavewall
from cavewall.cli import main
from cavewall.models import Picture
from cavewall.testing import FakeEncoder

HOSTILE = "\x1b]0;title\x07 [red]x[/red] \u202e"
Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command on a wall of 40 pictures with metadata."""
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    pictures = [
        Picture(
            f"p{at:02}",
            (f"picture {at}",),
            metadata={
                "camera": ("X100", "D90", HOSTILE)[at % 3],
                "shot": at,
                "tags": ["sea", "dog"][: at % 3],
                "good": at % 2 == 0,
                **({"rare": "yes"} if at == 7 else {}),
            },
        )
        for at in range(40)
    ]
    wall.add(pictures, missing="keep")

    def run(*args: str) -> tuple[int, str, str]:
        command = ["cavewall", "facets", *args, "--wall", wall.address]
        monkeypatch.setattr(sys, "argv", command)
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert isinstance(stop.value.code, int) or stop.value.code is None
        return stop.value.code or 0, out, err

    return run


def test_the_fields_are_listed_with_their_kinds(cli: Cli) -> None:
    code, out, err = cli("--json")
    assert (code, err) == (0, "")
    found = {field["name"]: field for field in json.loads(out)["fields"]}
    assert found["tags"] == {"name": "tags", "kind": "list", "pictures": 26, "of": "text"}
    assert found["rare"] == {"name": "rare", "kind": "text", "pictures": 1}
    code, out, err = cli()
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    assert ["tags", "several:", "text", "26"] in rows
    assert ["shot", "number", "40"] in rows
    assert ["good", "true", "or", "false", "40"] in rows


def test_the_values_of_a_field_are_counted(cli: Cli) -> None:
    code, out, err = cli("camera", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [(count["value"], count["pictures"]) for count in found["counts"]] == [
        *(("X100", 14), (HOSTILE, 13), ("D90", 13)),
    ]
    assert (found["field"], found["pictures"], found["missing"]) == ("camera", 40, 0)
    _, out, _ = cli("tags", "--where", "shot < 30")
    lines = out.splitlines()
    assert lines[0] == "tags of 30 pictures where shot < 30"
    assert [line.split()[:2] for line in lines[1:3]] == [["sea", "20"], ["dog", "10"]]
    assert lines[1].count("█") == 2 * lines[2].count("█")
    assert lines[3].split() == ["no", "value", "10"]


def test_the_filter_that_is_offered_chooses_what_was_counted(cli: Cli) -> None:
    for field in ("shot", "good", "tags"):
        _, out, _ = cli(field, "--limit", "4")
        assert "█" in out
        offered = shlex.split(out.splitlines()[-1])[-1]
        _, out, _ = cli(field, "--json", "--limit", "4")
        first = json.loads(out)["counts"][0]
        assert offered == first["where"]
        assert (
            json.loads(cli(field, "--where", offered, "--json")[1])["pictures"]
            == (first["pictures"])
        )


def test_more_values_than_shown_are_counted(cli: Cli) -> None:
    _, out, _ = cli("image_id", "--limit", "3")
    assert "and 37 more values: --limit shows more" in out


def test_no_line_is_longer_than_the_terminal_and_none_steers_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in (80, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        for args in ((), ("camera",), ("shot",)):
            _, out, _ = cli(*args)
            # What is there to be copied is not broken.
            lines = [line for line in out.splitlines() if "cavewall " not in line]
            assert max(map(cell_len, lines)) <= width
            assert all(character.isprintable() for character in out.replace("\n", ""))
    monkeypatch.setenv("COLUMNS", "120")
    assert "[red]x[/red]" in cli("camera")[1]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("camra",), "there is no field camra: the nearest are camera"),
        (("camera", "--where", "shot <"), "column 7: expected a value"),
        (("--where", "shot < 1"), "--where is for the values of one field"),
        (("--limit", "5"), "--limit is for the values of one field"),
    ],
)
def test_a_fault_is_one_error(cli: Cli, args: tuple[str, ...], message: str) -> None:
    code, out, err = cli(*args)
    assert (code, out) == (1, "")
    assert message in err.splitlines()[0]
    assert ("^" in err) == ("column" in err)


def test_a_field_that_none_of_them_has_is_told(cli: Cli) -> None:
    code, _, err = cli("rare", "--where", "shot = 1")
    assert (code, err) == (0, "none of these pictures has a value\n")
