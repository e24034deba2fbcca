"""`cavewall rejects`, and what `add` does about rejects and vanished pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import cavewall
from cavewall.cli import main
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, rows_of, write_captions

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command on a wall made with the FakeEncoder: exit code, stdout, stderr."""
    real = cavewall.open
    monkeypatch.setattr(cavewall, "open", lambda uri, *_: real(uri, FakeEncoder()))
    monkeypatch.setenv("CAVEWALL", str(tmp_path / "wall"))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["cavewall", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def partial(kaggle: Path) -> Path:
    """`kaggle` without its cat, and with a name that would steer a terminal."""
    (kaggle / "Images" / "cat.jpg").rename(kaggle / "cat.jpg")
    rows = [*rows_of(KAGGLE), ("\x1b[31mred.jpg", "red")]
    write_captions(kaggle / "captions.txt", rows)
    return kaggle


def test_rejects_are_listed_inertly_by_source(run: Run, partial: Path) -> None:
    run("add", partial)
    code, out, err = run("rejects")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"2 of {partial / 'captions.txt'}"
    cat = partial / "Images" / "cat.jpg"
    assert lines[1] == f"  cat.jpg: missing: {cat}"
    assert lines[3] == "take them up again, and nothing else: cavewall add SOURCE --retry"
    assert len(lines) == 4
    assert "\x1b" not in out
    (partial / "Images" / "dog.jpg").write_bytes(b"broken")
    run("add", partial)
    lines = run("rejects", "--source", partial)[1].splitlines()
    assert lines[3:5] == [
        "  dog.jpg: unreadable: this is no picture that Pillow knows",
        f"    {partial / 'Images' / 'dog.jpg'}",
    ]


def test_rejects_in_json_and_in_lines(run: Run, partial: Path) -> None:
    run("add", partial)
    source, images = str(partial / "captions.txt"), partial / "Images"
    expected = [
        {
            "image_id": name,
            "reason": f"missing: {images / name}",
            "place": str(images / name),
            "source": source,
        }
        for name in ("cat.jpg", "\x1b[31mred.jpg")
    ]
    code, out, err = run("rejects", "--json")
    assert (code, json.loads(out), err) == (0, {"rejects": expected}, "")
    _, out, _ = run("rejects", "--jsonl")
    assert [json.loads(line) for line in out.splitlines()] == expected
    code, out, err = run("rejects", "--json", "--jsonl")
    assert (code, out) == (1, "")
    assert "ask for one of them" in err


@pytest.mark.parametrize(("given", "count"), [(".", 2), ("captions.txt", 2), ("Images", 0)])
def test_rejects_of_a_source_by_its_file_or_folder(
    run: Run, partial: Path, given: str, count: int
) -> None:
    run("add", partial)
    _, out, _ = run("rejects", "--source", partial / given, "--json")
    assert len(json.loads(out)["rejects"]) == count


def test_no_rejects_and_no_wall(run: Run, kaggle: Path) -> None:
    code, out, err = run("rejects")
    assert (code, out) == (1, "")
    assert "there is no wall at" in err
    run("add", kaggle)
    assert run("rejects") == (0, "no rejects\n", "")
    assert run("rejects", "--jsonl") == (0, "", "")
    assert run("rejects", "--json") == (0, '{"rejects": []}\n', "")


def test_retry_takes_up_the_rejects(run: Run, partial: Path) -> None:
    run("add", partial)
    shutil.move(partial / "cat.jpg", partial / "Images" / "cat.jpg")
    _, out, _ = run("add", partial, "--retry", "--json")
    report = json.loads(out)
    assert (report["added"], report["unchanged"], len(report["skipped"])) == (1, 0, 1)


def test_strict_stops_with_the_first(run: Run, partial: Path) -> None:
    code, out, err = run("add", partial, "--strict", "--json")
    assert (code, out) == (1, "")
    assert err.startswith("error: stopped at cat.jpg: missing: ")


def test_prune_says_how_many_go_and_asks_for_yes_where_most_would(run: Run, kaggle: Path) -> None:
    run("add", kaggle)
    rows = rows_of({name: KAGGLE[name] for name in ("dog.jpg", "bus.jpg")})
    write_captions(kaggle / "captions.txt", rows)
    _, out, _ = run("add", kaggle)
    assert "no longer in this source, and kept: 1 (--prune removes them)" in out
    _, out, err = run("add", kaggle, "--prune")
    assert err.endswith("no longer in this source, and removed now: 1\n")
    assert out.startswith("0 added, 0 updated, 2 unchanged, 0 skipped, 1 removed in ")
    write_captions(kaggle / "captions.txt", [("cow.jpg", "a cow")])
    code, _, err = run("add", kaggle, "--prune")
    assert code == 1
    assert err.startswith("error: 2 of the 2 pictures that ")
    _, out, _ = run("add", kaggle, "--prune", "--yes", "--json")
    report = json.loads(out)
    assert (report["vanished"], report["removed"]) == (2, 2)


def test_moved_pictures_are_told(run: Run, kaggle: Path) -> None:
    run("add", kaggle)
    (kaggle / "Images" / "cat.jpg").rename(kaggle / "Images" / "tom.jpg")
    moved = {name.replace("cat", "tom"): texts for name, texts in KAGGLE.items()}
    write_captions(kaggle / "captions.txt", rows_of(moved))
    _, out, _ = run("add", kaggle)
    assert out.startswith("0 added, 0 updated, 1 moved, 2 unchanged, 0 skipped in ")
