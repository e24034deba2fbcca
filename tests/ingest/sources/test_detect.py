"""Which reader a source gets: by looking, or as its user says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.errors import SourceError
from cavewall.ingest.sources import Columns, SourceColumns, open_source
from cavewall.ingest.sources.detect import each_caption
from cavewall.ingest.sources.source import Source
from cavewall.models import Picture, Reject
from cavewall.testing import FakeEncoder

COCO = (
    '{"images": [{"id": 1, "file_name": "a.jpg"}], '
    '"annotations": [{"image_id": 1, "caption": "a dog"}]}'
)
TEXTS = {
    "csv": "image,caption\na.jpg,a dog\n",
    "jsonl": '{"image": "a.jpg", "caption": "a dog"}\n{"image": "b.jpg", "caption": "x"}\n',
    "token": "a.jpg#0\ta dog\n",
    "coco": COCO,
}


def first(source: Any, layout: SourceColumns | None = None) -> tuple[str, tuple[str, ...]]:
    found = next(iter(open_source(source, layout=layout).pictures))
    assert isinstance(found, Picture)
    return found.image_id, found.captions


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.csv", "csv"),
        ("x.txt", "csv"),
        ("x", "csv"),
        ("x.CSV", "csv"),
        ("x.jsonl", "jsonl"),
        ("x.NDJSON", "jsonl"),
        ("x.json", "jsonl"),
        ("x.json", "coco"),
        ("x.txt", "token"),
        ("Flickr8k.token.txt", "token"),
    ],
)
def test_a_file_is_recognised(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_text(TEXTS[kind])
    assert first(tmp_path / name) == ("a.jpg", ("a dog",))


def test_coco_on_several_lines_is_coco(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(COCO.replace("], ", "],\n "))
    assert first(tmp_path / "x.json") == ("a.jpg", ("a dog",))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("captions.txt", "csv"),
        ("captions.csv", "csv"),
        ("Flickr8k.token.txt", "token"),
        ("results.token", "token"),
        ("captions_val2017.json", "coco"),
        ("annotations/captions_val2017.json", "coco"),
        ("metadata.csv", "csv"),
        ("metadata.jsonl", "jsonl"),
    ],
)
def test_a_folder_is_recognised_by_what_it_holds(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(TEXTS[kind])
    assert first(tmp_path) == ("a.jpg", ("a dog",))


@pytest.mark.parametrize("kind", list(TEXTS))
def test_what_its_user_says_goes_before_what_it_looks_like(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.dat").write_text(TEXTS[kind])
    assert first(tmp_path / "x.dat", SourceColumns(kind)) == ("a.jpg", ("a dog",))
    (tmp_path / "captions.txt").write_text(TEXTS["csv"])
    (tmp_path / "dog.png").write_bytes(b"")
    (tmp_path / "dog.txt").write_text("beside")
    assert first(tmp_path, SourceColumns("folder")) == ("dog.png", ("beside",))


@pytest.mark.parametrize("name", ["Images", "images", "Flicker8k_Dataset", "../Flicker8k_Dataset"])
def test_pictures_are_looked_for_beside(tmp_path: Path, name: str) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "x.token").write_text(TEXTS["token"])
    (tmp_path / "text" / name).mkdir()
    found = next(iter(open_source(tmp_path / "text").pictures))
    assert isinstance(found, Picture)
    assert found.path is not None
    assert found.path.resolve() == (tmp_path / "text" / name / "a.jpg").resolve()


@pytest.mark.parametrize(
    ("files", "source", "layout", "message"),
    [
        (
            {"x.csv": "csv"},
            "x.csv",
            SourceColumns("xml"),
            "no format 'xml': choose one of csv, jsonl, p",
        ),
        ({"a.jpg": "csv"}, "a.jpg", SourceColumns(), "is a single picture: add the folder"),
        ({"x.json": "coco"}, "x.json", SourceColumns("jsonl"), "no column names images"),
        (
            {"x.json": "coco"},
            "x.json",
            SourceColumns(columns=Columns(caption="c")),
            "is read as coco, which has no columns to choose",
        ),
        (
            {"captions_a.json": "coco", "captions_b.json": "coco"},
            ".",
            SourceColumns(),
            "holds several: add one of captions_a.json, captions_b.json",
        ),
        (
            {"x.jsonl": "jsonl"},
            ".",
            SourceColumns("jsonl"),
            "holds nothing in the format jsonl: name a f",
        ),
        ({"t.lance/x": "csv"}, ".", SourceColumns(), "holds LanceDB tables: cavewall adopt"),
    ],
)
def test_what_cannot_be_is_one_clear_error(
    tmp_path: Path, files: dict[str, str], source: str, layout: SourceColumns, message: str
) -> None:
    for name, kind in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXTS[kind])
    with pytest.raises(SourceError, match=message):
        list(open_source(tmp_path / source, layout=layout).pictures)


def test_a_format_is_that_of_a_path() -> None:
    with pytest.raises(SourceError, match="a format is that of a file or folder"):
        open_source([Picture("a", ("x",))], layout=SourceColumns("csv"))


def test_captions_become_pictures_of_numbered_ids() -> None:
    picture = Picture("a.jpg", ("one", "", "two"), Path("a.jpg"), metadata={"x": 1})
    without = Picture("b.jpg", ())
    reject = Reject("c.jpg", "outside: x")
    source = each_caption(Source("s", [picture, without, reject], in_files=True))
    assert (source.name, source.in_files) == ("s", True)
    assert list(source.pictures) == [
        Picture("a.jpg#0", ("one",), Path("a.jpg"), metadata={"x": 1}),
        Picture("a.jpg#1", ("",), Path("a.jpg"), metadata={"x": 1}),
        Picture("a.jpg#2", ("two",), Path("a.jpg"), metadata={"x": 1}),
        without,
        reject,
    ]


def test_each_row_has_its_own_vector_and_a_second_add_changes_nothing(
    tmp_path: Path, kaggle: Path
) -> None:
    fake = FakeEncoder()
    wall = cavewall.open(tmp_path / "wall", fake)
    assert wall.add(kaggle, each_caption=True).added == 6
    hits = wall.search("a grey cat indoors", k=1)
    assert (hits[0].image_id, hits[0].score) == ("cat.jpg#1", 1.0)
    again = wall.add(kaggle, each_caption=True)
    assert (again.added, again.unchanged) == (0, 6)
