"""Renamed pictures: only the columns that change are rewritten, not the bytes of the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cavewall._internal.object_store import AnyPath
from cavewall.storage.rows import utf8
from cavewall.storage.sql import sql_in

__all__ = ["RowRename", "move", "rewrite_columns"]

_SCHEMA = pa.schema(
    [
        pa.field("_rowid", pa.uint64()),
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("path", pa.string()),
        pa.field("file_size", pa.int64()),
        pa.field("file_modified_ns", pa.int64()),
    ]
)


@dataclass(frozen=True)
class RowRename:
    """A picture that has another id or file in its source than it has on the wall."""

    before: str
    image_id: str
    path: AnyPath | None
    file_size: int | None
    file_modified_ns: int | None


def move(dataset: Any, moves: Sequence[RowRename]) -> Any:
    """Give the rows their new ids and files; returns the dataset at the new version.

    The other columns and the row ids stay. Ids that are not on the wall are ignored.
    """
    by_id = {found.before: found for found in moves}
    rows = dataset.to_table(
        columns=["image_id"],
        filter=sql_in(list(by_id)),
        with_row_id=True,
        with_row_address=True,
    )
    found = [by_id[image_id] for image_id in rows.column("image_id").to_pylist()]
    changes = pa.table(
        [
            rows.column("_rowid").to_pylist(),
            [each.image_id for each in found],
            [None if each.path is None else utf8(str(each.path)) for each in found],
            [each.file_size for each in found],
            [each.file_modified_ns for each in found],
        ],
        schema=_SCHEMA,
    )
    return rewrite_columns(dataset, changes, rows.column("_rowaddr").to_pylist())


def rewrite_columns(dataset: Any, changes: pa.Table, addresses: Sequence[int]) -> Any:
    """Rewrite some columns of some rows in one commit; returns the dataset at the new version.

    `changes` has `_rowid` and those columns; `addresses` are the row addresses, whose upper 32 bits
    are the fragment's id: only these fragments are read.
    """
    import lance

    touched = {address >> 32 for address in addresses}
    fragments, fields, offsets = [], set[int](), {}
    for fragment in dataset.get_fragments():
        if fragment.fragment_id in touched:
            changed, modified, at = fragment.update_columns(changes, with_offsets=True)
            fragments.append(changed)
            fields.update(modified)
            offsets[fragment.fragment_id] = at
    if not fragments:
        return dataset
    operation = lance.LanceOperation.Update(
        updated_fragments=fragments,
        fields_modified=sorted(fields),
        update_mode="rewrite_columns",
        updated_fragment_offsets=offsets,
    )
    return lance.LanceDataset.commit(dataset, operation, read_version=dataset.version)
