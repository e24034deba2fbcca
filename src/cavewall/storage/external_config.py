"""What a wall over someone else's LanceDB table says of it: the file `adopted.json`.

It says where the table is, what each of its columns holds, and which encoder made its vectors. The
wall's folder holds nothing else but derived artefacts.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import types

from cavewall._internal.files import atomic_file
from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import InputError, WallFormatError, WallNotFoundError
from cavewall.storage.object_store_errors import is_remote, storage_error, storage_options
from cavewall.storage.schema import FORMAT, VECTOR, read_metadata

__all__ = [
    "ExternalTableConfig",
    "TableColumns",
    "check_vector",
    "find_table",
    "is_external",
    "open_dataset",
]

_FILE = "adopted.json"
_USUAL = {
    "image_id": ("image_id", "id", "file_name", "filename", "name"),
    "captions": ("captions", "caption", "text"),
    "image": ("image", "image_bytes", "bytes"),
    "path": ("path", "image_path", "image_uri", "uri", "url"),
    "thumbnail": ("thumbnail",),
}


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table by what they hold; None where there is no such column."""

    vector: str
    image_id: str | None = None
    captions: str | None = None
    image: str | None = None
    path: str | None = None
    thumbnail: str | None = None

    @classmethod
    def of(cls, schema: pa.Schema, **chosen: str | None) -> TableColumns:
        """The columns chosen by name, and of the rest those of the usual names and kinds.

        Raises:
            InputError: a chosen column is missing or of the wrong type, or several could hold the
                vectors.
        """
        for part, name in chosen.items():
            _check_chosen(schema, part, name)
        vector = chosen.pop(VECTOR, None) or _the_vector(schema)
        check_vector(schema, vector)
        found = {
            part: next((name for name in usual if _fits(schema, name, part)), None)
            for part, usual in _USUAL.items()
        }
        return cls(vector, **{**found, **{k: v for k, v in chosen.items() if v is not None}})


@dataclass(frozen=True)
class ExternalTableConfig:
    """The content of `adopted.json`."""

    table: str
    id: str
    encoder: EncoderIdentity
    columns: TableColumns
    format: int = FORMAT

    @classmethod
    def new(
        cls, table: str, encoder: EncoderIdentity, columns: TableColumns
    ) -> ExternalTableConfig:
        return cls(table, uuid.uuid4().hex, encoder, columns)

    def to_folder(self, folder: Path) -> None:
        """Write `adopted.json`. Raises InputError if the folder is a wall already."""
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "pictures.lance").exists():
            raise InputError(f"a wall stands at {folder} already: choose another --wall")
        with atomic_file(folder / _FILE) as aside:
            aside.write_text(json.dumps(asdict(self), indent=1), "utf-8")

    @classmethod
    def from_folder(cls, folder: Path) -> ExternalTableConfig:
        """Read `adopted.json`. Raises WallFormatError if it cannot be read."""
        try:
            said = json.loads((folder / _FILE).read_text("utf-8"))
            if said["format"] > FORMAT:
                raise WallFormatError(
                    f"{folder / _FILE} is of format {said['format']}, and this Cavewall reads up "
                    f"to format {FORMAT}: upgrade with pip install --upgrade cavewall"
                )
            made_by, columns = EncoderIdentity(**said["encoder"]), TableColumns(**said["columns"])
            return cls(str(said["table"]), str(said["id"]), made_by, columns)
        except (ValueError, KeyError, TypeError) as fault:
            raise WallFormatError(f"{folder / _FILE} cannot be read: {fault}") from fault


def is_external(address: str) -> bool:
    """Whether the wall at that address is an adopted table."""
    return not is_remote(address) and (Path(address) / _FILE).is_file()


def find_table(given: str) -> tuple[str, pa.Schema]:
    """The address and schema of the table meant: `x.lance`, or a folder that holds a single one.

    Raises:
        InputError: there is none, or there are several, or it is a wall.
    """
    address = given.rstrip("/")
    if not is_remote(address):
        address = str(Path(address).expanduser().absolute())
        if not address.endswith(".lance"):
            address = str(_only_table(given, Path(address)))
    schema = open_dataset(address).schema
    _check_foreign(given, schema)
    return address, schema


def _only_table(given: str, folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError(f"there is no folder {given}: a table is a folder NAME.lance")
    tables = sorted(folder.glob("*.lance"))
    if len(tables) == 1:
        return tables[0]
    for table in tables:
        _check_foreign(given, open_dataset(str(table)).schema)
    names = ", ".join(path.name for path in tables)
    found = f"holds several tables ({names}): name one" if names else "holds no table"
    raise InputError(f"{given} {found}; a table is a folder NAME.lance")


def _check_foreign(given: str, schema: pa.Schema) -> None:
    with suppress(WallFormatError):
        read_metadata(schema, given)
        raise InputError(f"{given} is a wall of Cavewall's own: search it with --wall {given}")


def open_dataset(table: str) -> Any:
    import lance

    try:
        return lance.dataset(table, storage_options=storage_options(table))
    except (ValueError, OSError) as fault:
        in_storage = storage_error(table, fault)
        if in_storage is not None:
            raise in_storage from fault
        raise WallNotFoundError(f"the table {table} cannot be opened: {fault}") from fault


def _the_vector(schema: pa.Schema) -> str:
    vectors = [field.name for field in schema if _is_vector(field.type)]
    if VECTOR in vectors:
        return VECTOR
    if len(vectors) != 1:
        found = (
            f"several ({', '.join(vectors)}): say which with --vector-column"
            if vectors
            else (f"none among {', '.join(schema.names)}")
        )
        raise InputError(f"an adopted table needs a column of vectors, and this one has {found}")
    return str(vectors[0])


def _check_chosen(schema: pa.Schema, part: str, name: str | None) -> None:
    if name is None:
        return
    if name not in schema.names:
        raise InputError(f"the table has no column {name!r}: it has {', '.join(schema.names)}")
    if part != VECTOR and not _fits(schema, name, part):
        raise InputError(
            f"the column {name!r} cannot be the {part}: it holds {schema.field(name).type}"
        )


def check_vector(schema: pa.Schema, name: str) -> None:
    if name not in schema.names or not _is_vector(schema.field(name).type):
        held = schema.field(name).type if name in schema.names else "not there"
        raise InputError(f"the column {name!r} holds no vectors of one length: it is {held}")


def _is_vector(kind: pa.DataType) -> bool:
    return bool(types.is_fixed_size_list(kind) and types.is_floating(kind.value_type))


def _fits(schema: pa.Schema, name: str, part: str) -> bool:
    """Whether there is a column of that name, of a type that can hold that part."""
    if name not in schema.names:
        return False
    kind = schema.field(name).type
    if part == "image":
        return (
            isinstance(kind, pa.BaseExtensionType)
            or types.is_binary(kind)
            or (types.is_large_binary(kind))
        )
    if part == "thumbnail":
        return bool(types.is_binary(kind) or types.is_large_binary(kind))
    if part == "image_id":
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_integer(kind))
    if part == "captions" and (types.is_list(kind) or types.is_large_list(kind)):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind))
