"""Thorough upkeep."""

from __future__ import annotations

from pathlib import Path

import cavewall
from cavewall.models import Picture
from cavewall.storage.writer_leases import writer_lease
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes


def holds(folder: Path, data: bytes) -> bool:
    return any(data in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_deleted_pictures_leave_the_disk(tmp_path: Path) -> None:
    secret = picture_bytes("red", comment=b"a secret that must go")
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    many = [Picture(f"{n}.jpg", ("a dog",), image=picture_bytes(n)) for n in range(100)]
    wall.add([*many, Picture("secret", ("a cat",), image=secret)])
    wall.maintenance.delete(["secret"])
    assert holds(tmp_path, secret)
    report = wall.maintenance.optimize()
    assert not holds(tmp_path / "wall" / "pictures.lance", secret)
    assert wall.picture("7.jpg").image == picture_bytes(7)
    assert report.bytes_after < report.bytes_before
    assert (report.versions_after, report.fragments_after) == (1, 1)
    assert report.to_dict()["versions_after"] == 1


def test_what_killed_writers_left_goes_only_while_nobody_is_at_work(toy: cavewall.Wall) -> None:
    left = Path(toy.address) / "pictures.lance" / "data" / "killed.lance"
    left.write_bytes(b"x")
    with writer_lease(toy.address):
        toy.maintenance.optimize()
        assert left.exists()
    toy.maintenance.optimize()
    assert not left.exists()
    assert len(toy.search("dog")) == 6


def test_optimizing_again_changes_nothing(toy: cavewall.Wall) -> None:
    toy.maintenance.optimize()
    report = toy.maintenance.optimize()
    assert report.bytes_before == report.bytes_after
    assert report.versions_before == report.versions_after == 1
