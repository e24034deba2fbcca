"""Someone else's LanceDB table, searched where it is: nothing of it is copied or changed.

The wall's folder holds `adopted.json`, which says where the table is, which of its columns are
what, and which encoder made its vectors; derived artefacts stand beside it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from cavewall._internal.images import UnreadableImageError, decode
from cavewall._internal.object_store import any_path
from cavewall.encoders.protocol import EncoderIdentity
from cavewall.errors import InputError, WallFormatError, WallNotFoundError
from cavewall.models import Picture
from cavewall.storage.existing_rows import ExistingRows
from cavewall.storage.expired_versions import raise_if_expired, scan_batches
from cavewall.storage.object_store_errors import is_remote, storage_options, storage_told
from cavewall.storage.row_details import Details
from cavewall.storage.schema import FORMAT, VECTOR, WallMetadata, read_metadata
from cavewall.storage.snapshot import Snapshot
from cavewall.storage.table import Store

__all__ = ["ExternalStore", "ExternalTableConfig", "TableColumns", "find_table", "is_external"]

_FILE = "adopted.json"
_ROWS = 8192
# Tables of others have no thumbnails: as many as a person looks at are made for an answer.
_MOST_THUMBNAILS = 100
_USUAL = {
    "image_id": ("image_id", "id", "file_name", "filename", "name"),
    "captions": ("captions", "caption", "text"),
    "image": ("image", "image_bytes", "bytes"),
    "path": ("path", "image_path", "image_uri", "uri", "url"),
    "thumbnail": ("thumbnail",),
}


@dataclass(frozen=True)
class TableColumns:
    """Which columns of a table are what; None where it has none."""

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
            InputError: a chosen column is not there or cannot be what it is chosen for, or which
                holds the vectors cannot be told.
        """
        for part, name in chosen.items():
            _check_chosen(schema, part, name)
        vector = chosen.pop(VECTOR, None) or _the_vector(schema)
        _check_vector(schema, vector)
        found = {
            part: next((name for name in usual if _fits(schema, name, part)), None)
            for part, usual in _USUAL.items()
        }
        return cls(vector, **{**found, **{k: v for k, v in chosen.items() if v is not None}})


@dataclass(frozen=True)
class ExternalTableConfig:
    """What `adopted.json` says."""

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
        """Say it there. Raises InputError where a wall stands already."""
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "pictures.lance").exists():
            raise InputError(f"a wall stands at {folder} already: choose another --wall")
        aside = folder / f".{uuid.uuid4().hex}"
        aside.write_text(json.dumps(asdict(self), indent=1), "utf-8")
        aside.replace(folder / _FILE)

    @classmethod
    def from_folder(cls, folder: Path) -> ExternalTableConfig:
        """What stands there. Raises WallFormatError where it cannot be read."""
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
    schema = _open(address).schema
    _check_foreign(given, schema)
    return address, schema


def _only_table(given: str, folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError(f"there is no folder {given}: a table is a folder NAME.lance")
    tables = sorted(folder.glob("*.lance"))
    if len(tables) == 1:
        return tables[0]
    for table in tables:
        _check_foreign(given, _open(str(table)).schema)
    names = ", ".join(path.name for path in tables)
    found = f"holds several tables ({names}): name one" if names else "holds no table"
    raise InputError(f"{given} {found}; a table is a folder NAME.lance")


def _check_foreign(given: str, schema: pa.Schema) -> None:
    with suppress(WallFormatError):
        read_metadata(schema, given)
        raise InputError(f"{given} is a wall of Cavewall's own: search it with --wall {given}")


class ExternalStore(Store):
    """The reading half of a `Store`, over a table of any shape that holds vectors."""

    def __init__(self, address: str, adoption: ExternalTableConfig) -> None:
        self.address = address
        self.adoption = adoption
        self.metadata = WallMetadata(adoption.format, adoption.id, adoption.encoder)
        self._dataset = _open(adoption.table)
        self.columns = adoption.columns
        _check_vector(self._dataset.schema, self.columns.vector)

    @classmethod
    def open(cls, address: str) -> ExternalStore:
        return cls(address, ExternalTableConfig.from_folder(Path(address)))

    def handle(self) -> Any:
        """There is none: this is what every change and check-up of a wall begins with."""
        raise InputError(
            f"the wall {self.address} is an adopted table, which Cavewall searches and never "
            f"changes: for all else use LanceDB on {self.adoption.table}, or add its pictures to a "
            "new wall"
        )

    def known(self, image_ids: Sequence[str] | None = None) -> ExistingRows:
        """Asked for by whoever is about to add."""
        return cast("ExistingRows", self.handle())

    def refresh(self) -> int:
        if self._dataset.latest_version != self._dataset.version:
            self._dataset = _open(self.adoption.table)
        return self.version

    def _check_vectors(self, newer: Store) -> None:
        """Whose they are is said by whoever adopted the table."""
        _check_vector(self._dataset.schema, self.columns.vector)

    def count(self, where: str | None = None) -> int:
        if where is None or set(where.split()[:1]) <= set(self._dataset.schema.names):
            return int(self._dataset.count_rows(where))
        return 0

    def snapshot(self, version: int | None = None, column: str = VECTOR) -> Snapshot:
        dataset = self._dataset if version is None else self._at(version)
        name, named = self.columns.vector, self.columns.image_id
        kind = dataset.schema.field(name).type
        vectors = np.zeros((dataset.count_rows(), kind.list_size), np.float32)
        ids: list[pa.Array] = []
        at = 0
        wanted = [name, *([named] if named else [])]
        scanner = dataset.scanner(columns=wanted, batch_size=_ROWS)
        for batch in scan_batches(int(dataset.version), scanner.to_batches):
            there = batch.column(name).is_valid().to_numpy(zero_copy_only=False)
            flat = batch.column(name).drop_null().flatten().to_numpy(zero_copy_only=False)
            vectors[at : at + batch.num_rows][there] = flat.reshape(-1, kind.list_size)
            ids.append(_ids(batch.column(named) if named else None, at, batch.num_rows))
            at += batch.num_rows
        joined = pa.chunked_array(ids, pa.string()).combine_chunks()
        found = Snapshot.from_table(int(dataset.version), joined, vectors)
        lengths = np.linalg.norm(found.vectors, axis=1, keepdims=True)
        return Snapshot(found.version, found.ids, found.vectors / lengths, found.rows)

    def details(self, version: int) -> Details:
        captions = [_captions(said) for said in self._column(version, self.columns.captions)]
        paths = self._column(version, self.columns.path)
        unknown = pa.nulls(len(paths), pa.int32())
        return Details.from_table(
            pa.table(
                {
                    "captions": captions,
                    "path": paths,
                    "width": unknown,
                    "height": unknown,
                    "source": [self.adoption.table] * len(paths),
                }
            )
        )

    def _column(self, version: int, name: str | None) -> list[Any]:
        dataset = self._at(version)
        if name is None:
            return [None] * int(dataset.count_rows())
        scanner = dataset.scanner(columns=[name], batch_size=_ROWS)
        return [
            value
            for batch in scan_batches(version, scanner.to_batches)
            for value in batch.column(0).to_pylist()
        ]

    def take(
        self, version: int, positions: Sequence[int], columns: list[str]
    ) -> list[dict[str, Any]]:
        dataset = self._at(version)
        names = {part: getattr(self.columns, part, None) for part in columns}
        wanted = sorted({name for name in names.values() if name is not None})
        places = [int(at) for at in positions]
        with raise_if_expired(version):
            table = (
                dataset.take(places, columns=wanted).to_pylist() if wanted else [{}] * len(places)
            )
        rows = [
            {part: None if name is None else row[name] for part, name in names.items()}
            for row in table
        ]
        for place, row in zip(places, rows, strict=True):
            if "image_id" in row:
                row["image_id"] = str(place) if row["image_id"] is None else str(row["image_id"])
            if "captions" in row:
                row["captions"] = _captions(row["captions"])
        if "thumbnail" in columns and self.columns.thumbnail is None:
            self._draw_thumbnails(dataset, places[:_MOST_THUMBNAILS], rows)
        return rows

    def picture(self, version: int, position: int, with_image: bool = True) -> Picture:
        (row,) = self.take(version, [position], ["image_id", "captions", "path", "thumbnail"])
        image = self._images(self._at(version), [position])[0] if with_image else None
        return Picture(
            row["image_id"],
            tuple(row["captions"]),
            None if row["path"] is None else any_path(str(row["path"])),
            image,
            source=self.adoption.table,
            thumbnail=row["thumbnail"],
        )

    def _aliases(self) -> dict[str, str]:
        parts = {part: getattr(self.columns, part) for part in ("image_id", "captions", "path")}
        parts["caption"] = self.columns.captions
        return {part: name for part, name in parts.items() if name is not None}

    def _draw_thumbnails(self, dataset: Any, places: list[int], rows: list[dict[str, Any]]) -> None:
        for row, image in zip(rows, self._images(dataset, places), strict=False):
            with suppress(UnreadableImageError):
                row["thumbnail"] = None if image is None else decode(image).thumbnail

    def _images(self, dataset: Any, places: list[int]) -> list[bytes | None]:
        name = self.columns.image
        if name is None:
            return [None] * len(places)
        if isinstance(dataset.schema.field(name).type, pa.BaseExtensionType):
            blobs = dataset.take_blobs(name, indices=places)
            return [None if blob is None else blob.readall() for blob in blobs]
        images: list[bytes | None] = dataset.take(places, columns=[name]).column(0).to_pylist()
        return images


def _open(table: str) -> Any:
    import lance

    try:
        return lance.dataset(table, storage_options=storage_options(table))
    except (ValueError, OSError) as fault:
        told = storage_told(table, fault)
        if told is not None:
            raise told from fault
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


def _check_vector(schema: pa.Schema, name: str) -> None:
    if name not in schema.names or not _is_vector(schema.field(name).type):
        held = schema.field(name).type if name in schema.names else "not there"
        raise InputError(f"the column {name!r} holds no vectors of one length: it is {held}")


def _is_vector(kind: pa.DataType) -> bool:
    return bool(types.is_fixed_size_list(kind) and types.is_floating(kind.value_type))


def _fits(schema: pa.Schema, name: str, part: str) -> bool:
    """Whether there is a column of that name whose kind can be what it is called."""
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


def _ids(column: pa.Array | None, at: int, count: int) -> pa.Array:
    """Ids as text; a row without one goes by its place in the table."""
    places = pc.cast(pa.array(np.arange(at, at + count)), pa.string())
    return places if column is None else pc.coalesce(pc.cast(column, pa.string()), places)


def _captions(said: Any) -> list[str]:
    if said is None:
        return []
    texts = [said] if isinstance(said, str) else said
    return [str(text) for text in texts if text is not None and str(text).strip()]
