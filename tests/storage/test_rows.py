"""Rows on their way in and out of the table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cavewall.encoders import EncoderIdentity
from cavewall.models import Picture
from cavewall.storage import NewPicture
from cavewall.storage.rows import picture_from_row, to_batch, utf8
from cavewall.storage.schema import table_schema

SCHEMA = table_schema(EncoderIdentity("plane", 2, "p" * 64))
VECTOR = np.array([1, 0], np.float32)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_columns_that_others_added_are_left_empty() -> None:
    schema = SCHEMA.append(pa.field("stars", pa.int8()))
    batch = to_batch([NewPicture(Picture("a", ("x",)), VECTOR)], schema)
    assert batch.schema.names == schema.names
    assert batch.column("stars").to_pylist() == [None]
    assert batch.column("vector").to_pylist() == [[1, 0]]


def test_a_row_becomes_the_picture_that_it_was() -> None:
    picture = Picture(
        "a", ("x", "y"), Path("/a.jpg"), None, {"k": 1}, "s", 3, 2, "d", b"small", NOW
    )
    batch = to_batch([NewPicture(picture, VECTOR, 7, 8)], SCHEMA).drop_columns(["image"])
    (row,) = batch.to_pylist()
    assert (row["file_size"], row["file_modified_ns"]) == (7, 8)
    assert picture_from_row(row) == picture
    assert picture_from_row(row, b"data").image == b"data"


def itself() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    return loop


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ({}, {}),
        ({"when": NOW}, {"when": str(NOW)}),
        ({("a", 1): 2}, {"('a', 1)": "2"}),
        (itself(), {"loop": str(itself())}),
    ],
)
def test_metadata_of_any_shape_is_kept(metadata: dict[Any, Any], kept: dict[str, Any]) -> None:
    batch = to_batch([NewPicture(Picture("a", ("x",), metadata=metadata), VECTOR)], SCHEMA)
    assert json.loads(batch.column("metadata").to_pylist()[0]) == kept


def test_names_that_are_no_unicode_become_text() -> None:
    assert utf8("caf\udce9") == "caf?"
    assert utf8("café 🦊") == "café 🦊"
