"""Tables of Arrow: in memory, and Parquet files with names, bytes, or structs of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from cavewall.errors import SourceError
from cavewall.ingest.sources import Source, open_source
from cavewall.ingest.sources.arrow_table import read_parquet
from cavewall.ingest.sources.columns import Columns
from cavewall.models import Picture, Reject

ROWS = [
    {"image": "b.jpg", "caption": "one", "split": "train"},
    {"image": "a.jpg", "caption": "two", "split": "test"},
    {"image": "b.jpg", "caption": "three", "split": "train"},
]


def pictures(table: Any, images: Path | None = None) -> list[Picture]:
    found = list(open_source(table, images).pictures)
    assert all(isinstance(picture, Picture) for picture in found)
    return [picture for picture in found if isinstance(picture, Picture)]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(ROWS),
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        pytest.param(pa.Table.from_pylist(ROWS).to_reader(max_chunksize=1), id="reader"),
    ],
    ids=lambda table: type(table).__name__,
)
def test_rows_are_grouped_by_image(table: Any, tmp_path: Path) -> None:
    found = pictures(table, tmp_path)
    assert [(p.image_id, p.captions, p.path, p.metadata) for p in found] == [
        ("a.jpg", ("two",), tmp_path / "a.jpg", {"split": "test"}),
        ("b.jpg", ("one", "three"), tmp_path / "b.jpg", {"split": "train"}),
    ]


def test_lists_of_captions_bytes_and_metadata(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image_id": ["x", "y"],
            "image": pa.array([b"bytes", None], pa.binary()),
            "captions": [["one", "two"], None],
            "path": [None, "y.jpg"],
            "iso": [100, None],
        }
    )
    first, second = pictures(table, tmp_path)
    assert first == Picture("x", ("one", "two"), None, b"bytes", {"iso": 100})
    assert second == Picture("y", ("",), tmp_path / "y.jpg", None, {"iso": None})


def test_without_an_image_folder_paths_are_taken_as_they_are() -> None:
    (picture,) = pictures(pa.table({"image_id": ["x"], "path": ["sub/x.jpg"], "caption": ["a"]}))
    assert picture.path == Path("sub/x.jpg")


def test_ids_may_be_numbers_zero_included() -> None:
    table = pa.table({"image_id": [0, 1], "caption": ["zero", "one"]})
    assert [(p.image_id, p.captions) for p in pictures(table)] == [
        ("0", ("zero",)),
        ("1", ("one",)),
    ]


def test_a_captions_column_of_texts_holds_one_caption_a_row() -> None:
    table = pa.table({"image_id": ["x", "y", "x"], "captions": ["a dog", "a cat", "a puppy"]})
    assert [(p.image_id, p.captions) for p in pictures(table)] == [
        ("y", ("a cat",)),
        ("x", ("a dog", "a puppy")),
    ]


def test_missing_captions_of_pandas_are_empty() -> None:
    frame = pd.DataFrame({"image": ["a.jpg", "a.jpg"], "caption": ["a dog", None]})
    (picture,) = pictures(frame)
    assert picture.captions == ("a dog", "")


@pytest.mark.parametrize("column", ["caption", "captions"])
def test_a_path_out_of_the_folder_is_rejected(tmp_path: Path, column: str) -> None:
    rows = {"image": ["../x.jpg", "a.jpg"], column: ["a", "b"]}
    found = list(open_source(pa.table(rows), tmp_path).pictures)
    reason = f"outside: the path leads out of {tmp_path}"
    assert Reject("../x.jpg", reason, "the table, row 1") in found
    assert [p.image_id for p in found if isinstance(p, Picture)] == ["a.jpg"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["name", "caption"], r"the table: no column names images among name, caption"),
        (["image", "words"], r"the table: no column holds captions among image, words"),
    ],
)
def test_a_table_without_the_columns_is_one_clear_error(columns: list[str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(pa.table({name: ["x"] for name in columns}))


@pytest.mark.parametrize("source", [7, None, 1.5])
def test_what_is_no_source_at_all_says_what_would_be_one(source: Any) -> None:
    with pytest.raises(SourceError, match="pass a captions file, a DataFrame, an Arrow table"):
        open_source(source)


@pytest.mark.parametrize("source", [b"captions.txt", [{"image_id": "x"}], ["a.jpg"], [("x", "y")]])
def test_an_iterable_of_something_else_than_pictures_says_so(source: Any) -> None:
    with pytest.raises(SourceError, match="Picture"):
        list(open_source(source).pictures)


def read(folder: Path, columns: dict[str, Any]) -> Source:
    path = folder / "x.parquet"
    parquet.write_table(pa.table(columns), path)
    return read_parquet(path, folder, Columns())


def test_names_are_looked_for_in_the_image_folder(tmp_path: Path) -> None:
    columns = {"image": ["a.jpg", "b.jpg", "a.jpg"], "caption": ["1", "2", None], "n": [1, 2, 3]}
    source = read(tmp_path, columns)
    assert source.in_files
    assert list(source.pictures) == [
        Picture("b.jpg", ("2",), tmp_path / "b.jpg", metadata={"n": 2}),
        Picture("a.jpg", ("1", ""), tmp_path / "a.jpg", metadata={"n": 3}),
    ]


def test_bytes_come_with_an_id_and_are_streamed(tmp_path: Path) -> None:
    source = read(tmp_path, {"image_id": [1, 2], "image": [b"x", b"y"], "text": ["one", "two"]})
    assert not source.in_files
    assert list(source.pictures) == [
        Picture("1", ("one",), None, b"x"),
        Picture("2", ("two",), None, b"y"),
    ]


@pytest.mark.parametrize("text", [["one", "two", "three"], [["one"], ["two"], ["three"]]])
def test_structs_hold_bytes_or_names_of_files(tmp_path: Path, text: list[Any]) -> None:
    images = [
        {"bytes": b"x", "path": "a.jpg"},
        {"bytes": None, "path": "b.jpg"},
        {"bytes": b"z", "path": None},
    ]
    found = list(read(tmp_path, {"image": images, "caption": text}).pictures)
    rejects = [each.reason for each in found if isinstance(each, Reject)]
    assert rejects == ["missing: row 3 names no image"]
    assert [each for each in found if isinstance(each, Picture)] == [
        Picture("a.jpg", ("one",), Path("a.jpg"), b"x"),
        Picture("b.jpg", ("two",), tmp_path / "b.jpg"),
    ]


def test_many_rows_are_read_batch_by_batch(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(1000)]
    source = read(tmp_path, {"image": names, "caption": names})
    assert [found.image_id for found in source.pictures] == names


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read as Parquet"),
        (b"PAR1 and nothing more", "cannot be read as Parquet"),
    ],
)
def test_what_is_no_parquet_is_one_clear_error(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message):
        read_parquet(path, tmp_path, Columns())


def test_a_table_without_rows_or_columns_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no rows"):
        read(tmp_path, {"image": pa.array([], pa.string()), "caption": pa.array([], pa.string())})
    with pytest.raises(SourceError, match="no column holds captions among image"):
        read(tmp_path, {"image": ["a.jpg"]})
