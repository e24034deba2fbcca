"""The schema of the table and its metadata. Format 1.

Every vector column names its encoder in its own metadata, which stays with the column when it is
renamed; the table's metadata names the encoder of `vector` once more, for readers that look there.
`vector_standby` exists while a wall changes its model (see `pending_vectors`), `image_vector` where
it has an image space (see `image_vectors`). Neither needs a newer format: a version that does not
know the column leaves it null, and everything else keeps its meaning.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass

import pyarrow as pa

from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import WallFormatError

__all__ = [
    "FORMAT",
    "IMAGE_VECTOR",
    "PRIMARY_KEY",
    "STANDBY",
    "VECTOR",
    "WallMetadata",
    "encoder_metadata",
    "read_metadata",
    "registry_metadata",
    "table_metadata",
    "table_schema",
    "vector_field",
]

FORMAT = 1
VECTOR, STANDBY, IMAGE_VECTOR = "vector", "vector_standby", "image_vector"
_KEY = b"cavewall"
PRIMARY_KEY = {"lance-schema:unenforced-primary-key:position": "1"}


@dataclass(frozen=True)
class WallMetadata:
    """The metadata of a table: its format, and the encoders of its vectors.

    `id` is random, drawn when the wall is created: it tells a version of this wall from the same
    version of another that was at the address before. `standby` is the encoder of the pending
    vectors, `image` that of the image space.
    """

    format: int
    id: str
    encoder: EncoderIdentity
    standby: EncoderIdentity | None = None
    image: EncoderIdentity | None = None

    @property
    def encoders(self) -> list[EncoderIdentity]:
        """The encoders of the spaces that are searched."""
        return [self.encoder] if self.image is None else [self.encoder, self.image]

    def key(self, column: str = VECTOR) -> str:
        """Sixteen characters that identify this wall's vectors of a column."""
        made_by = {STANDBY: self.standby, IMAGE_VECTOR: self.image}.get(column, self.encoder)
        named = f"{self.id} {'' if made_by is None else made_by.digest}"
        return hashlib.sha256(named.encode()).hexdigest()[:16]


def vector_field(column: str, encoder: EncoderIdentity) -> pa.Field:
    """A vector column, with its encoder in the metadata."""
    kind = pa.list_(pa.float32(), encoder.dimension)
    return pa.field(column, kind, metadata=encoder_metadata(encoder))


def table_schema(encoder: EncoderIdentity, image: EncoderIdentity | None = None) -> pa.Schema:
    """The schema of a new wall, its metadata included; with an image space, if that is given."""
    import lance

    return pa.schema(
        [
            pa.field("image_id", pa.string(), nullable=False, metadata=PRIMARY_KEY),
            lance.blob_field("image"),
            pa.field("captions", pa.list_(pa.string())),
            vector_field(VECTOR, encoder),
            *([] if image is None else [vector_field(IMAGE_VECTOR, image)]),
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
        metadata={**table_metadata(uuid.uuid4().hex, encoder), **registry_metadata(encoder)},
    )


def table_metadata(wall_id: str, encoder: EncoderIdentity) -> dict[bytes, str]:
    """The metadata of a table, to be written."""
    return {_KEY: json.dumps({"format": FORMAT, "id": wall_id, "encoder": encoder.to_dict()})}


def encoder_metadata(encoder: EncoderIdentity) -> dict[bytes, str]:
    """The metadata of a vector column."""
    return {_KEY: json.dumps(encoder.to_dict())}


def registry_metadata(encoder: EncoderIdentity) -> dict[bytes, str]:
    """The entry by which LanceDB's embedding registry finds the encoder (`cavewall.register`)."""
    entry = {
        "name": "cavewall",
        "model": {
            "encoder": encoder.name,
            "digest": encoder.digest,
            "dimension": encoder.dimension,
        },
        "source_column": "captions",
        "vector_column": VECTOR,
    }
    return {b"embedding_functions": json.dumps([entry])}


def read_metadata(schema: pa.Schema, address: str) -> WallMetadata:
    """The metadata of a table.

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
            known = EncoderIdentity(**said["encoder"])
            encoder = _creator(schema, VECTOR) or known
            others = (_creator(schema, column) for column in (STANDBY, IMAGE_VECTOR))
            return WallMetadata(version, str(said["id"]), encoder, *others)
    except (ValueError, KeyError, TypeError) as fault:
        raise WallFormatError(
            f"the wall {address} has metadata that cannot be read: {fault}"
        ) from fault
    raise WallFormatError(
        f"the wall {address} is written in format {version}, and this Cavewall reads up to "
        f"format {FORMAT}: upgrade with pip install --upgrade cavewall"
    )


def _creator(schema: pa.Schema, column: str) -> EncoderIdentity | None:
    if column not in schema.names:
        return None
    said = (schema.field(column).metadata or {}).get(_KEY)
    return None if said is None else EncoderIdentity(**json.loads(said))
