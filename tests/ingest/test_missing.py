"""What a source no longer has: gone, or there under another id."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import cavewall
from cavewall.errors import InputError
from cavewall.ingest.missing import MissingPictures, is_within, prune
from cavewall.models import Picture
from cavewall.storage import ExistingRows, Store, captions_digest
from cavewall.storage.existing_rows import COLUMNS
from cavewall.testing import FakeEncoder


def wall_of(folder: Path, names: str) -> Store:
    wall = cavewall.open(folder / "wall", FakeEncoder())
    wall.add([Picture(name, (f"word {name}",)) for name in names], missing="keep")
    return Store.open(wall.address)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return wall_of(tmp_path, "abcd")


def known(store: Store, digests: dict[str, str]) -> ExistingRows:
    """The rows of the store, as if they had bytes of those digests."""
    found = ExistingRows()
    for batch in store.handle().scanner(columns=COLUMNS).to_batches():
        names = batch.column("image_id").to_pylist()
        at = batch.schema.get_field_index("sha256")
        digest = pa.array([digests.get(name) for name in names], pa.string())
        found.take(batch.set_column(at, "sha256", digest))
    return found


def test_what_is_listed_or_in_a_listed_folder_has_not_vanished(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    names = ["a", "b", "x/a", "x/y/b", "xy/c"]
    wall.add([Picture(name, ("word",)) for name in names], missing="keep")
    store = Store.open(wall.address)
    vanished = MissingPictures(store.existing_rows(), "pictures", {"a", "x/"})
    assert (vanished.brought, sorted(vanished.image_ids)) == (5, ["b", "xy/c"])
    assert MissingPictures(store.existing_rows(), "another", set()).image_ids == []


def test_bytes_are_claimed_once_at_best_with_the_same_captions(store: Store) -> None:
    twins = known(store, {"a": "same", "b": "same", "c": "other"})
    vanished = MissingPictures(twins, "pictures", {"d"})
    assert vanished.has("same")
    assert not vanished.has("third")
    claimed = vanished.claim("same", captions_digest(["word b"]))
    assert claimed is not None
    assert claimed[0] == "b"
    claimed = vanished.claim("same", captions_digest(["word b"]))
    assert claimed is not None
    assert claimed[0] == "a"
    assert not vanished.has("same")
    assert vanished.claim("same", captions_digest(["word a"])) is None
    assert vanished.image_ids == ["c"]


@pytest.mark.parametrize(
    ("image_id", "within"),
    [("a/b.jpg", True), ("a/c/b.jpg", True), ("a.jpg", False), ("ab/c.jpg", False), ("a", False)],
)
def test_within_a_folder_is_anywhere_below_it(image_id: str, within: bool) -> None:
    assert is_within(image_id, {"a/"}) is within


class Told:
    def __init__(self) -> None:
        self.counts: list[int] = []

    def planned(self, plan: object) -> None: ...

    def advanced(self, pictures: int) -> None: ...

    def pruning(self, pictures: int) -> None:
        self.counts.append(pictures)


def test_half_goes_unasked_and_more_does_not(store: Store) -> None:
    told = Told()
    most = MissingPictures(store.existing_rows(), "pictures", {"a"})
    with pytest.raises(InputError, match=r"3 of the 4 pictures that pictures brought"):
        prune(most, "pictures", store, False, told)
    assert (store.handle().count_rows(), told.counts) == (4, [])
    half = MissingPictures(store.existing_rows(), "pictures", {"a", "b"})
    assert prune(half, "pictures", store, False, told) == 2
    assert (store.handle().count_rows(), told.counts) == (2, [2])


def test_who_insists_removes_all_of_that_source_and_no_other(store: Store) -> None:
    everything = MissingPictures(store.existing_rows(), "pictures", set())
    assert prune(everything, "another", store, True, None) == 4
    assert store.handle().count_rows() == 4
    assert prune(everything, "pictures", store, True, None) == 4
    assert store.handle().count_rows() == 0
