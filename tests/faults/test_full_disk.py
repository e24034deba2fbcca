"""A disk that fills up under an add: one sentence, nothing half there, and the next add goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.testing import FakeEncoder
from tests.faults.test_kills import adder, check_part, collection, finished, rows

pytestmark = pytest.mark.faults

SIZE = 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    if sys.platform != "linux":
        pytest.skip("a small disk is mounted with Linux's tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={SIZE}m,mode=777"
    mount = [*root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, text=True, timeout=20, check=False)
    except FileNotFoundError as fault:
        pytest.skip(f"no disk can be mounted here: {fault}")
    if made.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run([*root, "umount", "-l", str(folder)], timeout=20, check=True)


def filled(folder: Path) -> Path:
    """A file that takes all the room there is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            return ballast


def waited_for(address: Path, pictures: int) -> None:
    """Until the wall has so many pictures."""
    for _ in range(600):
        if (address / "pictures.lance" / "_versions").exists() and len(rows(address)) >= pictures:
            return
        time.sleep(0.02)
    pytest.fail("the wall did not grow")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return collection(tmp_path / "source", 400)


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> dict[str, dict[str, Any]]:
    cavewall.open(tmp_path / "whole", FakeEncoder()).add(source)
    return rows(tmp_path / "whole")


def test_a_disk_that_fills_up_stops_the_add_and_the_next_goes_on(
    small_disk: Path, source: Path, whole: dict[str, dict[str, Any]]
) -> None:
    address = small_disk / "wall"
    process = adder("add", source, "--wall", address, "--json")
    waited_for(address, 16)
    ballast = filled(small_disk)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == (
        f"error: the disk of {address} is full: what was written before is kept, and nothing is "
        "half there. Make room and run the same command again to go on\n"
    )
    written = check_part(address, whole)
    assert 16 <= written < len(whole)
    # A full disk is no reason not to search.
    hits = cavewall.open(address, FakeEncoder()).search("picture number 3", k=1)
    assert hits[0].image_id == "0003.jpg"

    ballast.unlink()
    report = finished(adder("add", source, "--wall", address, "--json"))
    assert (report["added"], report["unchanged"]) == (len(whole) - written, written)
    assert rows(address) == whole


def test_a_disk_that_fills_up_under_an_overwrite_leaves_the_wall_as_it_was(
    small_disk: Path, source: Path, tmp_path: Path
) -> None:
    address = small_disk / "wall"
    cavewall.open(address, FakeEncoder()).add(collection(tmp_path / "old", 20, "old-"))
    old = rows(address)
    used = shutil.disk_usage(small_disk).used
    process = adder("add", source, "--wall", address, "--overwrite", "--json")
    while shutil.disk_usage(small_disk).used < used + 200_000:
        time.sleep(0.01)
    filled(small_disk)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith(f"error: the disk of {address} is full")
    assert rows(address) == old


def test_no_wall_is_made_on_a_disk_that_is_full(small_disk: Path, tmp_path: Path) -> None:
    """Where the room is gone before the first byte, and the source could not be measured."""
    filled(small_disk)
    pictures = collection(tmp_path / "few", 3)
    process = adder("add", pictures, "--wall", small_disk / "wall", "--json")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "make room" in err
    assert not (small_disk / "wall" / "pictures.lance").exists()
