"""The values of one field of all pictures, as arrays that conditions are evaluated on.

A picture has none, one or several. Values are stored once where they are known to be equal:
`places` refers to them by number, and the part of their kind has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from cavewall._internal.cache import cached_property
from cavewall.query.filters import ValueKind
from cavewall.storage.type_inference import READINGS, TypeInference, is_value

__all__ = ["Column", "ValuesOfKind", "decoded", "kind_of_type"]

_INT64 = np.iinfo(np.int64)
_FEW = 100


@dataclass(frozen=True)
class ValuesOfKind:
    """The values of one kind: `at` (m,) are their places among all of the column.

    `values` are texts as a ChunkedArray, numbers int64 or float64, booleans, or datetime64[s].
    `exact` tells of dates whether they name the month.
    """

    at: NDArray[np.int64]
    values: Any
    exact: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def groups(self) -> tuple[NDArray[np.int64], Any]:
        """The number of each value among the distinct ones, (m,), and these: an array of a kind."""
        if isinstance(self.values, pa.ChunkedArray):
            distinct = pc.unique(self.values)
            return pc.index_in(self.values, distinct).to_numpy().astype(np.int64), distinct
        found, groups = np.unique(self.values, return_inverse=True)
        return groups.astype(np.int64), found


class Column:
    """Value `places[i]` belongs to the picture in row `rows[i]` of the table's `size` rows."""

    def __init__(
        self,
        size: int,
        rows: NDArray[np.int64],
        places: NDArray[np.int64],
        parts: dict[ValueKind, ValuesOfKind],
        listed: bool = False,
    ) -> None:
        self.size, self.rows, self.places = size, rows, places
        self.parts, self.listed = parts, listed
        self._read: dict[ValueKind, ValuesOfKind] = {}

    @classmethod
    def from_arrow(cls, chunks: Iterable[pa.Array], kind: pa.DataType) -> Column:
        """The values of a column of the table, whose type `kind_of_type` knows."""
        size, rows, values = 0, [], []
        for chunk in chunks:
            at, flat = _flattened(chunk)
            usable = _usable(flat)
            rows.append(at[usable] + size)
            values.append(flat.filter(pa.array(usable)))
            size += len(chunk)
        listed, of = _is_list(kind), kind_of_type(kind)
        joined = pa.chunked_array(values, _element(kind))
        places = np.arange(len(joined))
        parts = {of: ValuesOfKind(places, _native(joined, of))} if of is not None else {}
        return cls(size, np.concatenate([*rows, places[:0]]), places, parts, listed)

    @classmethod
    def from_json(cls, texts: pa.ChunkedArray) -> Column:
        """The values of one metadata name, each row's as JSON, null where it has none."""
        encoded = pc.dictionary_encode(texts).combine_chunks()
        encoded = encoded if isinstance(encoded, pa.Array) else encoded.chunk(0)
        values: list[Any] = []
        counts = np.zeros(len(encoded.dictionary) + 1, np.int64)
        listed = False
        for at, said in enumerate(decoded(encoded.dictionary.to_pylist())):
            several = isinstance(said, list)
            before = len(values)
            values += filter(is_value, said if several else (said,))
            counts[at] = len(values) - before
            listed |= several and len(values) > before
        there = np.flatnonzero(encoded.indices.is_valid().to_numpy(zero_copy_only=False))
        codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
        # Row by row: as many places, one after the other, as its JSON has values.
        lengths = counts[codes]
        first = np.repeat((np.cumsum(counts) - counts)[codes], lengths)
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        parts = _sorted_by_kind(values)
        return cls(len(texts), np.repeat(there, lengths), first + within, parts, listed)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which pictures have a value: (size,)."""
        mask = np.zeros(self.size, np.bool_)
        mask[self.rows] = True
        return mask

    @cached_property
    def tally(self) -> TypeInference:
        """What kind of values there are, and an example."""
        tally = TypeInference()
        for kind, part in self.parts.items():
            # A few texts rule out most readings; the rest are tried on all texts, once.
            few = part.values[: _FEW if kind == "text" else 1]
            for value in few.to_pylist() if kind == "text" else few.tolist():
                tally.take(value)
            if kind == "text":
                tally.readings = [each for each in tally.readings if self._reads_as(each)]
        return tally

    def _reads_as(self, kind: ValueKind) -> bool:
        texts, own = len(self.parts["text"]), len(self.parts.get(kind, ()))
        return len(self.reading(kind)) == texts + own

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """A number for the first value of every picture, equal for equal values: (size,).

        -1 where it has none.
        """
        of_places = np.full(int(self.places.max(initial=-1)) + 1, -1, np.int64)
        known = 0
        for part in self.parts.values():
            groups, distinct = part.groups
            of_places[part.at] = known + groups
            known += len(distinct)
        labels = np.full(self.size, -1, np.int64)
        # Backwards, so that the first of several values is the one that stays.
        labels[self.rows[::-1]] = of_places[self.places[::-1]]
        return labels

    @property
    def kind(self) -> ValueKind:
        declared: ValueKind = next(iter(self.parts), "text")
        return self.tally.kind if len(self.places) else declared

    def reading(self, kind: ValueKind) -> ValuesOfKind:
        """The values that are of that kind, and the texts that read as it."""
        if kind not in self._read:
            self._read[kind] = self._reading(kind)
        return self._read[kind]

    def _reading(self, kind: ValueKind) -> ValuesOfKind:
        own, texts = self.parts.get(kind), self.parts.get("text")
        if kind == "text" or texts is None:
            return own or ValuesOfKind(np.zeros(0, np.int64), _typed([], kind))
        said = texts.values.to_pylist()
        read = [READINGS[kind](text) for text in said]
        found = np.array([value is not None for value in read], np.bool_)
        values = [value for value in read if value is not None]
        at = texts.at[found]
        if kind == "date":
            exact = np.array([len(text.strip()) > len("2019") for text in said], np.bool_)
            return ValuesOfKind(at, _typed(values, kind), exact[found])
        if own is not None:
            at, values = np.concatenate([own.at, at]), [*own.values.tolist(), *values]
        return ValuesOfKind(at, _typed(values, kind))

    def pictures(self, part: ValuesOfKind, hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which pictures have one of those values of a part: (len(part),) to (size,)."""
        chosen = np.zeros(int(self.places.max(initial=-1)) + 1, np.bool_)
        chosen[part.at[hits]] = True
        mask = np.zeros(self.size, np.bool_)
        mask[self.rows[chosen[self.places]]] = True
        return mask


def kind_of_type(kind: pa.DataType) -> ValueKind | None:
    """What kind of values a column of the table holds, None where no filter can speak of them."""
    kind = _element(kind)
    if types.is_string(kind) or types.is_large_string(kind):
        return "text"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    return "date" if types.is_timestamp(kind) or types.is_date(kind) else None


def _is_list(kind: pa.DataType) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind))


def _element(kind: pa.DataType) -> pa.DataType:
    kind = kind.value_type if _is_list(kind) else kind
    return kind.value_type if types.is_dictionary(kind) else kind


def _flattened(chunk: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Every value with the row that it belongs to, counted from the chunk's first."""
    rows = np.arange(len(chunk))
    if _is_list(chunk.type):
        rows = pc.list_parent_indices(chunk).to_numpy(zero_copy_only=False).astype(np.int64)
        chunk = pc.list_flatten(chunk)
    if types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    return rows, chunk


def _usable(values: pa.Array) -> NDArray[np.bool_]:
    usable = values.is_valid()
    if types.is_floating(values.type):
        usable = pc.and_(usable, pc.is_finite(values))
    elif kind_of_type(values.type) == "text":
        usable = pc.and_(usable, pc.greater(pc.binary_length(values), 0))
    return np.asarray(pc.fill_null(usable, False).to_numpy(zero_copy_only=False), np.bool_)


def _native(values: pa.ChunkedArray, kind: ValueKind) -> Any:
    if kind == "text":
        return values
    if kind == "number":
        whole = types.is_integer(values.type) and not types.is_uint64(values.type)
        return values.cast(pa.int64() if whole else pa.float64(), safe=False).to_numpy()
    return values.to_numpy().astype(np.bool_ if kind == "boolean" else "M8[s]")


def decoded(texts: Sequence[str]) -> list[Any]:
    """What each JSON text says; None where it cannot be read."""
    try:
        # One call for all takes a quarter of the time of one for each.
        return list(json.loads("[" + ",".join(texts) + "]"))
    except (ValueError, RecursionError):
        return [_alone(text) for text in texts]


def _alone(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _sorted_by_kind(values: Sequence[Any]) -> dict[ValueKind, ValuesOfKind]:
    sorted_out: dict[ValueKind, list[int]] = {}
    for at, value in enumerate(values):
        kind: ValueKind = "number"
        if isinstance(value, str | bool):
            kind = "text" if isinstance(value, str) else "boolean"
        sorted_out.setdefault(kind, []).append(at)
    return {
        kind: ValuesOfKind(np.array(at, np.int64), _typed([values[each] for each in at], kind))
        for kind, at in sorted_out.items()
    }


def _typed(values: Sequence[Any], kind: ValueKind) -> Any:
    if kind == "text":
        return pa.chunked_array([pa.array(values, pa.string())])
    if kind == "number":
        whole = all(isinstance(n, int) and _INT64.min <= n <= _INT64.max for n in values)
        return np.array(values, np.int64 if whole else np.float64)
    if kind == "boolean":
        return np.array(values, np.bool_)
    # NumPy reads texts twenty times as fast as it asks objects for their parts.
    return np.array([value.isoformat() for value in values], "M8[s]")
