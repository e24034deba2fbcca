"""The pages that tell how things are done, done as they are told."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import lance
import pyarrow as pa
import pytest
from PIL import Image

import cavewall
from cavewall.cli import main
from cavewall.encoders import resolve
from cavewall.testing import TOY_PICTURES
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions
from tests.pages import ROOT, bodies

Say = Callable[..., dict[str, str]]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs the `sh` lines of a page but those done already, and has what each printed."""

    def run(page: str, done: int = 0) -> dict[str, str]:
        said = {}
        for line in "".join(bodies(f"docs/{page}.md", "sh")).splitlines()[done:]:
            command = shlex.split(line, comments=True)
            if command[0] != "cavewall":
                subprocess.run(command if ">" not in line else ["sh", "-c", line], check=True)
                continue
            monkeypatch.setattr("sys.argv", command)
            with pytest.raises(SystemExit) as end:
                main()
            out, err = capsys.readouterr()
            assert not end.value.code, f"{line}: {err}"
            said[" ".join(command[1:])] = out + err
        return said

    return run


def walk_through(page: str) -> None:
    """Run the Python of a page, and hold what it prints against what stands there."""
    body = "\n".join(bodies(f"docs/{page}.md", "python"))
    example = doctest.DocTestParser().get_doctest(body, {}, page, None, None)
    told: list[str] = []
    assert doctest.DocTestRunner().run(example, out=told.append).failed == 0, "".join(told)


def draw(folder: Path, captions: dict[str, tuple[str, ...]]) -> None:
    folder.mkdir(parents=True)
    for shade, name in enumerate(captions):
        (folder / name).write_bytes(picture_bytes((7 * shade % 256, 128, 60)))


def test_every_line_of_the_grammars_examples_is_read() -> None:
    page = (ROOT / "docs/grammar.md").read_text("utf-8")
    table = page.partition("## By example")[2].partition("## The rails")[0]
    examples = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(examples) == 13
    for example in examples:
        assert cavewall.parse(str(cavewall.parse(example))) == cavewall.parse(example)


@pytest.mark.encoder
def test_home_and_the_first_wall_run_as_written(
    sampled: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sampled)
    begin = ["cavewall sample sample", "cavewall add sample"]
    home = "".join(bodies("docs/index.md", "sh")).splitlines()
    start = "".join(bodies("docs/start.md", "sh")).splitlines()
    assert home[:2] == start[:2] == begin
    assert home[2] + " -k 3" in start
    said = say("start", done=1)
    assert said["add sample"].startswith("0 added, 0 updated, 372 unchanged")
    assert "372" in said["info"]
    assert (sampled / "boats.png").stat().st_size > 10_000
    assert "a dog - snow" in said["search a dog without snow -k 3"]
    walk_through("start")


@pytest.mark.encoder
def test_flickr8k(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = {f"{at}-{name}": captions for at in range(6) for name, captions in TOY_PICTURES.items()}
    draw(tmp_path / "flickr8k/Images", known)
    rows = [*rows_of(known), ("lost.jpg", "a picture that is not there")]
    write_captions(tmp_path / "flickr8k/captions.txt", rows)
    said = say("howto/flickr8k")
    assert said["add flickr8k"].startswith("36 added")
    assert "lost.jpg: missing" in said["rejects"]
    assert said["add flickr8k --missing keep"].startswith("1 added")
    assert "words" in said["evaluate swaps swaps.jsonl"]


@pytest.mark.encoder
def test_photos(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notes = Image.Exif()
    notes[0x010E] = "a castle of sand"  # ImageDescription
    notes.get_ifd(0x8769)[0x9003] = "2024:06:01 10:00:00"  # DateTimeOriginal
    draw(tmp_path / "photos/beach", {"dog.jpg": (), "silent.jpg": ()})
    (tmp_path / "photos/beach/castle.jpg").write_bytes(picture_bytes(exif=notes))
    (tmp_path / "photos/beach/dog.txt").write_text("a dog on the sand\n")
    said = say("howto/photos")
    assert said["add photos"].startswith("0 added, 2 updated")
    assert "beach/castle.jpg" in said["search a castle of sand -k 3"]
    assert "beach/castle.jpg" in said["search sand --where year = 2024 -k 3"]
    assert "beach/dog.jpg" not in said["search sand --where year = 2024 -k 3"]
    assert "beach/silent.jpg: no-caption" in said["rejects"]


@pytest.mark.encoder
def test_coco(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "coco/val2017", KAGGLE)
    images = [{"id": at, "file_name": name} for at, name in enumerate(KAGGLE)]
    captions = [
        {"image_id": at, "caption": caption}
        for at, texts in enumerate(KAGGLE.values())
        for caption in texts
    ]
    seen = [
        {"id": 1, "image_id": 0, "category_id": 18},
        {"id": 2, "image_id": 0, "category_id": 34},
    ]
    (tmp_path / "coco/annotations").mkdir()
    for name, held in (
        ("captions", {"images": images, "annotations": captions}),
        (
            "instances",
            {
                "images": images,
                "annotations": seen,
                "categories": [{"id": 18, "name": "dog"}, {"id": 34, "name": "frisbee"}],
            },
        ),
    ):
        (tmp_path / f"coco/annotations/{name}_val2017.json").write_text(json.dumps(held))
    said = say("howto/coco")
    assert said["add coco"].startswith("3 added")
    assert "frisbee" in said["facets categories"]
    for where in ('tagged("dog")', 'categories = "frisbee"'):
        (found,) = [out for line, out in said.items() if where in line]
        assert "dog.jpg" in found
        assert "bus.jpg" not in found


@pytest.fixture
def mpnet(tmp_path: Path, tiny_copy: Callable[[str], Path]) -> None:
    """Too large to be at hand: a model of that name, in this folder, as small as can be."""
    tiny_copy("all-mpnet-base-v2").rename(tmp_path / "all-mpnet-base-v2")


@pytest.mark.encoder
@pytest.mark.usefixtures("mpnet")
def test_a_lancedb_table(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [" ".join(captions) for captions in KAGGLE.values()]
    vectors = resolve("all-mpnet-base-v2").encode(texts)
    flat = pa.FixedSizeListArray.from_arrays(vectors.ravel(), vectors.shape[1])
    for name, columns in (
        ("flickr8k", ("vector", "image_id", "captions")),
        ("shop", ("embedding", "sku", "title")),
    ):
        table = pa.table([flat, list(KAGGLE), texts], names=columns)
        lance.write_dataset(table, tmp_path / f"lancedb/{name}.lance")
    draw(tmp_path / "photos/Images", KAGGLE)
    write_captions(tmp_path / "photos/captions.txt", rows_of(KAGGLE))
    with cavewall.open("photos-wall") as wall:
        wall.add("photos")
    said = say("howto/lancedb")
    assert "dog.jpg" in said["search a dog on the beach --wall tutorial -k 3"]
    walk_through("howto/lancedb")


@pytest.mark.encoder
@pytest.mark.usefixtures("mpnet")
def test_another_model(
    say: Say, kaggle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with cavewall.open("wall") as wall:
        wall.add(kaggle)
    said = say("howto/model")
    assert "standing by  all-mpnet-base-v2" in said["info"]
    assert said["reencode --finish"].startswith("all-mpnet-base-v2 serves\n")


def test_a_token(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    say("howto/serve")
    assert re.fullmatch("[0-9a-f]{64}", (tmp_path / "token").read_text().strip())
