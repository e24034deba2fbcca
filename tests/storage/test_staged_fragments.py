"""Rows in files that no version knows, and the one commit that takes them up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cavewall.errors import EncoderMismatchError
from cavewall.models import Picture
from cavewall.storage import NewPicture, PendingEncoder, StagedFragment, StagedFragments, Store
from cavewall.storage.locks import CommitConflictError
from cavewall.storage.pending_vectors import PendingVectors
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

ENCODER = FakeEncoder()


def rows(*names: str) -> list[NewPicture]:
    return [
        NewPicture(
            Picture(name, (f"a {name}",), image=picture_bytes() + name.encode(), source="here"),
            ENCODER.encode([f"a {name}"])[0],
        )
        for name in names
    ]


def piece(store: Store, *names: str) -> StagedFragment:
    return StagedFragment(StagedFragments(store).write([rows(name) for name in names]), names)


def ids(address: str) -> list[str]:
    found: list[str] = Store.open(address).snapshot().ids.to_pylist()
    return found


@pytest.fixture
def store(address: str) -> Store:
    made = Store.create(address, ENCODER.identity)
    made.upsert(rows("first"))
    return made


def test_pieces_are_there_once_they_are_committed_and_all_at_once(
    store: Store, address: str
) -> None:
    before = store.version
    pieces = [piece(store, "a", "b"), piece(store, "c")]
    assert ids(address) == ["first"]
    StagedFragments(store).append(pieces)
    assert ids(address) == ["first", "a", "b", "c"]
    assert store.version == before + 1
    for at, name in enumerate(["a", "b", "c"], 1):
        assert store.picture(store.version, at).image == picture_bytes() + name.encode()
    store.upsert(rows("b", "d"))
    assert sorted(ids(address)) == ["a", "b", "c", "d", "first"]


def test_row_ids_go_on_from_those_there_are(store: Store) -> None:
    StagedFragments(store).append([piece(store, "a", "b")])
    StagedFragments(store).append([piece(store, "c")])
    found = store.handle().to_table(columns=["image_id"], with_row_id=True).to_pydict()
    assert dict(zip(found["image_id"], found["_rowid"], strict=True)) == {
        "first": 0,
        "a": 1,
        "b": 2,
        "c": 3,
    }


@pytest.mark.parametrize("how", ["append", "upsert", "remove"])
def test_a_commit_rests_on_what_was_looked_at(store: Store, address: str, how: str) -> None:
    made = piece(store, "a")
    other = Store.open(address)
    {
        "append": lambda: other.append(rows("a")),
        "upsert": lambda: other.upsert(rows("first")),
        "remove": lambda: other.remove(["first"], "here"),
    }[how]()
    before = ids(address)
    with pytest.raises(CommitConflictError):
        StagedFragments(store).append([made])
    assert ids(address) == before
    store.refresh()
    if how != "append":
        StagedFragments(store).append([made])
        assert ids(address) == [*before, "a"]


def test_lance_itself_refuses_a_commit_that_was_overtaken_after_the_look(
    store: Store, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = piece(store, "a")
    late = store.writable()
    Store.open(address).upsert(rows("a"))
    monkeypatch.setattr(store, "writable", lambda: late)
    with pytest.raises(CommitConflictError):
        StagedFragments(store).append([made])
    assert sorted(ids(address)) == ["a", "first"]


def test_a_wall_of_another_model_takes_none(tmp_path: Path) -> None:
    store = Store.create(str(tmp_path / "wall"), ENCODER.identity)
    store.append(rows("first"))
    made = piece(store, "a")
    other = Store.open(store.address)
    twin = FakeEncoder(32, "twin")
    standby = PendingEncoder(other)
    unfilled: PendingVectors = standby.unfilled()
    import pyarrow as pa  # noqa: PLC0415

    schema = PendingEncoder.schema(twin.identity, with_ids=False)
    kind = schema.field(0).type
    vectors = pa.FixedSizeListArray.from_arrays(twin.encode(["a first"]).ravel(), type=kind)
    batch = pa.record_batch([vectors], schema=schema)
    standby.fill(unfilled, pa.RecordBatchReader.from_batches(schema, [batch]))
    standby.switch()
    with pytest.raises(EncoderMismatchError, match="has changed to twin"):
        StagedFragments(store).append([made])


def test_pieces_may_replace_everything(store: Store, address: str) -> None:
    before = store.version
    written = StagedFragments(store, anew=True).write([rows("a"), rows("b")])
    StagedFragments(store, anew=True).replace([StagedFragment(written, ["a", "b"])])
    assert ids(address) == ["a", "b"]
    assert store.handle().tags.list()["overwritten"]["version"] == before


def test_what_the_rows_raise_is_raised_and_nothing_is_there(store: Store, address: str) -> None:
    def failing() -> Iterator[Sequence[NewPicture]]:
        yield rows("a")
        raise KeyError("no such row")

    with pytest.raises(KeyError, match="no such row"):
        StagedFragments(store).write(failing())
    assert ids(address) == ["first"]


def test_files_that_are_gone_or_torn_are_told(tmp_path: Path) -> None:
    store = Store.create(str(tmp_path / "wall"), ENCODER.identity)
    fragments = [piece(store, name).fragments[0] for name in ("a", "b", "c")]
    paths = [json.loads(said)["files"][0]["path"] for said in fragments]
    data = tmp_path / "wall" / "pictures.lance" / "data"
    (data / paths[1]).write_bytes(b"")
    (data / paths[2]).unlink()
    is_there = StagedFragments(store).files_there()
    assert [is_there(said) for said in fragments] == [True, False, False]


def test_the_shape_changes_with_the_columns(tmp_path: Path) -> None:
    store = Store.create(str(tmp_path / "wall"), ENCODER.identity)
    before = StagedFragments(store).shape
    assert before.startswith("0:image_id 1:image ")
    store.append(rows("a"))
    assert StagedFragments(store).shape == before
    store.handle().drop_columns(["width"])
    assert StagedFragments(store).shape != before
