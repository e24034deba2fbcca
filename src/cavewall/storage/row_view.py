"""One row of a table to look at: the name, type and value of each column."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyarrow import types

__all__ = ["ColumnValue", "row_values"]

_FIRST = 8


@dataclass(frozen=True)
class ColumnValue:
    """What one column holds for one picture.

    `value` can be written as JSON; for bytes it is None and `length` their number; for vectors it
    is None, `length` their dimension and `first` the first few numbers.
    """

    name: str
    type: str
    value: Any = None
    length: int | None = None
    first: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "value": self.value,
            "length": self.length,
            "first": list(self.first),
        }


def _is_blob(field: pa.Field) -> bool:
    """Whether Lance stores the bytes of a column in blob files."""
    kind, said = field.type, field.metadata or {}
    named = isinstance(kind, pa.BaseExtensionType) and kind.extension_name == "lance.blob.v2"
    return named or b"lance-encoding:blob" in said


def row_values(dataset: Any, position: int) -> tuple[ColumnValue, ...]:
    """The cells of one row of a dataset, in the order of its columns; of blobs no byte is read."""
    schema = dataset.schema
    plain = [field.name for field in schema if not _is_blob(field)]
    row = dataset.take([position], columns=plain)
    return tuple(
        _blob(dataset, field.name, position)
        if _is_blob(field)
        else _cell(field, row.column(field.name)[0].as_py())
        for field in schema
    )


def _blob(dataset: Any, name: str, position: int) -> ColumnValue:
    (blob,) = dataset.take_blobs(name, indices=[position])
    return ColumnValue(name, "blob", length=None if blob is None else blob.size())


def _cell(field: pa.Field, value: Any) -> ColumnValue:
    name, kind = field.name, field.type
    said = "json" if _is_json(kind) else str(kind)
    if isinstance(value, bytes):
        return ColumnValue(name, said, length=len(value))
    if types.is_fixed_size_list(kind) and types.is_floating(kind.value_type):
        numbers = value or ()
        return ColumnValue(
            name, said, None, len(numbers) or None, tuple(map(float, numbers[:_FIRST]))
        )
    if said == "json" and isinstance(value, str):
        return ColumnValue(name, said, json.loads(value))
    return ColumnValue(name, said, _plain(value))


def _is_json(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name.endswith("json")


def _plain(value: Any) -> Any:
    """As JSON has it: times in ISO 8601, what it has no word for as text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
