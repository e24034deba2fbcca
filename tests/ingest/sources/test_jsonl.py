"""An object a line, and lines that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.jsonl import read_jsonl
from cavewall.models import Picture, Reject


def read(folder: Path, text: str, columns: Columns | None = None) -> list[Picture | Reject]:
    path = folder / "x.jsonl"
    path.write_text(text, "utf-8")
    return list(read_jsonl(path, folder, columns or Columns()).pictures)


def test_objects_become_pictures_and_bad_lines_rejects(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '{"image": "a.jpg", "caption": "one", "tags": ["x"], "iso": 100}\n'
        "\n"
        "{broken\n"
        '["a.jpg", "two"]\n'
        '{"image": "", "caption": "nameless"}\n'
        '{"image": "b.jpg", "caption": ["two", null, 3]}\n'
        '{"image": "c.jpg"}\n'
        '{"image": "../d.jpg", "caption": "out"}\n',
    )
    path = tmp_path / "x.jsonl"
    assert found == [
        Reject("", "unreadable: line 3 is no JSON object", f"{path}, line 3"),
        Reject("", "unreadable: line 4 is no JSON object", f"{path}, line 4"),
        Reject("", "missing: line 5 names no image", f"{path}, line 5"),
        Picture("a.jpg", ("one",), tmp_path / "a.jpg", metadata={"tags": ["x"], "iso": 100}),
        Picture("b.jpg", ("two", "", "3"), tmp_path / "b.jpg"),
        Picture("c.jpg", ("",), tmp_path / "c.jpg"),
        Reject("../d.jpg", f"outside: the path leads out of {tmp_path}", f"{path}, line 8"),
    ]


def test_the_rows_of_one_image_are_one_picture(tmp_path: Path) -> None:
    line = '{{"image": "{}.jpg", "caption": "{}"}}\n'
    text = line.format("a", 1) + line.format("a", 2) + line.format("b", 3) + line.format("a", 4)
    assert [found.captions for found in read(tmp_path, text) if isinstance(found, Picture)] == [
        ("3",),
        ("1", "2", "4"),
    ]


def test_columns_may_be_chosen(tmp_path: Path) -> None:
    (found,) = read(tmp_path, '{"photo": "a.jpg", "title": "x"}\n', Columns("photo", "title"))
    assert found == Picture("a.jpg", ("x",), tmp_path / "a.jpg")


def test_a_line_nested_too_deep_is_a_reject(tmp_path: Path) -> None:
    found = read(tmp_path, '{"image": "a.jpg", "caption": "x"}\n' + "[" * 100_000 + "\n")
    assert [reject.reason for reject in found if isinstance(reject, Reject)] == [
        "unreadable: line 2 is no JSON object"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no JSON objects: one a line is expected"),
        ("[]\nnull\n", "holds no JSON objects"),
        ('{"picture": 1, "caption": "x"}\n', "line 1: no column names images among picture, cap"),
        ('{"image": "a.jpg"}\n', "line 1: no column holds captions among image"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, text)
