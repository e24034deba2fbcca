"""What the pages say is what the code does."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lance
import pyarrow as pa
import pytest
from conftest import KAGGLE, picture_bytes, rows_of, write_captions

from cavewall.cli import main
from cavewall.encoders import KNOWN_IMAGE_ENCODERS, resolve

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    return [body for found, body in BLOCK.findall(text) if found == language]


def run(*command: object, cwd: Path) -> str:
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_cli_page_is_what_the_commands_say() -> None:
    run(sys.executable, ROOT / "scripts/cli_docs.py", "--check", cwd=ROOT)


@pytest.mark.encoder
@pytest.mark.slow
def test_the_readme_runs_as_written(tmp_path: Path) -> None:
    commands = next(body for body in blocks("README.md", "sh") if "cavewall sample" in body)
    folder = Path(sys.executable).parent
    run("sh", "-euc", f'PATH="{folder}:$PATH"\n{commands}', cwd=tmp_path)
    assert (tmp_path / "answer.png").is_file()
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks("README.md", "python")), "utf-8")
    printed = run(sys.executable, script, cwd=tmp_path)
    assert len(re.findall(r"^ +[+-]\d+\.\d{3}  ", printed, re.MULTILINE)) == 15


@pytest.fixture
def photos(kaggle: Path, tiny_copy: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that docs/upkeep.md is read in: `photos`, a table of the tutorial's, a model."""
    folder = kaggle.parent
    kaggle.rename(folder / "photos")
    rows = [*rows_of(KAGGLE), ("lost.jpg", "a picture that is not there")]
    write_captions(folder / "photos" / "captions.txt", rows)
    question = {"query": "a dog", "minus": "dog", "plus": "cat", "relevant": ["cat.jpg"]}
    (folder / "photos" / "swaps.jsonl").write_text(json.dumps(question) + "\n")
    # Too large to be at hand: a model of that name that is as small as can be.
    tiny_copy("all-mpnet-base-v2").rename(folder / "all-mpnet-base-v2")
    monkeypatch.chdir(folder)
    texts = [" ".join(captions) for captions in KAGGLE.values()]
    vectors = resolve("all-mpnet-base-v2").encode(texts)
    flat = pa.FixedSizeListArray.from_arrays(vectors.ravel(), vectors.shape[1])
    table = pa.table({"vector": flat, "image_id": list(KAGGLE), "captions": texts})
    lance.write_dataset(table, folder / "lancedb" / "flickr8k.lance")
    return folder


@pytest.mark.encoder
def test_the_upkeep_page_runs_as_written(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for line in "".join(blocks("docs/upkeep.md", "sh")).splitlines():
        command = shlex.split(line, comments=True)
        assert command[0] == "cavewall"
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        out, err = capsys.readouterr()
        assert "error" not in err
        said[" ".join(command[1:])] = out
    assert said["add photos"].startswith("0 added, 0 updated, 3 unchanged, 1 skipped")
    assert "lost.jpg: missing" in said["rejects"]
    assert "standing by  all-mpnet-base-v2" in said["info"]
    assert said["reencode --finish"] == "all-mpnet-base-v2 serves\n"
    assert "holds what overwritten held, 2 pictures" in said["restore overwritten"]
    assert said["doctor"].endswith("healthy\n")
    assert "dog.jpg" in said["search a dog on the beach --wall tutorial"]
    for name in ("duplicates.png", "photos.parquet", "photos.csv", "atlas.parquet"):
        assert (photos / name).stat().st_size > 100


@pytest.mark.parametrize("page", ["keywords", "terms", "grid", "map", "spaces"])
def test_the_examples_of_a_page_run_as_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # One after another: what a block makes, the next one has.
    body = "\n".join(blocks(f"docs/{page}.md", "python"))
    example = doctest.DocTestParser().get_doctest(body, {}, page, None, None)
    told: list[str] = []
    assert doctest.DocTestRunner().run(example, out=told.append).failed == 0, "".join(told)


@pytest.mark.encoder
def test_the_commands_of_the_keywords_page_run_as_written(
    kaggle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(kaggle.parent)
    commands = "".join(blocks("docs/keywords.md", "sh")).splitlines()
    found = []
    for line in ["cavewall add kaggle", *(f"{command} --json" for command in commands)]:
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        found.append(capsys.readouterr().out)
    first = [[hit["image_id"] for hit in json.loads(out)["hits"]] for out in found[1:]]
    assert [ids[0] for ids in first if ids] == ["dog.jpg", "bus.jpg"]
    assert first[1] == []


@pytest.mark.encoder
def test_the_commands_of_the_terms_page_run_as_written(
    kaggle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(kaggle.parent)
    said = {}
    for line in ["cavewall add kaggle", *"".join(blocks("docs/terms.md", "sh")).splitlines()]:
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        said[line] = capsys.readouterr().out
    assert "@pets" in said["cavewall terms list"]
    assert "dog.jpg" in said['cavewall search "@beach + dog"']


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that docs/shell.md is read in: `photos`, and a display that shows nothing."""
    lines = []
    for at, (name, captions) in enumerate(KAGGLE.items()):
        (tmp_path / "photos" / "images").mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / "images" / name).write_bytes(picture_bytes((80 * at, 128, 60)))
        facts = {"date": f"{2019 + at}-06-01", "camera": "X100", "tags": ["draft"][:at]}
        lines.append(json.dumps({"image": name, "captions": captions, **facts}))
    (tmp_path / "photos" / "captions.jsonl").write_text("\n".join(lines))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "xdg-open").write_text('#!/bin/sh\ntest -s "$1"\n')
    (tmp_path / "bin" / "xdg-open").chmod(0o755)
    commands = [str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(commands))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.encoder
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="opens pictures with xdg-open")
def test_the_shell_page_runs_as_written(shell: Path) -> None:
    commands = "".join(blocks("docs/shell.md", "sh"))
    said = run("sh", "-euc", commands, cwd=shell)
    assert "camera of 3 pictures" in said
    assert 'where year >= 2019 and not tagged("draft") · 1 of 3 pictures' in said
    assert "the next ones: --offset 2 --version 2\n" in said
    assert "3 pictures copied to best" in said
    assert (shell / "chosen.txt").read_text() == f"{shell}/photos/images/dog.jpg\n"
    assert sorted(path.name for path in (shell / "best").iterdir()) == sorted(KAGGLE)
    answers = [json.loads(line) for line in (shell / "answers.jsonl").read_text().splitlines()]
    assert [answer["line"] for answer in answers] == [1, 2]
    assert said.endswith(f"{shell}/photos/images/bus.jpg\n{shell}/photos/images/dog.jpg\n")


@pytest.mark.encoder
@pytest.mark.slow
def test_the_commands_of_the_grid_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    monkeypatch.chdir(tmp_path)
    for line in "".join(blocks("docs/grid.md", "sh")).splitlines():
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        out = capsys.readouterr().out
    (shown,) = blocks("docs/grid.md", "text")
    assert out.startswith(shown)
    assert (tmp_path / "grid.png").stat().st_size > 10_000


@pytest.mark.encoder
@pytest.mark.slow
def test_the_commands_of_the_map_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("matplotlib", "umap"):
        pytest.importorskip(name, reason="pip install 'cavewall[plot,map]'")
    monkeypatch.chdir(tmp_path)
    said = []
    for line in "".join(blocks("docs/map.md", "sh")).splitlines():
        if line.startswith("pip"):
            continue
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        said.append(capsys.readouterr().out)
    (shown,) = blocks("docs/map.md", "text")
    assert said[2].startswith(shown)
    assert said[3].endswith("372 pictures in 9 groups; umap keeps neighbours together\n")
    assert (tmp_path / "map.png").stat().st_size > 10_000


@pytest.mark.encoder
@pytest.mark.slow
def test_the_learn_page_runs_as_written(sampled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sampled)
    example = "\n".join(blocks("docs/learn.md", "python"))
    found = doctest.DocTestParser().get_doctest(example, {}, "learn", None, None)
    told: list[str] = []
    assert doctest.DocTestRunner().run(found, out=told.append).failed == 0, "".join(told)
    commands = "".join(blocks("docs/learn.md", "sh")).split("\n")
    assert [line for line in commands if line] == [
        "cavewall tour",
        "cavewall sample sample",
        "cavewall add sample",
    ]


def test_the_spaces_page_lists_the_image_encoders_that_are_known() -> None:
    page = (ROOT / "docs/spaces.md").read_text("utf-8")
    rows = [
        f"| `{known.name}` | {known.dimension:,} | {known.side} | {known.parameters} "
        f"| {known.licence} | {f'`{known.needs}`' if known.needs else ''} |".replace("|  |", "| |")
        for known in KNOWN_IMAGE_ENCODERS
    ]
    assert re.findall(r"^\| `\w+/.*$", page, re.MULTILINE) == rows


def test_the_spaces_page_names_options_that_are_there() -> None:
    """Its commands need real weights, so they are not run."""
    text = (ROOT / "docs/cli.md").read_text("utf-8")
    sections = dict(re.findall(r"^## `(.*?)`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    for line in "".join(blocks("docs/spaces.md", "text")).splitlines():
        words = shlex.split(line)
        name = " ".join(words[:3] if words[1] == "evaluate" else words[:2])
        for option in (word for word in words if word.startswith("--")):
            assert option in sections[name], line


def test_the_upkeep_page_has_every_command_of_upkeep() -> None:
    text = "".join(blocks("docs/upkeep.md", "sh"))
    named = {line.split()[1] for line in text.splitlines()}
    assert named >= {
        *("add", "rejects", "reencode", "tag", "delete", "versions", "restore"),
        *("duplicates", "export", "doctor", "optimize", "adopt"),
    }


def test_contributing_says_what_every_module_is_for() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    package = ROOT / "src/cavewall"
    folders = (package, *(package / name for name in ("store", "ingest", "maintain")))
    names = {path.stem for folder in folders for path in folder.glob("*.py")} - {"__init__"}
    assert sorted(name for name in names if f"`{name}`" not in text) == []
