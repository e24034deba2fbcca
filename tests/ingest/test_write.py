"""Windows onto a wall: what is looked up before each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cavewall
from cavewall.models import Picture
from cavewall.storage import ExistingRows, Store
from cavewall.testing import FakeEncoder


def pictures(name: str, count: int) -> list[Picture]:
    return [Picture(f"{name}{at}", (f"{name} {at}",)) for at in range(count)]


def test_a_wall_of_ones_own_is_not_looked_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    known = Store.existing_rows

    def looked_up(store: Store, ids: list[str] | None = None) -> ExistingRows:
        asked.append(ids)
        return known(store, ids)

    monkeypatch.setattr(Store, "existing_rows", looked_up)
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert wall.add(pictures("a", 2_500), missing="keep").added == 2_500
    # Three windows onto a wall that nobody else writes to, which was empty.
    assert asked == []


def test_who_begins_a_wall_at_the_same_time_is_looked_up(tmp_path: Path) -> None:
    first, other = (cavewall.open(tmp_path / "wall", FakeEncoder()) for _ in range(2))

    def meanwhile() -> Iterator[Picture]:
        one, *rest = pictures("a", 5)
        yield one
        other.add(pictures("a", 3), missing="keep")
        yield from rest

    report = first.add(meanwhile(), missing="keep")
    assert (report.added, report.unchanged) == (2, 3)
    assert sorted(hit.image_id for hit in first.search("a", 10)) == [f"a{at}" for at in range(5)]
