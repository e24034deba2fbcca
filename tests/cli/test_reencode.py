"""`cavewall reencode` and `cavewall adopt` as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import lance
import pyarrow as pa
import pytest

from cavewall.encoders import resolve
from tests.cli.test_cli import Answer, Cli, cli

__all__ = ["cli"]

pytestmark = pytest.mark.encoder


@pytest.fixture
def models(tiny_copy: Callable[[str], Path]) -> tuple[Path, Path]:
    """Two models of the same weights that are not the same files."""
    first, second = tiny_copy("first"), tiny_copy("second")
    (second / "tokenizer.json").write_text((second / "tokenizer.json").read_text() + "\n")
    return first, second


def test_the_road_from_one_model_to_another_and_back(
    cli: Cli, kaggle: Path, tmp_path: Path, models: tuple[Path, Path]
) -> None:
    wall = ("--wall", tmp_path / "wall")
    cli("add", kaggle, *wall, "--encoder", models[0], "-q")
    report = cli("reencode", "--encoder", models[1], *wall, "--json").json
    assert {key: report[key] for key in ("encoder", "serving", "pictures", "encoded")} == {
        "encoder": "second",
        "serving": "first",
        "pictures": 3,
        "encoded": 3,
    }
    assert (report["queries"], report["overlap_at_10"]) == (3, 1.0)
    assert cli("search", "a dog", *wall, "--json").json["encoder"] == "first"
    switched = cli("reencode", "--switch", *wall, "--json").json
    assert switched == {"serving": "second", "encoder": "first"}
    assert cli("search", "a dog", *wall, "--json").json["encoder"] == "second"
    assert cli("info", *wall, "--json").json["standby"]["name"] == "first"
    told = cli("info", *wall).out
    assert "standing by  first, 16 floats" in told
    assert 'plain LanceDB has to name the column: vector_column_name="vector"' in told
    assert cli("reencode", "--switch", *wall).out == "first serves, second stands by\n"
    assert cli("search", "a dog", *wall, "--json").json["encoder"] == "first"
    cli("reencode", "--switch", *wall)
    assert cli("reencode", "--finish", *wall).out == "second serves\n"
    assert cli("info", *wall, "--json").json["standby"] is None


def test_what_was_done_is_told_in_words(
    cli: Cli, kaggle: Path, tmp_path: Path, models: tuple[Path, Path]
) -> None:
    wall = ("--wall", tmp_path / "wall")
    cli("add", kaggle, *wall, "--encoder", models[0], "-q")
    swaps = tmp_path / "swaps.jsonl"
    question = {"query": "a dog", "minus": "dog", "plus": "cat", "relevant": ["cat.jpg"]}
    swaps.write_text(json.dumps(question) + "\n")
    said = cli("reencode", "--encoder", models[1], "--swaps", swaps, *wall).out.splitlines()
    assert said[0] == (
        "3 pictures given a vector of second beside that of first, 3 of them encoded in this run"
    )
    assert said[1] == "asked 3 captions, the two share 100% of their first ten pictures"
    assert [line.split(" by ")[1] for line in said[2:4]] == ["first", "second"]
    assert said[4] == "the new vectors serve after: cavewall reencode --switch"
    said = cli("reencode", "--encoder", models[1], *wall).out.splitlines()
    assert said[0] == "every picture has a vector of second beside that of first already"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say one of --encoder NAME, --switch, --finish and --discard"),
        (("--switch", "--finish"), "say one of"),
        (("--switch", "--swaps", "x"), "--swaps judges what --encoder NAME makes: say both"),
        (("--switch",), "no second vectors stand by"),
        (("--encoder", "first"), "the wall .* is of first already"),
    ],
)
def test_what_makes_no_sense_is_told(
    cli: Cli,
    kaggle: Path,
    tmp_path: Path,
    models: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(models[0].parent)
    cli("add", kaggle, "--wall", tmp_path / "wall", "--encoder", "first", "-q")
    cli("reencode", *options, "--wall", tmp_path / "wall").fails(message)


def test_a_table_is_adopted(cli: Cli, tmp_path: Path, tiny_model: Path) -> None:
    texts = ["a dog runs on sand", "a cat"]
    table = tmp_path / "t.lance"
    flat = pa.array(resolve(str(tiny_model)).encode(texts).ravel())
    columns = {"vector": pa.FixedSizeListArray.from_arrays(flat, 16), "text": texts}
    lance.write_dataset(pa.table(columns), table)
    wall = ("--wall", tmp_path / "wall")
    told = cli("adopt", table, *wall, "--encoder", tiny_model).out.splitlines()
    assert told == [
        f"2 pictures of {table}, searched where they are",
        "columns: vector from vector, captions from text",
        "tiny made these vectors, as far as a sample of captions tells (median cosine 1.00)",
    ]
    (hit,) = cli("search", "a cat", "-k", "1", *wall, "--json").json["hits"]
    assert (hit["image_id"], hit["captions"]) == ("1", ["a cat"])


def test_a_table_of_another_model_is_not_adopted(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "t.lance"
    vectors = pa.array([[1.0, 0.0]], pa.list_(pa.float32(), 2))
    lance.write_dataset(pa.table({"vector": vectors}), table)
    answer: Answer = cli("adopt", table, "--wall", tmp_path / "wall")
    answer.fails("have 2 floats, and those of all-MiniLM-L6-v2 have 384")
