"""The shape of the table and what its metadata says."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from cavewall.encoders import EncoderIdentity
from cavewall.errors import WallFormatError
from cavewall.storage.schema import FORMAT, read_metadata, table_schema

IDENTITY = EncoderIdentity("tiny", 8, "d" * 64, "rev1")
ADDRESS = "/walls/mine"


def with_metadata(said: object) -> pa.Schema:
    raw = said if isinstance(said, bytes) else json.dumps(said)
    return pa.schema([pa.field("image_id", pa.string())], metadata={b"cavewall": raw})


def test_the_columns_are_those_of_the_contract() -> None:
    schema = table_schema(IDENTITY)
    assert schema.names == [
        "image_id",
        "image",
        "captions",
        "vector",
        "thumbnail",
        "path",
        "width",
        "height",
        "sha256",
        "file_size",
        "file_modified_ns",
        "source",
        "metadata",
        "added_at",
    ]
    assert schema.field("vector").type == pa.list_(pa.float32(), 8)
    assert schema.field("captions").type == pa.list_(pa.string())
    assert not schema.field("image_id").nullable
    assert schema.field("image").nullable


def test_metadata_come_back_as_they_were_written() -> None:
    metadata = read_metadata(table_schema(IDENTITY), ADDRESS)
    assert metadata.format == FORMAT
    assert metadata.encoder == IDENTITY


def test_the_registry_finds_the_encoder_by_all_that_it_needs() -> None:
    (entry,) = json.loads(table_schema(IDENTITY).metadata[b"embedding_functions"])
    assert (entry["source_column"], entry["vector_column"]) == ("captions", "vector")
    assert entry["name"] == "cavewall"
    assert entry["model"] == {"encoder": "tiny", "digest": "d" * 64, "dimension": 8}


def test_a_newer_format_is_refused_with_both_versions_named() -> None:
    schema = with_metadata({"format": FORMAT + 6, "shape": "unheard of"})
    message = f"written in format {FORMAT + 6}, and this Cavewall reads up to format {FORMAT}"
    with pytest.raises(WallFormatError, match=message) as caught:
        read_metadata(schema, ADDRESS)
    assert ADDRESS in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        b"no JSON",
        b"\xff",
        [],
        7,
        None,
        {},
        {"format": "x"},
        {"format": FORMAT},
        {"format": FORMAT, "encoder": 7},
        {"format": FORMAT, "encoder": {"name": "x"}},
        {"format": FORMAT, "encoder": {"name": "x", "dimension": 8, "digest": "d", "odd": 1}},
    ],
)
def test_metadata_that_cannot_be_read_are_one_clear_error(said: Any) -> None:
    with pytest.raises(WallFormatError, match="has metadata that cannot be read"):
        read_metadata(with_metadata(said), ADDRESS)


def test_a_table_of_someone_else_is_told_by_its_columns() -> None:
    schema = pa.schema([pa.field("name", pa.string()), pa.field("photo", pa.binary())])
    message = r"the table pictures in /walls/mine was not made by Cavewall .*: name, photo\)"
    with pytest.raises(WallFormatError, match=message):
        read_metadata(schema, ADDRESS)
