"""`cavewall map`: the groups as a table of 80 columns, JSON, a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import cavewall
from cavewall.testing import FakeEncoder
from tests.cli.test_cli import Answer, Cli, cli
from tests.mapped import mapped_wall

__all__ = ["cli"]  # the fixture


@pytest.fixture
def ask(cli: Cli, tmp_path: Path) -> Any:
    wall = mapped_wall(tmp_path / "wall", 40)

    def run(*args: str | Path) -> Answer:
        return cli("map", *args, "--wall", wall.address)

    return run


def test_the_groups_are_told_as_a_table(ask: Any) -> None:
    answer = ask()
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[0].split() == ["pictures", "group", "in", "its", "middle"]
    assert all(cell_len(line) <= 80 for line in lines)
    assert sum(int(line.split()[0]) for line in lines[2:-1] if line.split()) == 40
    assert lines[-1].startswith("40 pictures in 5 groups; pca shows ")


def test_the_json_has_groups_and_places(ask: Any) -> None:
    told = ask("--json").json
    assert list(told) == ["layout", "version", "pictures", "variance", "clusters", "places"]
    assert len(told["places"]) == told["pictures"] == 40
    assert set(told["clusters"][0]) == {"name", "terms", "pictures", "at", "x", "y"}


def test_a_map_is_drawn(ask: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    answer = ask("--plot", tmp_path / "map.png")
    assert answer.out.endswith(f"the map as a picture: {tmp_path / 'map.png'}\n")
    assert (tmp_path / "map.png").stat().st_size > 5000


def test_what_cannot_be_is_told_before_the_work(ask: Any, tmp_path: Path) -> None:
    assert ask("--layout", "tsne").err.startswith("error: there is no layout 'tsne' of a map")
    assert "no .png" in ask("--plot", tmp_path / "map.svg").err
    assert ask("--layout", "tsne").code == 1


def test_captions_that_are_made_to_break_a_table_do_not(cli: Cli, tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    said = ("[red]dog[/] \x1b[31m" + "x" * 5000, "日本 の 犬", "\u202egpj <script>")
    pictures = [cavewall.Picture(f"{at}\n\x1b[2J", (said[at % 3],)) for at in range(12)]
    wall.add(pictures, missing="keep")
    answer = cli("map", "--wall", wall.address)
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out
    assert all(cell_len(line) <= 80 for line in answer.out.splitlines())
