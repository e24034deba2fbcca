"""What the shell is offered when tab is pressed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import cavewall
from cavewall.cli import app, completion
from cavewall.models import Picture
from cavewall.search.rules import RULES
from cavewall.testing import FakeEncoder, toy_wall

COMMAND = (sys.executable, "-c", "from cavewall.cli import main; main()")


def completed(line: str, cwd: Path) -> list[str]:
    """What bash is offered for the last word of the line."""
    words = line.split(" ")
    # The command's own name, which `python -c` has not.
    start = "import sys; sys.argv[0] = 'cavewall'; " + COMMAND[2]
    found = subprocess.run(
        [sys.executable, "-c", start],
        cwd=cwd,
        env={
            **os.environ,
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_CAVEWALL_COMPLETE": "complete_bash",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stderr == ""
    return found.stdout.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script(shell: str) -> None:
    name = "import sys; sys.argv[0] = 'cavewall'; "
    found = subprocess.run(
        [sys.executable, "-c", name + COMMAND[2], "--show-completion", shell],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"complete_{shell}" in found.stdout
    assert "cavewall" in found.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_the_script_is_installed_for_the_shell_that_asks(tmp_path: Path) -> None:
    name = "import sys; sys.argv[0] = 'cavewall'; "
    script = f'"{sys.executable}" -c "{name}{COMMAND[2]}" --install-completion; true'
    home = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(["bash", "-c", script], env=home, capture_output=True, check=True)
    assert "cavewall.sh" in (tmp_path / ".bashrc").read_text()
    assert list(tmp_path.rglob("cavewall.sh"))


def test_rules_fields_and_walls_are_offered(tmp_path: Path) -> None:
    pictures = [Picture("a", ("a dog",), metadata={"camera": "X", "date": "2019", "my mood": 1})]
    cavewall.open(tmp_path / "wall", FakeEncoder()).add(pictures, missing="keep")
    (tmp_path / "wallpaper").mkdir()
    assert completed("cavewall search dog --rule ", tmp_path) == list(RULES)
    assert completed("cavewall search dog --group-by c", tmp_path) == ["captions", "camera"]
    offered = completed("cavewall facets --wall ./wall ", tmp_path)
    assert {"image_id", "date", "year", "month"} <= {*offered}
    assert "my" not in offered  # what has to be quoted is left to who types it
    assert completed("cavewall info --wall ./w", tmp_path) == ["./wall"]


def test_nothing_is_offered_and_nothing_raised_where_nothing_is(tmp_path: Path) -> None:
    assert completed("cavewall facets ", tmp_path) == []
    assert completed("cavewall info --wall no/such/", tmp_path) == []
    (tmp_path / "wall" / "pictures.lance").mkdir(parents=True)
    assert completed("cavewall facets ", tmp_path) == []


def context(wall: object) -> typer.Context:
    found = typer.Context(typer.main.get_command(app))
    found.params["wall"] = wall
    return found


def test_walls_far_away_are_not_asked_for_their_fields() -> None:
    assert completion.fields(context("s3://bucket/wall"), "") == []


def test_names_that_a_shell_would_read_are_never_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("good", "$(touch x)", "`x`", "a b", "a;b", "\\$(x)", "a\nb", "\x1b[31m", "'"):
        (tmp_path / name / "pictures.lance").mkdir(parents=True)
    assert completion.walls("") == ["good"]
    metadata = {"good": 1, "$(x)": 1, "a\nb": 1, "`": 1, "\x1b[31m": 1}
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture("a", ("a dog",), metadata=metadata)], missing="keep")
    assert [
        name for name in completion.fields(context(wall.address), "") if name not in WALL_FIELDS
    ] == ["good"]


WALL_FIELDS = {
    *("image_id", "captions", "path", "width", "height", "sha256", "source", "added_at"),
    "file_size",
}


def test_a_wall_with_an_encoder_of_its_own_is_remembered(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(config)
    toy_wall(tmp_path / "toy")
    addresses = ["s3://bucket/wall", str(tmp_path / "toy"), str(tmp_path / "gone")]
    known = {address: {"digest": "name"} for address in addresses}
    (config / "encoders.json").write_text(str(known).replace("'", '"'))
    assert completion.walls("s3") == ["s3://bucket/wall"]
    assert str(tmp_path / "toy") in completion.walls(str(tmp_path))
    assert str(tmp_path / "gone") not in completion.walls(str(tmp_path))
