"""One row laid open."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import lance
import numpy as np
import pyarrow as pa
import pytest

import cavewall
from cavewall.encoders import EncoderIdentity
from cavewall.errors import UnknownPictureError
from cavewall.storage import ColumnValue
from cavewall.storage.row_view import row_values
from cavewall.testing import FakeEncoder, toy_wall


@pytest.fixture
def toy(address: str) -> cavewall.Wall:
    """The toy wall, in a folder and in object storage."""
    return toy_wall(address)


def test_every_column_of_a_wall(toy: cavewall.Wall) -> None:
    cells = {cell.name: cell for cell in toy.table.row("snow-dog.jpg")}
    picture = toy.picture("snow-dog.jpg")
    assert picture.image is not None
    assert picture.thumbnail is not None
    assert list(cells)[:4] == ["image_id", "image", "captions", "vector"]
    assert cells["image_id"] == ColumnValue("image_id", "string", "snow-dog.jpg")
    assert cells["image"] == ColumnValue("image", "blob", length=len(picture.image))
    assert cells["thumbnail"] == ColumnValue("thumbnail", "binary", length=len(picture.thumbnail))
    assert cells["captions"].value == list(picture.captions)
    assert cells["metadata"] == ColumnValue("metadata", "json", {})
    assert cells["width"] == ColumnValue("width", "int32", 60)
    vector = toy.vector('like("snow-dog.jpg")')
    assert cells["vector"].length == len(vector) == 32
    assert cells["vector"].first == pytest.approx(vector[:8].tolist())
    assert cells["added_at"].value == picture.added_at.isoformat()  # type: ignore[union-attr]


def test_a_row_of_a_version_that_was(toy: cavewall.Wall) -> None:
    toy.versions.tag("before")
    toy.maintenance.delete(["snow-dog.jpg"])
    with pytest.raises(UnknownPictureError):
        toy.table.row("snow-dog.jpg")
    assert toy.table.row("snow-dog.jpg", version=2)[0].value == "snow-dog.jpg"


def test_a_picture_without_bytes(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([cavewall.Picture("lost.jpg", ("a dog",))], missing="keep")
    cells = {cell.name: cell for cell in wall.table.row("lost.jpg")}
    assert cells["image"] == ColumnValue("image", "blob")
    assert cells["thumbnail"].value is None


def test_columns_of_others(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["a"],
            "vector": pa.array([np.array([0.5, -0.5], np.float16)], pa.list_(pa.float16(), 2)),
            "nothing": pa.array([None], pa.list_(pa.float32(), 2)),
            "share": [float("nan")],
            "when": [datetime(2026, 1, 2, tzinfo=UTC)],
            "kept": [{"at": datetime(2026, 1, 2, tzinfo=UTC), "raw": b"12"}],
            "bytes": [b"123"],
        }
    )
    cells = {cell.name: cell for cell in row_values(lance.write_dataset(table, tmp_path / "t"), 0)}
    assert (cells["vector"].length, cells["vector"].first) == (2, (0.5, -0.5))
    assert (cells["nothing"].length, cells["nothing"].first) == (None, ())
    assert cells["share"].value == "nan"
    assert cells["when"].value == "2026-01-02T00:00:00+00:00"
    assert cells["kept"].value == {"at": "2026-01-02T00:00:00+00:00", "raw": "b'12'"}
    assert (cells["bytes"].value, cells["bytes"].length) == (None, 3)


def test_an_adopted_table_shows_its_own_columns(tmp_path: Path) -> None:
    encoder = FakeEncoder(4)
    flat = pa.FixedSizeListArray.from_arrays(encoder.encode(["a dog"]).ravel(), 4)
    table = pa.table({"id": [7], "emb": flat, "text": ["a dog"]})
    lance.write_dataset(table, tmp_path / "theirs.lance")
    wall = cavewall.open(tmp_path / "wall", encoder)
    wall.maintenance.adopt(tmp_path / "theirs.lance")
    assert [(cell.name, cell.value) for cell in wall.table.row("7")] == [
        ("id", 7),
        ("emb", None),
        ("text", "a dog"),
    ]
    assert isinstance(encoder.identity, EncoderIdentity)
