"""Real processes, killed at random moments: nothing is lost, doubled or half there."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pytest

import cavewall
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes, write_captions
from tests.profile import scaled

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL is Unix's"),
]

ADDER = Path(__file__).with_name("adder.py")
PICTURES = 400
KILLS = scaled(50, quick=6)
KILLS_OF_OTHERS = scaled(10, quick=2)
COLUMNS = ["image_id", "captions", "vector", "thumbnail", "path", "width", "height", "sha256"]
COLUMNS += ["file_size", "file_modified_ns", "source", "metadata"]


def adder(*arguments: str | Path, window: int = 8) -> subprocess.Popen[str]:
    """A process that is about to add."""
    process = subprocess.Popen(
        [sys.executable, str(ADDER), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "WINDOW": str(window)},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    return process


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    report = json.loads(out)
    assert isinstance(report, dict)
    return report


def collection(folder: Path, count: int = PICTURES, prefix: str = "") -> Path:
    """Pictures with two captions each, every one different."""
    (folder / "Images").mkdir(parents=True)
    rows = []
    for number in range(count):
        name = f"{prefix}{number:04}.jpg"
        data = picture_bytes((number % 256, number // 256, 90)) + prefix.encode() + b"%d" % number
        (folder / "Images" / name).write_bytes(data + bytes(3000))
        rows += [(name, f"picture number {number}"), (name, f"{prefix} shade {number}")]
    write_captions(folder / "captions.txt", rows)
    return folder


def rows(address: Path) -> dict[str, dict[str, Any]]:
    """Every row of a wall by its id, its picture's bytes included; fails where an id is twice."""
    dataset = lance.dataset(str(address / "pictures.lance"))
    table = dataset.to_table(columns=COLUMNS)
    found = table.to_pylist()
    blobs = dataset.take_blobs("image", indices=list(range(len(found)))) if found else []
    for row, blob in zip(found, blobs, strict=True):
        row["image"] = None if blob is None else blob.readall()
    by_id = {row["image_id"]: row for row in found}
    assert len(by_id) == len(found)
    return by_id


def check_part(address: Path, whole: dict[str, dict[str, Any]]) -> int:
    """Each row there is, is one of the whole to the last byte; returns how many there are."""
    if not (address / "pictures.lance").exists():
        return 0
    part = rows(address)
    for image_id, row in part.items():
        assert row == whole[image_id]
        assert hashlib.sha256(row["image"]).hexdigest() == row["sha256"]
        assert np.linalg.norm(row["vector"]) == pytest.approx(1, abs=1e-5)
    assert len(cavewall.open(address, FakeEncoder())) == len(part)
    return len(part)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collection(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What an add that nobody disturbs makes of the source."""
    address = tmp_path_factory.mktemp("whole") / "wall"
    cavewall.open(address, FakeEncoder()).add(source)
    found = rows(address)
    assert len(found) == PICTURES
    return found


def killed(process: subprocess.Popen[str], moment: float) -> bool:
    """Kill it in so many seconds; whether that came before its end."""
    time.sleep(moment)
    process.kill()
    process.communicate()
    return process.returncode < 0


@pytest.mark.sampled
def test_an_add_killed_again_and_again_goes_on_and_ends_as_if_nothing_had_been(
    source: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    draw = random.Random(7)
    address = tmp_path / "wall"
    kills, walls, between = 0, 0, 0
    wanted = scaled(KILLS // 2, quick=0)
    # On a busy machine a process takes longer to begin: then more kills, later ones.
    while kills < KILLS or (between <= wanted and kills < 4 * KILLS):
        before = check_part(address, whole)
        process = adder("add", source, "--wall", address, "--json")
        kills += killed(process, draw.uniform(0, 0.4 * (1 + kills // KILLS)))
        after = check_part(address, whole)
        assert after >= before
        between += 0 < after < PICTURES
        if after == PICTURES:
            assert rows(address) == whole
            shutil.rmtree(address)
            walls += 1
    # The kills did hit adds at work, and adds did come to their end in spite of them.
    assert between > wanted
    report = finished(adder("add", source, "--wall", address, "--json"))
    assert report["added"] == PICTURES - after % PICTURES
    assert rows(address) == whole


@pytest.mark.sampled
def test_a_killed_overwrite_leaves_the_old_or_the_new_and_nothing_between(
    source: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    draw = random.Random(11)
    address = tmp_path / "wall"
    cavewall.open(address, FakeEncoder()).add(collection(tmp_path / "old", 20, "old-"))
    old = rows(address)
    kills = 0
    while kills < KILLS_OF_OTHERS:
        process = adder("add", source, "--wall", address, "--overwrite", "--json")
        kills += killed(process, draw.uniform(0, 0.4))
        found = rows(address)
        assert found in (old, whole)
        if found == whole:
            cavewall.open(address, FakeEncoder()).add(tmp_path / "old", overwrite=True)
    finished(adder("add", source, "--wall", address, "--overwrite", "--json"))
    assert rows(address) == whole


@pytest.mark.sampled
def test_pictures_that_move_and_vanish_do_so_once_however_often_it_is_killed(
    tmp_path: Path,
) -> None:
    draw = random.Random(13)
    source = collection(tmp_path / "source", 200)
    address = tmp_path / "wall"
    cavewall.open(address, FakeEncoder()).add(source)
    before = rows(address)
    for picture in list((source / "Images").iterdir()):
        picture.rename(picture.with_name(f"moved-{picture.name}"))
    listed = (source / "captions.txt").read_text("utf-8").splitlines()
    moved = [line.replace('"', '"moved-', 1) for line in listed[1:-40]]
    (source / "captions.txt").write_text("\n".join([listed[0], *moved]) + "\n", "utf-8")
    for _ in range(KILLS_OF_OTHERS):
        process = adder("add", source, "--wall", address, "--prune", "--json", window=4)
        killed(process, draw.uniform(0, 0.15))
        for image_id, row in rows(address).items():
            old = before[image_id.removeprefix("moved-")]
            same = ("captions", "vector", "thumbnail", "sha256", "image", "metadata")
            assert [row[name] for name in same] == [old[name] for name in same]
            assert Path(row["path"]).name == image_id
    finished(adder("add", source, "--wall", address, "--prune", "--json"))
    assert rows(address).keys() == {f"moved-{number:04}.jpg" for number in range(180)}


def test_two_adds_of_one_source_at_once_add_each_picture_once(
    source: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    address = tmp_path / "wall"
    both = [adder("add", source, "--wall", address, "--json") for _ in range(2)]
    reports = [finished(process) for process in both]
    assert rows(address) == whole
    assert sum(report["added"] for report in reports) == PICTURES
    assert sum(report["unchanged"] for report in reports) == PICTURES
    assert [report["skipped"] for report in reports] == [[], []]


def test_two_sources_at_once_bring_all_they_have_and_the_later_learns_of_duplicates(
    source: Path, whole: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    other = collection(tmp_path / "other", 300, "other-")
    taken = other / "Images" / "0007.jpg"
    taken.write_bytes(picture_bytes("white"))
    with (other / "captions.txt").open("a") as file:
        file.write("0007.jpg,another picture of that name\n")
    address = tmp_path / "wall"
    both = [adder("add", folder, "--wall", address, "--json") for folder in (source, other)]
    first, second = (finished(process) for process in both)
    found = rows(address)
    assert found.keys() == whole.keys() | {f"other-{number:04}.jpg" for number in range(300)}
    assert first["added"] + second["added"] == PICTURES + 300
    (reject,) = first["skipped"] + second["skipped"]
    assert reject["image_id"] == "0007.jpg"
    assert reject["reason"].startswith("duplicate: another picture of this id came from ")
