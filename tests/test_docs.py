"""What the pages say is what the code does: all that they tell to type is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lance
import pyarrow as pa
import pytest

import cavewall
from cavewall.cli.tour import sample_wall
from cavewall.encoders import KNOWN_IMAGE_ENCODERS, resolve
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions
from tests.pages import LOOKED_AT, PAGES, ROOT, RUN, Reader, blocks, commands
from tests.test_rooms import ROOMS

# Pages whose blocks go together in a way of their own, and the tests that run these.
ELSEWHERE = {
    "CONTRIBUTING.md": "test_contributing.py",
    "docs/index.md": "test_howto.py",
    "docs/sources.md": "test_docs_sources.py",
    "docs/start.md": "test_howto.py",
    **{
        f"docs/howto/{name}.md": "test_howto.py"
        for name in ("coco", "flickr8k", "lancedb", "model", "photos", "serve")
    },
}


def typed_pages() -> list[object]:
    """The pages that have something to type; those with commands load the packaged model."""
    found: list[object] = []
    for page in PAGES:
        if page not in ELSEWHERE and blocks(page, *RUN):
            marks = [pytest.mark.encoder] if blocks(page, "sh") else []
            found.append(pytest.param(page, marks=marks, id=page))
    return found


@pytest.fixture
def reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, capsys, monkeypatch)


@pytest.mark.parametrize("page", typed_pages())
def test_the_page_runs_as_written(
    page: str, reader: Reader, request: pytest.FixtureRequest
) -> None:
    if page in PREPARED:
        request.getfixturevalue(PREPARED[page])
    reader.read(page)
    CHECKS.get(page, _nothing_more)(reader)


@pytest.mark.lint
@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page: str) -> None:
    odd = [
        f"{page}:{block.line}: a block in {block.language or 'no language'}: {', '.join(RUN)} are "
        "run; what cannot be is text"
        for block in blocks(page)
        if block.language not in (*RUN, *LOOKED_AT)
    ]
    assert odd == []


# The folders that pages are read in, where it is not an empty one.


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


@pytest.fixture
def kaggle_wall(kaggle: Path, tmp_path: Path) -> None:
    """The wall `./wall` with the three pictures of KAGGLE."""
    with cavewall.open(tmp_path / "wall") as wall:
        wall.add(kaggle)


@pytest.fixture
def sample(tmp_path: Path) -> None:
    """The sample as `./wall` and `./photos`, and its captions and questions at hand."""
    made = Path(sample_wall(quiet=True).address)
    for name in ("wall", "photos"):
        shutil.copytree(made, tmp_path / name)
    shutil.copy(made.parent / "sample" / "captions.txt", tmp_path)


@pytest.fixture
def plots() -> None:
    for name in ("matplotlib", "umap"):
        pytest.importorskip(name, reason="pip install 'cavewall[plot,map]'")


PREPARED = {
    "docs/arithmetic.md": "sample",
    "docs/grid.md": "plots",
    "docs/keywords.md": "kaggle_wall",
    "docs/map.md": "plots",
    "docs/page.md": "sample",
    "docs/server.md": "sample",
    "docs/shell.md": "shell",
    "docs/terms.md": "kaggle_wall",
    "docs/upkeep.md": "photos",
}


# What is there when a page is read.


def _nothing_more(reader: Reader) -> None:
    """That every command ended well is all that is asked."""


def _readme(reader: Reader) -> None:
    assert (reader.folder / "answer.png").is_file()
    printed = "".join(reader.said.values())
    assert len(re.findall(r"^ +[+-]\d+\.\d{3}  ", printed, re.MULTILINE)) == 15


def _upkeep(reader: Reader) -> None:
    said = {command.partition("#")[0].strip(): out for command, out in reader.said.items()}
    assert said["cavewall add photos"].startswith("0 added, 0 updated, 3 unchanged, 1 skipped")
    assert "lost.jpg: missing" in said["cavewall rejects"]
    assert "standing by  all-mpnet-base-v2" in said["cavewall info"]
    assert said["cavewall reencode --finish"] == "all-mpnet-base-v2 serves\n"
    assert "holds what overwritten held, 2 pictures" in said["cavewall restore overwritten"]
    assert said["cavewall doctor"].endswith("healthy\n")
    assert "dog.jpg" in said['cavewall search "a dog on the beach" --wall tutorial']
    for name in ("duplicates.png", "photos.parquet", "photos.csv", "atlas.parquet"):
        assert (reader.folder / name).stat().st_size > 100


def _keywords(reader: Reader) -> None:
    found = [re.findall(r"\w+\.jpg", out) for out in reader.said.values()]
    assert [ids[:1] for ids in found if ids] == [["dog.jpg"], ["bus.jpg"]]
    assert found[1] == []


def _terms(reader: Reader) -> None:
    assert "@pets" in reader.said["cavewall terms list"]
    assert "dog.jpg" in reader.said['cavewall search "@beach + dog"']


def _shell(reader: Reader) -> None:
    said, folder = "".join(reader.said.values()), reader.folder
    assert "camera of 3 pictures" in said
    assert 'where year >= 2019 and not tagged("draft") · 1 of 3 pictures' in said
    assert "3 pictures copied to best" in said
    assert (folder / "chosen.txt").read_text() == f"{folder}/photos/images/dog.jpg\n"
    assert sorted(path.name for path in (folder / "best").iterdir()) == sorted(KAGGLE)
    answers = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert [answer["line"] for answer in answers] == [1, 2]
    assert said.endswith(f"{folder}/photos/images/bus.jpg\n{folder}/photos/images/dog.jpg\n")


def _grid(reader: Reader) -> None:
    assert (reader.folder / "grid.png").stat().st_size > 10_000


def _map(reader: Reader) -> None:
    told = "372 pictures in 9 groups; umap keeps neighbours together\n"
    assert any(out.endswith(told) for out in reader.said.values())
    assert (reader.folder / "map.png").stat().st_size > 10_000


CHECKS: dict[str, Callable[[Reader], None]] = {
    "README.md": _readme,
    "docs/grid.md": _grid,
    "docs/keywords.md": _keywords,
    "docs/map.md": _map,
    "docs/shell.md": _shell,
    "docs/terms.md": _terms,
    "docs/upkeep.md": _upkeep,
}


# Tables and generated pages.


@pytest.mark.lint
@pytest.mark.parametrize("script", ["cli_docs.py", "python_docs.py"])
def test_the_generated_page_is_fresh(script: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.lint
def test_the_spaces_page_lists_the_image_encoders_that_are_known() -> None:
    page = (ROOT / "docs/spaces.md").read_text("utf-8")
    rows = [
        f"| `{known.name}` | {known.dimension:,} | {known.side} | {known.parameters} "
        f"| {known.licence} | {f'`{known.needs}`' if known.needs else ''} |".replace("|  |", "| |")
        for known in KNOWN_IMAGE_ENCODERS
    ]
    assert re.findall(r"^\| `\w+/.*$", page, re.MULTILINE) == rows


@pytest.mark.lint
def test_the_upkeep_page_has_every_command_of_upkeep() -> None:
    named = {
        line.split()[1] for block in blocks("docs/upkeep.md", "sh") for line in commands(block.body)
    }
    assert named >= {
        *("add", "rejects", "reencode", "tag", "delete", "versions", "restore"),
        *("duplicates", "export", "doctor", "optimize", "adopt"),
    }


@pytest.mark.lint
def test_contributing_has_the_rooms_and_no_arrow_that_is_not_allowed() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| [^|]* \| ([^|]*) \|$", text, re.MULTILINE)
    table = {
        room: set(re.findall(r"`(\w+)`", may))
        for rooms, may in rows
        for room in re.findall(r"`(\w+)`", rooms)
    }
    assert {room for room in table if room in ROOMS} == set(ROOMS)
    for room, may in table.items():
        if room in ROOMS:
            assert may <= ROOMS[room] | {room}, room
