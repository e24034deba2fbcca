"""Versions, tags, deletion, compaction and clean-up of a real table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall.encoders import EncoderIdentity
from cavewall.errors import VersionExpiredError
from cavewall.models import Picture
from cavewall.storage import NewPicture, Store
from cavewall.storage.table_admin import OVERWRITTEN, TableAdmin

IDENTITY = EncoderIdentity("plane", 2, "p" * 64)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def at(degrees: float) -> NDArray[np.float32]:
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def row(image_id: str, size: int = 100, caption: str = "a caption") -> NewPicture:
    picture = Picture(
        image_id,
        (caption,),
        image=image_id.encode().ljust(size, b"."),
        source="somewhere",
        sha256=image_id,
        thumbnail=b"small",
        added_at=NOW,
    )
    return NewPicture(picture, at(10), size, 8)


def ids(store: Store) -> list[str]:
    names: list[str] = store.snapshot(store.refresh()).ids.to_pylist()
    return sorted(names)


IN_A_FOLDER = pytest.mark.parametrize("address", ["folder"], indirect=True)


@pytest.fixture
def store(address: str) -> Store:
    """Version 1 is empty, 2 has a and b, 3 also c."""
    store = Store.create(address, IDENTITY)
    store.upsert([row("a"), row("b")])
    store.upsert([row("c")])
    return store


@pytest.fixture
def upkeep(store: Store) -> TableAdmin:
    return TableAdmin(store)


def numbers(upkeep: TableAdmin) -> list[int]:
    return [version.number for version in upkeep.versions()]


def test_versions_tell_their_pictures_time_and_names(upkeep: TableAdmin) -> None:
    upkeep.tag("two", 2)
    upkeep.tag("also-two", 2)
    found = upkeep.versions()
    assert [(v.number, v.pictures, v.tags) for v in found] == [
        (1, 0, ()),
        (2, 2, ("also-two", "two")),
        (3, 3, ()),
    ]
    assert abs(found[2].made_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found[1].to_dict() == {
        "version": 2,
        "made_at": found[1].made_at.isoformat(),
        "pictures": 2,
        "tags": ["also-two", "two"],
    }


def test_a_tag_moves_and_goes(upkeep: TableAdmin) -> None:
    upkeep.tag("x", 2)
    upkeep.tag("x", 3)
    assert upkeep.tags() == {"x": 3}
    upkeep.untag("x")
    assert upkeep.tags() == {}


def test_restore_makes_a_new_version_and_keeps_what_it_replaced(
    store: Store, upkeep: TableAdmin
) -> None:
    assert upkeep.restore(2) == 4
    assert ids(store) == ["a", "b"]
    assert store.metadata.encoder == IDENTITY
    assert upkeep.tags() == {OVERWRITTEN: 3}
    assert upkeep.restore(3) == 5
    assert ids(store) == ["a", "b", "c"]
    assert upkeep.tags() == {OVERWRITTEN: 4}


def test_a_restored_wall_is_written_to_as_before(store: Store, upkeep: TableAdmin) -> None:
    upkeep.restore(2)
    store.upsert([row("b", caption="new"), row("d")])
    assert ids(store) == ["a", "b", "d"]


def test_overwriting_keeps_what_was_there_and_lets_go_of_what_was_there_before(
    store: Store, upkeep: TableAdmin
) -> None:
    store.overwrite(iter([[row("x")]]))
    assert upkeep.tags() == {OVERWRITTEN: 3}
    store.overwrite(iter([[row("y")]]))
    assert upkeep.tags() == {OVERWRITTEN: 4}
    upkeep.clean()
    assert numbers(upkeep) == [4, 5]
    upkeep.restore(4)
    assert ids(store) == ["x"]


def test_overwriting_an_empty_wall_keeps_nothing(address: str) -> None:
    store = Store.create(address, IDENTITY)
    store.overwrite(iter([[row("x")]]))
    assert TableAdmin(store).tags() == {}


ODD = ["o'brien's", 'say "hi"', "line\nfeed", "back\\slash", "emoji 🦊", "%", "a' OR '1'='1"]


def test_delete_takes_exactly_those_whatever_their_names(store: Store, upkeep: TableAdmin) -> None:
    store.upsert([row(name) for name in ODD])
    before = store.version
    assert {found["image_id"] for found in upkeep.found(ODD, ["image_id"])} == set(ODD)
    assert upkeep.delete(ODD) == len(ODD)
    assert store.version == before + 1
    assert ids(store) == ["a", "b", "c"]


def test_scan_and_take_give_the_columns_of_a_version(upkeep: TableAdmin) -> None:
    found = [name for batch in upkeep.scan(2, ["image_id"], 1) for name in batch[0].to_pylist()]
    assert found == ["a", "b"]
    assert upkeep.take(3, [2, 0], ["image_id"]) == [{"image_id": "c"}, {"image_id": "a"}]


def test_originals_come_one_by_one(store: Store, upkeep: TableAdmin) -> None:
    bare = NewPicture(Picture("bare", ("x",), source="s", added_at=NOW), at(0))
    store.upsert([bare])
    found = list(upkeep.originals(store.version, [0, 3]))
    assert found == [b"a".ljust(100, b"."), None]


def test_fragments_count_living_and_dead_rows_and_the_bytes_of_originals(
    store: Store, upkeep: TableAdmin
) -> None:
    store.upsert([row("big", size=300_000)])
    upkeep.delete(["a"])
    found = upkeep.fragments()
    assert [(piece.rows, piece.dead) for piece in found] == [(1, 1), (1, 0), (1, 0)]
    assert found[2].bytes > 300_000 > found[1].bytes


def test_compact_joins_the_chosen_and_leaves_the_others(store: Store, upkeep: TableAdmin) -> None:
    for name in "defg":
        store.upsert([row(name)])
    pieces = upkeep.fragments()
    assert [piece.rows for piece in pieces] == [2, 1, 1, 1, 1, 1]
    upkeep.compact([piece.id for piece in pieces[1:4]], 1024)
    after = upkeep.fragments()
    # What is written together stands last.
    assert [piece.rows for piece in after] == [2, 1, 1, 3]
    assert after[0] == pieces[0]
    assert ids(store) == list("abcdefg")
    picture = store.picture(store.version, store.snapshot().position("d"))
    assert picture.image == b"d".ljust(100, b".")


def test_compact_writes_dead_rows_no_more(store: Store, upkeep: TableAdmin) -> None:
    upkeep.delete(["a"])
    upkeep.compact([upkeep.fragments()[0].id], 1024)
    assert [(piece.rows, piece.dead) for piece in upkeep.fragments()] == [(1, 0), (1, 0)]


@IN_A_FOLDER
def test_the_footprint_is_what_lies_on_the_disk(
    store: Store, upkeep: TableAdmin, tmp_path: Path
) -> None:
    store.upsert([row("big", size=300_000)])
    files = [path for path in (tmp_path / "wall/pictures.lance").rglob("*") if path.is_file()]
    footprint = upkeep.footprint()
    assert footprint.total == sum(path.stat().st_size for path in files)
    data = sum(path.stat().st_size for path in files if "data" in path.parts)
    assert (footprint.current, footprint.versions) == (data, 4)
    store.overwrite(iter([[row("x")]]))
    assert upkeep.footprint().current < 20_000


def test_clean_keeps_the_newest_and_the_named(store: Store, upkeep: TableAdmin) -> None:
    upkeep.tag("first", 2)
    removable = upkeep.removable()
    assert upkeep.clean() == removable > 0
    assert numbers(upkeep) == [2, 3]
    assert upkeep.removable() == 0
    assert ids(store) == ["a", "b", "c"]


def test_clean_leaves_what_is_young_enough(upkeep: TableAdmin) -> None:
    assert upkeep.clean(timedelta(hours=1)) == 0
    assert numbers(upkeep) == [1, 2, 3]


@IN_A_FOLDER
def test_orphans_are_files_that_no_version_knows(
    store: Store, upkeep: TableAdmin, tmp_path: Path
) -> None:
    store.upsert([row("big", size=300_000)])
    assert upkeep.orphans().files == 0
    data = tmp_path / "wall/pictures.lance/data"
    (data / "killed.lance").write_bytes(b"x" * 10)
    (data / "killed").mkdir()
    (data / "killed" / "1.blob").write_bytes(b"y" * 20)
    found = upkeep.orphans()
    assert (found.files, found.bytes, found.recent) == (2, 30, 2)
    upkeep.clean()
    assert upkeep.orphans().files == 2
    upkeep.clean(orphans=True)
    assert upkeep.orphans().files == 0
    assert ids(store) == ["a", "b", "big", "c"]


def test_a_version_that_was_cleaned_is_told_as_such(store: Store, upkeep: TableAdmin) -> None:
    old = Store.open(store.address)
    store.overwrite(iter([[row("x")]]))
    upkeep.untag(OVERWRITTEN)
    upkeep.clean()
    message = "version 3 of the wall has been cleaned up since"
    with pytest.raises(VersionExpiredError, match=message):
        old.snapshot(3)
    with pytest.raises(VersionExpiredError, match=message):
        old.details(3)
    with pytest.raises(VersionExpiredError, match=message):
        old.take(3, [0], ["captions"])
    with pytest.raises(VersionExpiredError, match=message):
        old.picture(3, 0)
    with pytest.raises(VersionExpiredError, match="version 2 of the wall"):
        store.details(2)
    for read in (upkeep.scan, upkeep.restore, upkeep.originals):
        with pytest.raises(VersionExpiredError, match="version 2 of the wall"):
            list(read(2, *([[0]] if read != upkeep.restore else [])))  # type: ignore[arg-type]


def test_an_index_tells_the_rows_that_it_lacks(store: Store, upkeep: TableAdmin) -> None:
    assert upkeep.unindexed() == {}
    store.handle().create_scalar_index("captions", "INVERTED")
    assert upkeep.unindexed() == {"captions_idx": 0}
    store.upsert([row("d"), row("e")])
    assert upkeep.unindexed() == {"captions_idx": 2}
    upkeep.compact([piece.id for piece in upkeep.fragments()], 1024)
    upkeep.clean(orphans=True)
    assert upkeep.orphans().files == 0
    found = store.handle().scanner(columns=["image_id"], filter="image_id = 'd'").to_table()
    assert found.num_rows == 1
