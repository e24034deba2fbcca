"""The commands that look after a wall, as a user types them."""

from __future__ import annotations

import json
import os
import pty
import re
import sys
from pathlib import Path

import lance
import pyarrow as pa
import pytest

import cavewall
from cavewall.models import Picture
from cavewall.testing import TOY_PICTURES, FakeEncoder, toy_wall
from tests.cli.test_rejects import Run, run
from tests.conftest import picture_bytes

__all__ = ["run"]


@pytest.fixture(autouse=True)
def toy(tmp_path: Path) -> cavewall.Wall:
    """Six pictures on the wall that the commands work on."""
    return toy_wall(tmp_path / "wall")


def test_duplicates_are_listed_and_drawn(run: Run, toy: cavewall.Wall, tmp_path: Path) -> None:
    assert run("duplicates") == (0, "no duplicates among 6 pictures\n", "")
    toy.add([Picture("copy\x1b.jpg", TOY_PICTURES["sea-boat.jpg"], image=picture_bytes())])
    code, out, err = run("duplicates", "--sheet", tmp_path / "sheet.png")
    assert (code, err) == (0, "")
    assert re.search(r"vector +2 +sea-boat\.jpg  copy\\u001b\.jpg", out)
    assert "1 group among 7 pictures" in out
    assert (tmp_path / "sheet.png").is_file()
    _, out, _ = run("duplicates", "--json", "--threshold", "0.99")
    assert json.loads(out) == {
        "pictures": 7,
        "version": toy.info()["version"],
        "threshold": 0.99,
        "groups": [{"reasons": ["vector"], "image_ids": ["sea-boat.jpg", "copy\x1b.jpg"]}],
    }


def test_more_groups_and_pictures_than_fit_are_counted(run: Run, toy: cavewall.Wall) -> None:
    numbers = [(group, copy) for group in range(22) for copy in range(7)]
    pictures = [Picture(f"{group}-{copy}", (f"{group}{group}",)) for group, copy in numbers]
    toy.add(pictures, missing="keep")
    _, out, _ = run("duplicates", "--threshold", "0.9999")
    assert "22 groups among 160 pictures, 2 of them not shown: all with --json" in out
    assert "  …" in out


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere/x.png", "No such file"), ("x.foo", "unknown file extension: .foo")]
)
def test_a_sheet_that_cannot_be_written_is_told(
    run: Run, tmp_path: Path, name: str, said: str
) -> None:
    code, out, err = run("duplicates", "--sheet", tmp_path / name)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: the sheet {tmp_path / name} cannot be written: {said}")
    assert len(err.splitlines()) == 1


def test_delete_asks_on_a_terminal_and_wants_yes_elsewhere(run: Run, toy: cavewall.Wall) -> None:
    code, out, err = run("delete", "sea-boat.jpg")
    assert (code, out) == (1, "")
    assert err == (
        "error: nothing was deleted: to delete 1 picture without being asked, say --yes\n"
    )
    assert len(toy) == 6
    assert run("delete", "sea-boat.jpg", "snow-dog.jpg", "-y") == (0, "2 deleted\n", "")
    assert run("delete", "street-bus.jpg", "--yes", "-q") == (0, "", "")
    assert run("delete", "snow-human.jpg", "--yes", "--json")[1] == '{"deleted": 1}\n'
    assert len(toy) == 2
    code, out, err = run("delete", "beach-dog.jpg", "nobody", "--yes")
    assert (code, out) == (1, "")
    assert err.startswith("error: not on this wall: 'nobody'. Nothing was deleted")
    assert len(toy) == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 6), (b"y\n", 5)])
def test_on_a_terminal_what_goes_is_shown_first(
    run: Run,
    toy: cavewall.Wall,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes,
    left: int,
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    with open(theirs, encoding="utf-8") as terminal:  # noqa: PTH123 -- a descriptor
        monkeypatch.setattr(sys, "stdin", terminal)
        _, out, _ = run("delete", "sea-boat.jpg")
    os.close(ours)
    assert "sea-boat.jpg: a white boat on the sea · a boat sails" in out
    assert "Delete 1 picture from the wall?" in out
    assert len(toy) == left


def test_export_says_where_and_how_to_look_at_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "toy.csv"
    assert run("export", path) == (0, f"6 pictures in {path}\n", "")
    _, out, _ = run("export", tmp_path / "toy.parquet", "--json")
    assert json.loads(out) == {"path": str(tmp_path / "toy.parquet"), "pictures": 6}
    _, out, _ = run("export", tmp_path / "a.parquet", "--atlas")
    assert out.splitlines()[1] == (
        f"look at them: embedding-atlas {tmp_path}/a.parquet --text text --image image --x x --y y"
    )
    code, _, err = run("export", tmp_path / "x.txt")
    assert (code, err.count("\n")) == (1, 1)


def test_doctor_says_healthy_or_what_is_wrong_with_its_exit_code(
    run: Run, toy: cavewall.Wall
) -> None:
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    assert re.fullmatch(
        r"6 pictures \(6 stored, 0 linked, 0 without a file\), 12 captions, 0\.\d MB in "
        r"1 fragment, 1 version\nhealthy\n",
        out,
    )
    dataset = lance.dataset(f"{toy.address}/pictures.lance")
    nulls = pa.nulls(6, dataset.schema.field("vector").type)
    table = pa.table([list(TOY_PICTURES), nulls], names=["image_id", "vector"])
    dataset.merge_insert("image_id").when_matched_update_all().execute(table)
    code, out, err = run("doctor")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[1].startswith("wrong: 6 vectors are missing")
    assert lines[-1] != "healthy"
    code, out, err = run("doctor", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["healthy"] is False


def test_a_long_list_is_cut_on_the_terminal(run: Run, toy: cavewall.Wall, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(9)]
    for number, file in enumerate(files):
        file.write_bytes(picture_bytes((number, 0, 0)))
    toy.add([Picture(file.name, ("x",), file) for file in files], link=True)
    for file in files:
        file.unlink()
    code, out, _ = run("doctor")
    assert code == 1
    assert "wrong: 9 linked files are gone" in out
    assert out.splitlines()[2].endswith("5.jpg  … all with --json")


def test_optimize_tells_before_and_after(run: Run, toy: cavewall.Wall) -> None:
    toy.maintenance.delete(["sea-boat.jpg"])
    _, out, _ = run("optimize")
    assert re.fullmatch(
        r"0\.\d MB → 0\.\d MB, 1 fragment → 1, \d versions? → 1\n",
        out,
    )
    _, out, _ = run("optimize", "--json")
    assert json.loads(out)["versions_after"] == 1
    assert run("optimize", "-q") == (0, "", "")


def test_versions_are_named_restored_and_let_go(run: Run, toy: cavewall.Wall) -> None:
    first = toy.info()["version"]
    assert run("tag", "six") == (0, f"version {first} is called six\n", "")
    run("delete", "sea-boat.jpg", "--yes")
    _, out, _ = run("versions")
    lines = [line.split() for line in out.splitlines() if "six" in line]
    assert [(line[0], line[-2], line[-1]) for line in lines] == [(str(first), "6", "six")]
    listed = json.loads(run("versions", "--json")[1])["versions"]
    assert [(each["version"], each["pictures"]) for each in listed if each["tags"]] == [(first, 6)]
    _, out, _ = run("restore", "six")
    newest = toy.info()["version"]
    assert out == (
        f"version {newest} holds what six held, 6 pictures. What was there before: cavewall "
        "restore overwritten\n"
    )
    restored = json.loads(run("restore", "overwritten", "--json")[1])
    assert restored == {"restored": "overwritten", "version": newest + 1, "pictures": 5}
    assert run("tag", "six", "--remove")[1] == f"version {first} is no longer called six\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("restore", "nine"), r"no version is called 'nine'"),
        (("restore", "99"), r"there is no version 99: it was cleaned up, or never was"),
        (("tag", "1st"), r"'1st' cannot be a tag"),
        (("tag", "a", "--version", "99"), r"there is no version 99"),
        (("tag", "a", "--remove"), r"no version is called 'a'"),
        (("tag", "a", "--remove", "--version", "1"), r"leave out --version"),
        (("duplicates", "--threshold", "2"), r"a cosine above 0 and at most 1, not 2\.0"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert re.search(message, err)
    assert err.count("\n") == 1


def test_what_python_does_with_the_same_wall(toy: cavewall.Wall) -> None:
    """Everything that the commands offer is there without them."""
    with cavewall.open(toy.address, FakeEncoder()) as wall:
        assert wall.versions.tag("now") == wall.info()["version"]
        assert wall.versions.untag("now") == wall.info()["version"]
        assert [version.pictures for version in wall.versions.all()][-1] == 6
        assert wall.maintenance.duplicates(0.99).groups == ()
        assert wall.maintenance.doctor().healthy
