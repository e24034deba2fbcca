"""What a power cut tears is set aside, and the next add brings it again."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import lance
import pytest

import cavewall
from cavewall.errors import WallFormatError
from cavewall.ingest import batches
from cavewall.models import Picture
from cavewall.storage import Store
from cavewall.storage.crash_recovery import fsync
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

PICTURES = [
    Picture(str(number), (f"number {number}",), image=picture_bytes((number, 0, 0)))
    for number in range(6)
]


@pytest.fixture
def store(tmp_path: Path, fake: FakeEncoder) -> Store:
    """A wall of three versions with two pictures each."""
    return grown(Store.create(str(tmp_path / "wall"), fake.identity), fake)


def grown(store: Store, fake: FakeEncoder) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_WINDOW_PICTURES", 2)
        patch.setattr("cavewall.maintenance.compaction.auto_compact", lambda _: None)
        assert cavewall.open(store.address, fake).add(PICTURES).added == 6
    store.refresh()
    return store


def manifests(store: Store) -> list[Path]:
    """The files of the versions, newest first."""
    return sorted((Path(store.address) / "pictures.lance" / "_versions").glob("*.manifest"))


def newest_data(store: Store) -> Path:
    fragment = lance.dataset(f"{store.address}/pictures.lance").get_fragments()[-1]
    return Path(store.address) / "pictures.lance" / "data" / str(fragment.data_files()[0].path)


@pytest.mark.parametrize("torn", [1, 2])
def test_a_wall_opens_at_the_newest_version_that_is_whole(
    store: Store, fake: FakeEncoder, torn: int, caplog: pytest.LogCaptureFixture
) -> None:
    for manifest in manifests(store)[:torn]:
        os.truncate(manifest, 0)
    with caplog.at_level(logging.WARNING):
        wall = cavewall.open(store.address, fake)
    assert len(wall) == 6 - 2 * torn
    assert caplog.messages == [f"{store.address}: {torn} torn versions were set aside"]
    report = wall.add(PICTURES)
    assert (report.added, report.unchanged) == (2 * torn, 6 - 2 * torn)
    assert {hit.image_id for hit in wall.search("number", k=9)} == set("012345")
    assert all(wall.picture(each.image_id).image == each.image for each in PICTURES)


def test_rows_without_their_file_are_brought_again(store: Store, fake: FakeEncoder) -> None:
    os.truncate(newest_data(store), 0)
    wall = cavewall.open(store.address, fake)
    report = wall.add(PICTURES)
    assert (report.added, report.unchanged) == (2, 4)
    assert all(wall.picture(each.image_id).image == each.image for each in PICTURES)


def test_where_no_version_is_whole_nothing_is_changed_and_that_is_said(
    store: Store, fake: FakeEncoder
) -> None:
    for manifest in manifests(store):
        os.truncate(manifest, 0)
    before = manifests(store)
    with pytest.raises(WallFormatError, match="cannot be opened"):
        cavewall.open(store.address, fake)
    assert manifests(store) == before


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file a handle is of")
def test_an_add_has_the_disk_take_what_it_wrote(
    tmp_path: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
    )
    wall = cavewall.open(tmp_path / "wall", fake)
    wall.add(PICTURES)
    table = tmp_path / "wall" / "pictures.lance"
    there = {str(path) for path in table.rglob("*") if path.suffix in (".lance", ".manifest")}
    assert there
    assert there | {str(table / "data"), str(table / "_versions")} <= set(flushed)
    # What has settled long ago is left alone.
    flushed.clear()
    for path in table.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    fsync(table)
    assert flushed == []
