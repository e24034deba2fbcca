"""An `add` on a cluster brings what one on this machine brings: rows, rejects, report."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.cluster import engine
from cavewall.errors import EncoderMismatchError, InputError
from cavewall.models import Picture
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.cluster.collection import by_id, collection, rows, told, with_faults
from tests.conftest import picture_bytes, write_captions
from tests.s3 import BUCKET, client

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster", "small_tasks")]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return with_faults(tmp_path / "source")


def wall(address: str | Path) -> cavewall.Wall:
    return cavewall.open(address, FakeEncoder())


def test_the_same_rows_in_the_same_order_and_the_same_report(
    source: Path, address: str, tmp_path: Path
) -> None:
    here, there = wall(tmp_path / "here"), wall(address)
    expected = here.add(source)
    assert told(there.add(source, engine="ray")) == told(expected)
    assert {reject.reason.split(":")[0] for reject in expected.skipped} == {
        *("missing", "unreadable", "no-caption")
    }
    assert rows(there.address) == rows(here.address)
    assert there.rejects() == here.rejects()
    assert there.search("a dog of shade 7", 1)[0].image_id == "0007.jpg"
    again = there.add(source, engine="ray")
    assert (again.added, again.unchanged) == (0, expected.added)


def test_all_that_is_new_comes_in_one_version(source: Path, tmp_path: Path) -> None:
    there = wall(tmp_path / "there")
    there.add([Picture("first.jpg", ("a first one",), image=picture_bytes())])
    before = there.version
    seen: list[int] = []

    class Watching:
        def planned(self, plan: object) -> None: ...
        def pruning(self, pictures: int) -> None: ...
        def advanced(self, pictures: int) -> None:
            seen.append(wall(tmp_path / "there").version)

    report = there.add(source, engine="ray", progress=Watching())
    assert len(seen) > 4
    assert set(seen) == {before}
    assert len(there) == 1 + report.added
    assert not Path(there.address, "finished.lance").exists()


@pytest.mark.s3
def test_pictures_in_a_bucket_are_read_by_the_workers(
    s3: str, s3_endpoint: str, tmp_path: Path
) -> None:
    root, boto = f"{s3}-pictures", client(s3_endpoint)
    key = root.partition(f"{BUCKET}/")[2]
    for at in range(40):
        boto.put_object(Bucket=BUCKET, Key=f"{key}/{at:02}.jpg", Body=picture_bytes((at, 9, 9)))
        boto.put_object(Bucket=BUCKET, Key=f"{key}/{at:02}.txt", Body=b"a dog of shade %d" % at)
    boto.put_object(Bucket=BUCKET, Key=f"{key}/mute.jpg", Body=picture_bytes())
    here, there = wall(tmp_path / "here"), wall(tmp_path / "there")
    expected = here.add(root)
    assert (expected.added, len(expected.skipped)) == (40, 1)
    assert told(there.add(root, engine="ray")) == told(expected)
    assert rows(there.address) == rows(here.address)


def change(source: Path) -> None:
    """Captions and bytes that change, files that move, vanish and come."""
    images, text = source / "Images", (source / "captions.txt").read_text()
    text = text.replace("a dog of shade 10", "a cat of shade 10")
    (images / "0011.jpg").write_bytes(picture_bytes("white"))
    (images / "0012.jpg").write_bytes(picture_bytes("black"))
    text = text.replace("picture number 12", "black all over")
    (images / "0013.jpg").rename(images / "moved.jpg")
    text = text.replace("0013.jpg", "moved.jpg")
    (images / "0014.jpg").rename(images / "moved and said anew.jpg")
    text = text.replace("0014.jpg", "moved and said anew.jpg")
    text = text.replace("a dog of shade 14", "a bird")
    shutil.copy(images / "moved.jpg", images / "twin.jpg")
    kept = [line for line in text.splitlines() if "0015.jpg" not in line]
    names = [f"new {number:02}.jpg" for number in range(40)]
    for name in names:
        (images / name).write_bytes(picture_bytes("green") + name.encode())
    kept += [f"{name},a leaf called {name}" for name in [*names, "twin.jpg"]]
    (source / "captions.txt").write_text("\n".join(kept) + "\n")


@pytest.mark.parametrize("prune", [False, True])
def test_what_changed_moved_and_vanished_comes_out_as_on_this_machine(
    source: Path, prune: bool, tmp_path: Path
) -> None:
    here, there = wall(tmp_path / "here"), wall(tmp_path / "there")
    for each in (here, there):
        each.add(source)
    change(source)
    expected = here.add(source, prune=prune)
    assert told(there.add(source, prune=prune, engine="ray")) == told(expected)
    assert (expected.moved, expected.updated, expected.vanished) == (2, 3, 1)
    assert by_id(there.address) == by_id(here.address)
    assert there.rejects() == here.rejects()


def test_pictures_are_seen_and_left_in_place(source: Path, tmp_path: Path) -> None:
    def seeing(name: str) -> cavewall.Wall:
        return cavewall.open(tmp_path / name, FakeEncoder(), FakeImageEncoder())

    here, there = seeing("here"), seeing("there")
    expected = here.add(source, link=True)
    assert told(there.add(source, link=True, engine="ray")) == told(expected)
    found = rows(there.address)
    assert found == rows(here.address)
    assert {row["image"] for row in found} == {None}
    assert all(row["image_vector"] for row in found)


def pictures(count: int, colour: Any = "red") -> list[Picture]:
    return [
        Picture(f"{at}.jpg", (f"the dog {at}",), image=picture_bytes(colour) + b"%d" % at)
        for at in range(count)
    ]


def test_pictures_in_memory_replace_everything_in_one_version(tmp_path: Path) -> None:
    here, there = wall(tmp_path / "here"), wall(tmp_path / "there")
    for each in (here, there):
        each.add(pictures(3, "blue"))
    expected = here.add(pictures(50), overwrite=True)
    before = there.version
    assert told(there.add(iter(pictures(50)), overwrite=True, engine="ray")) == told(expected)
    assert rows(there.address) == rows(here.address)
    assert there.version == before + 1
    there.versions.restore("overwritten")
    assert len(there) == 3


def test_an_overwrite_by_nothing_leaves_the_wall_as_it_was(tmp_path: Path) -> None:
    there = wall(tmp_path / "there")
    there.add(pictures(3))
    bad = [Picture(f"{at}.jpg", ("a dog",), image=b"none") for at in range(40)]
    with pytest.raises(InputError, match="nothing of this source can be stored"):
        there.add(bad, overwrite=True, engine="ray")
    assert len(there) == 3


def test_strict_stops_and_commits_nothing_new(source: Path, tmp_path: Path) -> None:
    there = wall(tmp_path / "there")
    there.add(pictures(1))
    (source / "Images" / "0033.jpg").write_bytes(picture_bytes())
    write_captions(source / "captions.txt", [(f"{at:04}.jpg", "x") for at in range(64)])
    with pytest.raises(InputError, match=r"stopped at 00\d\d.jpg: unreadable"):
        there.add(source, strict=True, engine="ray")
    assert len(there) == 1


class Meanwhile:
    """Does something as soon as the first task is done."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.acts = [act]

    def planned(self, plan: object) -> None: ...
    def pruning(self, pictures: int) -> None: ...
    def advanced(self, pictures: int) -> None:
        while self.acts:
            self.acts.pop()()


def test_what_others_bring_meanwhile_is_neither_lost_nor_there_twice(
    address: str, tmp_path: Path
) -> None:
    source = collection(tmp_path / "source")
    same = (source / "Images" / "0005.jpg").read_bytes()
    theirs = [
        Picture("0005.jpg", ("brought by others",), image=same),
        Picture("0006.jpg", ("another picture",), image=picture_bytes("white")),
        Picture("elsewhere.jpg", ("all their own",), image=picture_bytes("white")),
    ]
    there, others = wall(address), wall(address)
    there.add(pictures(1))
    report = there.add(
        source, engine="ray", progress=Meanwhile(lambda: others.add(theirs, missing="skip"))
    )
    assert (report.added, report.updated) == (62, 1)
    (reject,) = report.skipped
    assert reject.image_id == "0006.jpg"
    assert reject.reason.startswith("duplicate: another picture of this id came from")
    found = by_id(address)
    assert len(found) == 1 + 64 + 1
    assert found["0005.jpg"]["captions"] == ["picture number 5", "a dog of shade 5"]
    assert found["0006.jpg"]["captions"] == ["another picture"]


def test_a_wall_that_changes_its_model_meanwhile_takes_nothing(tmp_path: Path) -> None:
    there = wall(tmp_path / "there")
    there.add(pictures(2))

    def switch() -> None:
        other = wall(tmp_path / "there")
        other.model.reencode(FakeEncoder(48, "other"))
        other.model.switch()

    source = collection(tmp_path / "source")
    with pytest.raises(EncoderMismatchError, match="has changed to other"):
        there.add(source, engine="ray", progress=Meanwhile(switch))
    assert len(cavewall.open(there.address, FakeEncoder(48, "other"))) == 2


def test_a_few_pictures_need_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(address: str | None) -> None:
        raise AssertionError

    monkeypatch.setattr(engine, "connected", never)
    assert wall(tmp_path / "there").add(pictures(31), engine="ray").added == 31


def test_engines_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="engine is 'local' or 'ray', not 'dask'"):
        wall(tmp_path).add([], engine="dask")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a cluster at auto is for engine 'ray'"):
        wall(tmp_path).add([], ray_address="auto")
