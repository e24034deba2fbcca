"""A wall as a file for other programs, to the last value."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import cavewall
from cavewall.errors import InputError
from cavewall.models import Picture
from cavewall.testing import TOY_PICTURES, FakeEncoder
from tests.conftest import picture_bytes


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_parquet_has_every_column_but_the_bytes(toy: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "toy.parquet"
    assert toy.maintenance.export(path) == 6
    table = pq.read_table(path)
    assert table.schema.names == [
        *("image_id", "captions", "vector", "path", "width", "height", "sha256"),
        *("file_size", "file_modified_ns", "source", "metadata", "added_at"),
    ]
    assert table.schema.field("vector").type == pa.list_(pa.float32(), 32)
    assert table.schema.field("metadata").type == pa.string()
    rows = {row["image_id"]: row for row in table.to_pylist()}
    assert {name: tuple(row["captions"]) for name, row in rows.items()} == TOY_PICTURES
    picture = toy.picture("sea-boat.jpg")
    row = rows["sea-boat.jpg"]
    assert (row["sha256"], row["width"], row["height"]) == (picture.sha256, 60, 40)
    assert (row["metadata"], row["added_at"]) == ("{}", picture.added_at)
    np.testing.assert_array_equal(
        np.array(row["vector"], np.float32),
        toy.vector(cavewall.like("sea-boat.jpg")),
    )


def test_parquet_has_the_second_vectors_and_the_columns_of_others(
    toy: cavewall.Wall, tmp_path: Path
) -> None:
    toy.model.reencode(FakeEncoder(16, "other"))
    lance.dataset(f"{toy.address}/pictures.lance").add_columns({"stars": "cast(3 as int)"})
    toy.maintenance.export(tmp_path / "toy.parquet")
    table = pq.read_table(tmp_path / "toy.parquet")
    assert table.schema.field("vector_standby").type == pa.list_(pa.float32(), 16)
    assert table.column("stars").to_pylist() == [3] * 6


def test_csv_has_no_vectors_and_reads_back(toy: cavewall.Wall, tmp_path: Path) -> None:
    toy.add([Picture('odd "id",\nü', ("a, b", 'say "x"'), None, picture_bytes(), {"k": [1]})])
    assert toy.maintenance.export(tmp_path / "toy.CSV") == 7
    rows = rows_of(tmp_path / "toy.CSV")
    assert list(rows[0]) == [
        *("image_id", "captions", "path", "width", "height", "sha256", "source"),
        *("metadata", "added_at"),
    ]
    picture = toy.picture('odd "id",\nü')
    assert picture.added_at is not None
    assert rows[-1] == {
        "image_id": 'odd "id",\nü',
        "captions": 'a, b | say "x"',
        "path": "",
        "width": "60",
        "height": "40",
        "sha256": picture.sha256,
        "source": "pictures",
        "metadata": '{"k":[1]}',
        "added_at": picture.added_at.isoformat(),
    }


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path, sign: str) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    hostile = f'{sign}HYPERLINK("http://x","y")'
    wall.add([Picture(hostile, (hostile, "=2"), image=picture_bytes())])
    wall.maintenance.export(tmp_path / "x.csv")
    (row,) = rows_of(tmp_path / "x.csv")
    assert (row["image_id"], row["captions"]) == (f"'{hostile}", f"'{hostile} | =2")


@pytest.mark.parametrize("space", ["\t", "\r", "\n"])
def test_white_space_hides_no_formula(tmp_path: Path, space: str) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture(f"{space}=1+1", ("x",), image=picture_bytes())])
    wall.maintenance.export(tmp_path / "x.csv")
    assert rows_of(tmp_path / "x.csv")[0]["image_id"] == f"'{space}=1+1"


def test_the_atlas_has_texts_thumbnails_and_a_map(toy: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "atlas.parquet"
    assert toy.maintenance.export(path, atlas=True) == 6
    table = pq.read_table(path)
    assert table.schema.names == [
        *("image_id", "text", "image", "x", "y", "path", "width", "height", "source")
    ]
    rows = {row["image_id"]: row for row in table.to_pylist()}
    assert rows["snow-dog.jpg"]["text"] == "a dog plays in the snow\na dog in deep snow"
    with Image.open(io.BytesIO(rows["snow-dog.jpg"]["image"]["bytes"])) as thumbnail:
        assert thumbnail.size == (60, 40)
    # The map keeps what two axes can: it is centred, and wide along the first.
    points = np.array([[row["x"], row["y"]] for row in rows.values()])
    vectors = np.stack([toy.vector(cavewall.like(name)) for name in rows])
    spread = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(points.mean(axis=0), [0, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(points, axis=0), spread[:2], rtol=1e-5)


def test_what_has_no_vector_and_no_thumbnail_has_no_place_on_the_map(
    toy: cavewall.Wall, tmp_path: Path
) -> None:
    toy.add([Picture("bare", ("nothing",))], missing="keep")
    dataset = lance.dataset(f"{toy.address}/pictures.lance")
    kind = dataset.schema.field("vector").type
    changes: list[Any] = [None, [np.inf] * 32]
    table = pa.table([["bare", "sea-boat.jpg"], pa.array(changes, kind)], ["image_id", "vector"])
    dataset.merge_insert("image_id").when_matched_update_all().execute(table)
    toy.maintenance.export(tmp_path / "atlas.parquet", atlas=True)
    rows = {row["image_id"]: row for row in pq.read_table(tmp_path / "atlas.parquet").to_pylist()}
    places = {name: (row["x"], row["y"]) for name, row in rows.items()}
    assert {name for name, place in places.items() if place == (None, None)} == {
        "bare",
        "sea-boat.jpg",
    }
    assert rows["bare"]["image"] is None
    assert all(abs(x) + abs(y) < 4 for x, y in places.values() if x is not None)


@pytest.mark.parametrize("atlas", [False, True])
def test_an_empty_wall_is_an_empty_file(toy: cavewall.Wall, tmp_path: Path, atlas: bool) -> None:
    toy.maintenance.delete(TOY_PICTURES)
    assert toy.maintenance.export(tmp_path / "x.parquet", atlas=atlas) == 0
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("name", "atlas", "message"),
    [
        ("x.txt", False, r"x\.txt: the name .* has to end in \.parquet or \.csv"),
        ("x", False, "has to end in"),
        ("x.csv", True, r"has to end in \.parquet$"),
        ("nowhere/x.csv", False, "nowhere/x.csv cannot be written: No such file or directory"),
        ("folder.csv", False, "is a folder: give the name of a file"),
        (f"{'x' * 260}.csv", False, "File name too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(
    toy: cavewall.Wall, tmp_path: Path, name: str, atlas: bool, message: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = sorted(os.listdir(tmp_path))  # noqa: PTH208
    with pytest.raises(InputError, match=message):
        toy.maintenance.export(tmp_path / name, atlas=atlas)
    assert sorted(os.listdir(tmp_path)) == before  # noqa: PTH208


def test_what_fails_half_way_leaves_the_file_that_was_there(
    toy: cavewall.Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before")

    class Failing:
        def writerow(self, row: list[str]) -> None:
            if row[0] != "image_id":
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv, "writer", lambda _: Failing())
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        toy.maintenance.export(path)
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["x.csv"]
