"""Rows under other names: what is written, and what stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cavewall.storage import RowRename, Store
from cavewall.storage.sql import sql_eq, sql_in
from tests.storage.test_table_admin import IDENTITY, row


@pytest.fixture
def store(address: str) -> Store:
    """Three pictures in two fragments."""
    store = Store.create(address, IDENTITY)
    store.upsert([row("a"), row("b")])
    store.upsert([row("c")])
    return store


def rows(store: Store) -> dict[str, dict[str, Any]]:
    table = store.handle().to_table(
        columns=["image_id", "path", "file_size", "file_modified_ns", "sha256", "vector"],
        with_row_id=True,
    )
    return {found["image_id"]: found for found in table.to_pylist()}


def test_one_commit_gives_new_ids_and_files_and_leaves_the_rest(store: Store) -> None:
    before, version = rows(store), store.version
    store.move([RowRename("a", "x", Path("/new/x"), 5, 6), RowRename("c", "y", None, None, None)])
    assert store.version == version + 1
    after = rows(store)
    assert after == {
        "x": {
            **before["a"],
            "image_id": "x",
            "path": "/new/x",
            "file_size": 5,
            "file_modified_ns": 6,
        },
        "y": {
            **before["c"],
            "image_id": "y",
            "path": None,
            "file_size": None,
            "file_modified_ns": None,
        },
        "b": before["b"],
    }
    position = store.snapshot().position("x")
    assert store.picture(store.version, position).image == b"a".ljust(100, b".")


def test_two_may_change_names(store: Store) -> None:
    before = rows(store)
    store.move([RowRename("a", "b", None, 1, 1), RowRename("b", "a", None, 2, 2)])
    after = rows(store)
    assert [after[name]["sha256"] for name in "ab"] == ["b", "a"]
    assert after["a"]["_rowid"] == before["b"]["_rowid"]


def test_an_id_that_is_not_there_is_passed_over(store: Store) -> None:
    version = store.version
    store.move([RowRename("nobody", "x", None, None, None)])
    assert (store.version, set(rows(store))) == (version, set("abc"))


def test_conditions_hold_any_text() -> None:
    assert sql_in(["a'b", "c"]) == "image_id IN ('a''b', 'c')"
    assert sql_eq("source", "x' OR '1'='1") == "source = 'x'' OR ''1''=''1'"
