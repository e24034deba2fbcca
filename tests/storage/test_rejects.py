"""What was not taken, kept beside the wall's table."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.models import Reject
from cavewall.storage.locks import write_lock
from cavewall.storage.object_store_errors import is_remote
from cavewall.storage.rejects import Rejects
from cavewall.storage.side_tables import open_side_table


def reject(name: str, source: str | None = None, reason: str = "missing: x") -> Reject:
    return Reject(name, reason, f"/there/{name}", source)


@pytest.fixture
def rejects(address: str) -> Rejects:
    if not is_remote(address):
        Path(address).mkdir()
    return Rejects(address)


def version(address: str) -> int | None:
    table = open_side_table(f"{address}/rejects.lance")
    return None if table is None else int(table.version)


def test_each_source_has_its_own_and_keeps_their_order(rejects: Rejects) -> None:
    assert rejects.all() == []
    rejects.replace("one", [reject("b"), reject("a")])
    rejects.replace("two", [reject("c")])
    assert rejects.all() == [reject("b", "one"), reject("a", "one"), reject("c", "two")]
    assert rejects.of_source("one") == [reject("b", "one"), reject("a", "one")]
    rejects.replace("one", [reject("a")])
    assert sorted(found.image_id for found in rejects.all()) == ["a", "c"]
    rejects.replace("one", [])
    assert rejects.all() == [reject("c", "two")]
    rejects.replace("three", [reject("d")], only=True)
    assert rejects.all() == [reject("d", "three")]


def test_nothing_is_written_and_nobody_waited_for_where_nothing_changes(
    rejects: Rejects, address: str
) -> None:
    rejects.replace("one", [])
    assert version(address) is None
    rejects.replace("one", [reject("a")])
    before = version(address) or 0
    with write_lock(address):
        rejects.replace("one", [reject("a")])
        rejects.replace("two", [])
    assert version(address) == before
    rejects.replace("one", [reject("a", reason="unreadable: y")])
    assert version(address) == before + 1


def test_names_that_are_no_unicode_are_kept_as_text(rejects: Rejects) -> None:
    odd = "caf\udce9.jpg"
    rejects.replace(odd, [Reject(odd, f"missing: {odd}", odd)])
    (found,) = rejects.of_source(odd)
    assert (found.image_id, found.reason, found.place) == (
        "caf?.jpg",
        "missing: caf?.jpg",
        "caf?.jpg",
    )
