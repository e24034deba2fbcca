"""The shape of the table and what its metadata says. Format 1."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import WallFormatError

__all__ = ["FORMAT", "WallMetadata", "read_metadata", "table_schema"]

FORMAT = 1
_KEY = b"cavewall"
_PRIMARY_KEY = {"lance-schema:unenforced-primary-key:position": "1"}


@dataclass(frozen=True)
class WallMetadata:
    """What a table says of itself: the format it is written in and who made its vectors.

    `id` is drawn when the wall is made: a version of a wall is told from the same version of
    another one that stood at the address before.
    """

    format: int
    id: str
    encoder: EncoderIdentity


def table_schema(encoder: EncoderIdentity) -> pa.Schema:
    """The schema of a new wall, its metadata included."""
    import lance

    return pa.schema(
        [
            pa.field("image_id", pa.string(), nullable=False, metadata=_PRIMARY_KEY),
            lance.blob_field("image"),
            pa.field("captions", pa.list_(pa.string())),
            pa.field("vector", pa.list_(pa.float32(), encoder.dimension)),
            pa.field("thumbnail", pa.binary()),
            pa.field("path", pa.string()),
            pa.field("width", pa.int32()),
            pa.field("height", pa.int32()),
            pa.field("sha256", pa.string()),
            # With the size and time of the file, a second `add` need not read it again.
            pa.field("file_size", pa.int64()),
            pa.field("file_modified_ns", pa.int64()),
            pa.field("source", pa.string()),
            pa.field("metadata", pa.json_()),
            pa.field("added_at", pa.timestamp("us", tz="UTC")),
        ],
        metadata={
            _KEY: json.dumps(
                {"format": FORMAT, "id": uuid.uuid4().hex, "encoder": encoder.to_dict()}
            ),
            b"embedding_functions": json.dumps([_registry_entry(encoder)]),
        },
    )


def _registry_entry(encoder: EncoderIdentity) -> dict[str, Any]:
    """How LanceDB's embedding registry finds the encoder again (see `cavewall.register`)."""
    return {
        "name": "cavewall",
        "model": {
            "encoder": encoder.name,
            "digest": encoder.digest,
            "dimension": encoder.dimension,
        },
        "source_column": "captions",
        "vector_column": "vector",
    }


def read_metadata(schema: pa.Schema, address: str) -> WallMetadata:
    """What the table says of itself.

    Raises:
        WallFormatError: it was not made by Cavewall, or by a newer one.
    """
    raw = (schema.metadata or {}).get(_KEY)
    if raw is None:
        raise WallFormatError(
            f"the table pictures in {address} was not made by Cavewall (its columns: "
            f"{', '.join(schema.names)}): choose another address for the wall"
        )
    try:
        said = json.loads(raw)
        version = int(said["format"])
        if version <= FORMAT:
            return WallMetadata(version, str(said["id"]), EncoderIdentity(**said["encoder"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise WallFormatError(
            f"the wall {address} has metadata that cannot be read: {fault}"
        ) from fault
    raise WallFormatError(
        f"the wall {address} is written in format {version}, and this Cavewall reads up to "
        f"format {FORMAT}: upgrade with pip install --upgrade cavewall"
    )
