"""What a wall holds, in columns, is what the rows say."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from cavewall.storage.existing_rows import COLUMNS, ExistingRow, ExistingRows, captions_digest

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)


def batch(*rows: tuple[object, ...]) -> pa.RecordBatch:
    types = [pa.string(), pa.list_(pa.string()), pa.string(), pa.string(), pa.int64(), pa.int64()]
    types += [pa.timestamp("us", "UTC"), pa.binary(), pa.string()]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.record_batch(arrays, names=COLUMNS)


def test_every_column_comes_back() -> None:
    known = ExistingRows()
    known.take(
        batch(
            ("a", ["x", "y"], "s", "1", 7, 8, NOW, b"", "/a"),
            ("b", ["z"], "t", None, None, None, NOW, None, None),
        )
    )
    known.take(batch(("c", [], "s", "3", 0, 0, NOW, b"x", "/c")))
    us = int(NOW.timestamp() * 1_000_000)
    assert known.get("a") == ExistingRow(
        captions_digest(("x", "y")), "s", "1", "/a", 7, 8, True, us
    )
    assert known.get("b") == ExistingRow(
        captions_digest(("z",)), "t", None, None, None, None, False, us
    )
    found = known.get("c")
    assert found is not None
    assert (found.captions, found.file_size, found.added_at) == (captions_digest(()), 0, NOW)
    assert known.get("d") is None
    assert (list(known), len(known)) == (["a", "b", "c"], 3)
    assert ("a" in known, "d" in known) == (True, False)
    assert (known.of_source("s"), known.of_source("nobody")) == (["a", "c"], [])


def test_a_picture_that_comes_again_replaces_what_was_known() -> None:
    known = ExistingRows()
    for name in "st":
        known.take(batch(("a", [name], name, name, 1, 1, NOW, b"", name)))
    found = known.get("a")
    assert found is not None
    assert (found.source, found.captions, len(known)) == ("t", captions_digest(("t",)), 1)
    assert known.of_source("s") == []


LISTS = [(), ("",), ("", ""), ("a",), ("a", "b"), ("b", "a"), ("ab",), ("a\0b",), ("a\0", "b")]
LISTS += [("a", "\0b"), ("a\0\0b",), ("a", "", "b"), ("1:a",), ("1:a", "1:b"), ("ü",), ("a", "b\0")]


def test_no_two_lists_of_captions_have_one_digest() -> None:
    assert len({captions_digest(texts) for texts in LISTS}) == len(LISTS)


@pytest.mark.parametrize("lists", [LISTS, [("a", "b"), ("c",)], [("a",), ()]])
def test_digests_made_by_the_batch_are_those_made_one_by_one(lists: list[tuple[str, ...]]) -> None:
    known = ExistingRows()
    rows = [(str(at), list(texts), "s", "", 0, 0, NOW, b"", "") for at, texts in enumerate(lists)]
    known.take(batch(*rows))
    for at, texts in enumerate(lists):
        found = known.get(str(at))
        assert found is not None
        assert found.captions == captions_digest(texts)
