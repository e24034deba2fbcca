"""Hugging Face's folders of pictures."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from cavewall.errors import SourceError
from cavewall.ingest.sources import Columns, SourceColumns, open_source
from cavewall.ingest.sources.imagefolder import read_imagefolder
from cavewall.models import Picture, Reject


def write(folder: Path, kind: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "csv":
        (folder / "metadata.csv").write_text("file_name,text,year\nx/a.jpg,a dog,2019\n")
    elif kind == "jsonl":
        (folder / "metadata.jsonl").write_text(
            '{"file_name": "x/a.jpg", "text": "a dog", "year": "2019"}\n'
        )
    else:
        rows = [{"file_name": "x/a.jpg", "text": "a dog", "year": "2019"}]
        parquet.write_table(pa.Table.from_pylist(rows), folder / "metadata.parquet")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_the_metadata_file_speaks_for_the_folder(tmp_path: Path, kind: str) -> None:
    write(tmp_path, kind)
    source = open_source(tmp_path)
    assert source.name == str(tmp_path.resolve())
    assert list(source.pictures) == [
        Picture("x/a.jpg", ("a dog",), tmp_path / "x/a.jpg", metadata={"year": "2019"})
    ]


def test_each_part_may_have_its_own(tmp_path: Path) -> None:
    write(tmp_path / "test", "jsonl")
    write(tmp_path / "train", "csv")
    with (tmp_path / "train" / "metadata.csv").open("a") as file:
        file.write("../../b.jpg,out,1\n")
    found = list(open_source(tmp_path).pictures)
    assert [each.image_id for each in found] == [
        "test/x/a.jpg",
        "train/x/a.jpg",
        "train/../../b.jpg",
    ]
    assert [each.path for each in found if isinstance(each, Picture)] == [
        tmp_path / "test/x/a.jpg",
        tmp_path / "train/x/a.jpg",
    ]
    assert isinstance(found[2], Reject)


def test_columns_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("file_name,prompt\na.jpg,a dog\n")
    layout = SourceColumns("imagefolder", Columns(caption="prompt"))
    (found,) = open_source(tmp_path, layout=layout).pictures
    assert isinstance(found, Picture)
    assert found.captions == ("a dog",)


def test_a_folder_without_metadata_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no metadata.csv, metadata.jsonl, metadata.parq"):
        read_imagefolder(tmp_path, tmp_path, Columns())
