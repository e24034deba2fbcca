"""Parquet files: names, bytes, and Hugging Face's structs of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from cavewall.errors import SourceError
from cavewall.ingest.sources import Source
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.parquet import read_parquet
from cavewall.models import Picture, Reject


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
