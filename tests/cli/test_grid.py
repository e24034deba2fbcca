"""`cavewall grid`: gaps first, a table of 80 columns, JSON by the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import cavewall
from cavewall.models import Picture
from tests.cli.test_cli import Answer, Cli, cli
from tests.conftest import picture_bytes

__all__ = ["cli"]  # the fixture

SAID = {
    "dog.jpg": ("a dog on sand", "a dog runs"),
    "cat.jpg": ("a cat in the street", "a cat sleeps"),
    "wide.jpg": (" ".join(f"thing{at}" for at in range(30)),) * 2,
}


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    address = tmp_path_factory.mktemp("grid") / "wall"
    pictures = [Picture(name, said, image=picture_bytes()) for name, said in SAID.items()]
    cavewall.open(address, str(tiny_model)).add(pictures)
    return address


@pytest.fixture
def ask(cli: Cli, wall: Path, tiny_model: Path) -> Any:
    def run(*args: str | Path) -> Answer:
        return cli("grid", *args, "--wall", wall, "--encoder", tiny_model)

    return run


def conditions(names: str) -> str:
    """Concepts that are exactly so, whatever a model of a dozen words thinks near."""
    return ", ".join(f'has("{name}")' for name in names.split())


def test_the_gaps_come_first_and_then_the_table(ask: Any) -> None:
    answer = ask(conditions("dog cat"), conditions("sand street"))
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[:2] == [
        'no picture shows `has("dog")` with `has("street")`',
        'no picture shows `has("cat")` with `has("sand")`',
    ]
    assert [line.split() for line in lines if line.startswith("has(")] == [
        ['has("dog")', "1", "0", "1"],
        ['has("cat")', "0", "1", "1"],
    ]


def test_the_json_has_counts_examples_and_gaps(ask: Any) -> None:
    found = ask(conditions("dog cat"), conditions("sand street"), "--json").json
    assert [[cell["count"] for cell in row] for row in found["cells"]] == [[1, 0], [0, 1]]
    assert found["cells"][0][0]["examples"] == ["dog.jpg"]
    assert found["empty"] == [
        ['has("dog")', 'has("street")'],
        ['has("cat")', 'has("sand")'],
    ]
    assert found["pictures"] == 3


@pytest.mark.parametrize(("rows", "columns"), [(1, 30), (30, 1), (20, 20)])
def test_whatever_its_shape_the_table_fits(ask: Any, rows: int, columns: int) -> None:
    sides = [conditions(" ".join(f"thing{at}" for at in range(n))) for n in (rows, columns)]
    out = ask(*sides).out
    table = out[out.index("\n\n") :]
    assert max(map(cell_len, table.splitlines())) <= 80
    for at in range(max(rows, columns)):
        assert f"thing{at}"[:4] in table
    assert "no cell is empty" in out


def test_one_long_side_is_turned_and_two_are_wrapped(ask: Any) -> None:
    many = conditions(" ".join(f"thing{at}" for at in range(12)))
    assert ask(conditions("thing1"), many).out.count("──\n") == 1
    assert ask(many, many).out.count("──\n") > 1


def test_a_list_may_begin_with_a_sign(ask: Any) -> None:
    found = ask('- has("dog")', conditions("sand"), "--json").json
    assert found["cells"][0][0]["count"] == 0


def test_unknown_concepts_are_told_on_the_way(ask: Any) -> None:
    out = ask('has("dog"), quokka', conditions("sand")).out
    assert "note: no caption says `quokka`" in out


def test_a_plot_is_drawn(ask: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    path = tmp_path / "grid.png"
    answer = ask(conditions("dog"), conditions("sand"), "--plot", path, "--examples", "0")
    assert f"the plot: {path}" in answer.out.replace("\n", "")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("2 * dog", "sand"), "has a weight"),
        (("dog, dog", "sand"), "twice among the rows"),
        (("dog", "sand", "--plot", "no/grid.png"), "there is no no"),
        (("quokka", "sand"), "no caption says `quokka`"),
    ],
)
def test_faults_are_one_sentence(ask: Any, args: tuple[str, ...], message: str) -> None:
    ask(*args).fails(message)
