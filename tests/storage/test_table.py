"""One wall's table: opening, reading a version, writing the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from cavewall.encoders import EncoderIdentity
from cavewall.errors import UnknownPictureError, WallFormatError, WallNotFoundError
from cavewall.models import Picture
from cavewall.storage import NewPicture, Store
from cavewall.storage.existing_rows import captions_digest
from cavewall.storage.object_store_errors import storage_options

IDENTITY = EncoderIdentity("plane", 2, "p" * 64)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def at(degrees: float) -> NDArray[np.float32]:
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def row(image_id: str, caption: str = "a caption", degrees: float = 0.0) -> NewPicture:
    picture = Picture(
        image_id,
        (caption,),
        Path("/pictures") / image_id,
        image=f"bytes of {image_id}".encode(),
        metadata={"k": image_id},
        source="somewhere",
        width=3,
        height=2,
        sha256=image_id,
        thumbnail=b"small",
        added_at=NOW,
    )
    return NewPicture(picture, at(degrees), 7, 8)


IN_A_FOLDER = pytest.mark.parametrize("address", ["folder"], indirect=True)


@pytest.fixture
def store(address: str) -> Store:
    return Store.create(address, IDENTITY)


def test_a_row_comes_back_as_it_was(store: Store) -> None:
    store.upsert([row("a"), row("b")])
    snapshot = store.snapshot()
    picture = store.picture(snapshot.version, snapshot.position("b"))
    assert picture == row("b").picture
    known = store.existing_rows().get("b")
    assert known is not None
    assert (known.source, known.sha256, known.has_image) == ("somewhere", "b", True)
    assert (known.file_size, known.file_modified_ns, known.added_at) == (7, 8, NOW)
    assert known.captions == captions_digest(["a caption"])


def test_upsert_inserts_replaces_and_makes_one_version(store: Store) -> None:
    store.upsert([row("a"), row("b")])
    version = store.version
    store.upsert([row("b", "another", 90), row("c")])
    assert store.version == version + 1
    assert store.count() == 3
    snapshot = store.snapshot()
    assert sorted(snapshot.ids.to_pylist()) == ["a", "b", "c"]
    position = snapshot.position("b")
    assert store.picture(snapshot.version, position).captions == ("another",)
    assert np.abs(snapshot.vectors[position] - at(90)).max() < 1e-7


def test_update_captions_leaves_bytes_and_file_as_they_were(store: Store) -> None:
    store.upsert([row("a"), row("b")])
    bare = Picture("a", ("new",), source="elsewhere", metadata={"k": 2})
    store.update_captions([NewPicture(bare, at(45)), NewPicture(Picture("new", ("x",)), at(0))])
    assert store.count() == 2
    snapshot = store.snapshot()
    position = snapshot.position("a")
    picture = store.picture(snapshot.version, position)
    before = row("a").picture
    assert (picture.captions, picture.source, picture.metadata) == (("new",), "elsewhere", {"k": 2})
    for name in ("image", "path", "thumbnail", "width", "height", "sha256", "added_at"):
        assert getattr(picture, name) == getattr(before, name)
    assert np.abs(snapshot.vectors[position] - at(45)).max() < 1e-7


def test_a_snapshot_stays_what_it_was_while_the_wall_moves_on(store: Store) -> None:
    store.upsert([row("a", "first"), row("b")])
    old = store.snapshot()
    for number in range(3):
        store.upsert([row("a", f"later {number}"), row(f"new {number}")])
    assert old.ids.to_pylist() == ["a", "b"]
    assert store.picture(old.version, old.position("a")).captions == ("first",)
    again = store.snapshot(old.version)
    assert (again.version, again.ids) == (old.version, old.ids)


def test_a_dataset_in_a_readers_hands_does_not_move_under_a_write(store: Store) -> None:
    store.upsert([row("a")])
    held, version = store._dataset, store.version
    store.upsert([row("b")])
    store.overwrite(iter([[row("c")]]))
    assert held.version == version
    assert held.to_table(columns=["image_id"]).column(0).to_pylist() == ["a"]
    assert store.snapshot().ids.to_pylist() == ["c"]


def test_refresh_sees_what_another_wrote(store: Store) -> None:
    other = Store.open(store.address)
    store.upsert([row("a")])
    assert other.count() == 0
    assert other.refresh() == store.version
    assert other.count() == 1


def test_overwrite_is_one_version_and_keeps_what_the_table_says_of_itself(store: Store) -> None:
    store.upsert([row("a"), row("b")])
    before, metadata = store.version, store.metadata
    store.overwrite(iter([[row("c")], [row("d"), row("e")]]))
    assert store.version == before + 1
    again = Store.open(store.address)
    assert again.metadata == metadata
    assert again.snapshot().ids.to_pylist() == ["c", "d", "e"]
    again.upsert([row("c", "replaced")])
    assert again.count() == 3
    table = lancedb.connect(
        store.address, storage_options=storage_options(store.address)
    ).open_table("pictures")
    for hit in table.search(at(0)).distance_type("cosine").limit(3).to_list():
        (blob,) = table.fetch_blobs("image", [hit["image"]["_lance_row_id"]]).to_pylist()
        assert blob == f"bytes of {hit['image_id']}".encode()


def test_an_overwrite_that_fails_raises_what_failed_and_changes_nothing(store: Store) -> None:
    store.upsert([row("a")])
    version = store.version

    def failing() -> Iterator[Sequence[NewPicture]]:
        yield [row("b")]
        raise KeyError("the disk of the camera")

    with pytest.raises(KeyError, match="the disk of the camera"):
        store.overwrite(failing())
    assert store.refresh() == version
    assert store.snapshot().ids.to_pylist() == ["a"]


def test_two_writers_of_the_same_ids_make_no_duplicates(store: Store) -> None:
    ready = Barrier(2)

    def write() -> None:
        mine = Store.open(store.address)
        ready.wait()
        for start in range(0, 40, 10):
            mine.upsert([row(f"{number:03}") for number in range(start, start + 10)])

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    store.refresh()
    assert sorted(store.snapshot().ids.to_pylist()) == [f"{number:03}" for number in range(40)]


def test_row_ids_hold_across_updates_and_optimize(store: Store) -> None:
    store.upsert([row("a"), row("b")])
    table = lancedb.connect(
        store.address, storage_options=storage_options(store.address)
    ).open_table("pictures")
    hits = table.search(at(0)).distance_type("cosine").limit(2).to_list()
    row_ids = {hit["image_id"]: hit["image"]["_lance_row_id"] for hit in hits}
    store.update_captions([NewPicture(Picture("a", ("new",)), at(9))])
    store.upsert([row("c")])
    table.checkout_latest()
    table.optimize()
    for image_id, row_id in row_ids.items():
        (blob,) = table.fetch_blobs("image", [row_id]).to_pylist()
        assert blob == f"bytes of {image_id}".encode()


def test_an_unknown_id_is_named(store: Store) -> None:
    with pytest.raises(UnknownPictureError, match="there is no picture 'x' on this wall"):
        store.snapshot().position("x")


# What may stand at an address.


def test_nothing_there_says_how_to_make_a_wall(address: str) -> None:
    message = f"no wall at {address}: make one with `cavewall add SOURCE --wall {address}`"
    with pytest.raises(WallNotFoundError, match=message):
        Store.open(address)


def test_a_folder_of_other_tables_names_them(tmp_path: Path) -> None:
    lancedb.connect(tmp_path).create_table("birds", [{"a": 1}])
    with pytest.raises(WallNotFoundError, match="the LanceDB tables there: birds"):
        Store.open(str(tmp_path))


def test_a_file_is_no_wall(tmp_path: Path) -> None:
    (tmp_path / "wall").write_text("")
    with pytest.raises(WallFormatError, match="is a file: a wall is a folder"):
        Store.open(str(tmp_path / "wall"))


@IN_A_FOLDER
def test_the_folder_of_a_single_table_names_the_one_that_holds_it(store: Store) -> None:
    address = f"{store.address}/pictures.lance"
    with pytest.raises(WallFormatError, match=f"give the folder that holds it, {store.address}"):
        Store.open(address)


def test_a_table_of_another_shape_is_no_wall(tmp_path: Path) -> None:
    lancedb.connect(tmp_path).create_table("pictures", [{"vector": [1.0, 2.0], "name": "x"}])
    with pytest.raises(WallFormatError, match=r"was not made by Cavewall \(its columns: vector, "):
        Store.open(str(tmp_path))


def test_a_wall_of_a_newer_format_is_refused(store: Store) -> None:
    dataset = store.handle()
    dataset.update_schema_metadata({"cavewall": '{"format": 7}'})
    with pytest.raises(WallFormatError, match=r"format 7, .* up to format 1"):
        Store.open(store.address)


@IN_A_FOLDER
def test_a_damaged_table_is_one_clear_error(store: Store) -> None:
    for manifest in Path(store.address, "pictures.lance", "_versions").iterdir():
        manifest.write_bytes(b"damaged")
    with pytest.raises(WallFormatError, match=f"the wall {store.address} cannot be opened"):
        Store.open(store.address)


def test_an_empty_wall_has_no_pictures(store: Store) -> None:
    snapshot = store.snapshot()
    assert snapshot.vectors.shape == (0, 2)
    assert snapshot.ids == pa.array([], pa.string())
    assert len(store.existing_rows()) == 0


@IN_A_FOLDER
def test_an_overwrite_waits_for_whoever_commits(store: Store) -> None:
    writer = Thread(target=lambda: store.overwrite(iter([[row("c")]])))
    with store.write_lock():
        writer.start()
        writer.join(0.5)
        assert store.handle().version == 1
    writer.join()
    assert store.handle().version == 2


def test_vectors_are_those_of_pictures_that_have_one(store: Store) -> None:
    store.upsert([row("a", degrees=10), row("b", degrees=20), row("c", degrees=30)])
    kind = store.handle().schema.field("vector").type
    nulls = pa.table([["b"], pa.nulls(1, kind)], names=["image_id", "vector"])
    store.handle().merge_insert("image_id").when_matched_update_all().execute(nulls)
    store.refresh()
    found = store.vectors(["a", "b", "c", "nobody"])
    assert found.keys() == {"a", "c"}
    np.testing.assert_array_equal(found["c"], at(30))
