"""New, changed, moved, vanished: told apart, and pruned where that is asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import lance
import pytest

import cavewall
from cavewall.errors import InputError
from cavewall.ingest import batches
from cavewall.ingest import read as reading_module
from cavewall.ingest.options import Plan
from cavewall.models import AddReport, Picture
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", fake)


def counts(report: AddReport) -> dict[str, int]:
    """The counts that are not nought."""
    named = ("added", "updated", "unchanged", "moved", "vanished", "removed")
    found = {name: getattr(report, name) for name in named} | {"skipped": len(report.skipped)}
    return {name: count for name, count in found.items() if count}


def row(wall: cavewall.Wall, image_id: str) -> dict[str, Any]:
    """A row of the table, with its row id."""
    dataset = lance.dataset(f"{wall.address}/pictures.lance")
    columns = ["image_id", "captions", "vector", "thumbnail", "path", "sha256", "metadata"]
    columns += ["file_size", "file_modified_ns", "source", "added_at"]
    table = dataset.to_table(columns=columns, with_row_id=True)
    (found,) = [row for row in table.to_pylist() if row["image_id"] == image_id]
    assert isinstance(found, dict)
    return found


def renamed(kaggle: Path, before: str, after: str, captions: Any = KAGGLE) -> None:
    """The file under another name, and the captions file says so."""
    (kaggle / "Images" / before).rename(kaggle / "Images" / after)
    names = {(after if name == before else name): texts for name, texts in captions.items()}
    write_captions(kaggle / "captions.txt", rows_of(names))


def test_a_moved_picture_keeps_its_row_and_encodes_nothing(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall.add(kaggle)
    before = row(wall, "cat.jpg")
    version = wall.info()["version"]
    fake.calls.clear()
    renamed(kaggle, "cat.jpg", "tom's cat.jpg")
    monkeypatch.setattr(reading_module, "decode", pytest.fail)
    assert counts(wall.add(kaggle)) == {"moved": 1, "unchanged": 2}
    assert fake.calls == []
    assert wall.info()["version"] == version + 1
    path = kaggle / "Images" / "tom's cat.jpg"
    expected = {**before, "image_id": path.name, "path": str(path)}
    assert row(wall, path.name) == expected
    assert wall.picture(path.name).image == path.read_bytes()
    assert wall.search(KAGGLE["cat.jpg"][0], k=1)[0].image_id == path.name
    assert len(wall) == 3
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert counts(wall.add(kaggle)) == {"unchanged": 3}


def test_a_moved_picture_with_other_captions_is_moved_and_encoded(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder
) -> None:
    wall.add(kaggle)
    before = row(wall, "cat.jpg")
    fake.calls.clear()
    renamed(kaggle, "cat.jpg", "lion.jpg", {**KAGGLE, "cat.jpg": ("a lion",)})
    assert counts(wall.add(kaggle)) == {"moved": 1, "unchanged": 2}
    assert fake.calls == [["warm"], ["a lion"]]
    after = row(wall, "lion.jpg")
    assert after["captions"] == ["a lion"]
    same = ("sha256", "thumbnail", "added_at", "_rowid")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert wall.search("a lion", k=1)[0].image_id == "lion.jpg"
    assert counts(wall.add(kaggle)) == {"unchanged": 3}


def test_a_copy_is_new_and_the_first_stays(wall: cavewall.Wall, kaggle: Path) -> None:
    wall.add(kaggle)
    shutil.copy(kaggle / "Images" / "cat.jpg", kaggle / "Images" / "copy.jpg")
    copied = {**KAGGLE, "copy.jpg": KAGGLE["cat.jpg"]}
    write_captions(kaggle / "captions.txt", rows_of(copied))
    assert counts(wall.add(kaggle)) == {"added": 1, "unchanged": 3}


def test_equal_pictures_move_one_for_one_each_with_its_own_captions(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    images = tmp_path / "source" / "Images"
    images.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        (images / name).write_bytes(picture_bytes())
    captions = images.parent / "captions.txt"
    write_captions(captions, [("a.jpg", "first"), ("b.jpg", "second")])
    wall.add(captions)
    ids = {row(wall, name)["_rowid"]: name for name in ("a.jpg", "b.jpg")}
    for name in ("c.jpg", "d.jpg", "e.jpg"):
        (images / name).write_bytes(picture_bytes())
    write_captions(captions, [("c.jpg", "second"), ("d.jpg", "first"), ("e.jpg", "third")])
    assert counts(wall.add(captions)) == {"moved": 2, "added": 1}
    assert ids[row(wall, "c.jpg")["_rowid"]] == "b.jpg"
    assert ids[row(wall, "d.jpg")["_rowid"]] == "a.jpg"
    assert wall.picture("e.jpg").thumbnail is not None


def test_pictures_in_another_folder_are_moved_under_the_same_ids(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder
) -> None:
    wall.add(kaggle, link=True)
    fake.calls.clear()
    (kaggle / "Images").rename(kaggle / "Elsewhere")
    for path in (kaggle / "Elsewhere").iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert counts(wall.add(kaggle, kaggle / "Elsewhere", link=True)) == {"moved": 3}
    assert fake.calls == []
    assert wall.picture("cat.jpg").path == kaggle / "Elsewhere" / "cat.jpg"
    assert counts(wall.add(kaggle, kaggle / "Elsewhere", link=True)) == {"unchanged": 3}


def test_a_folder_that_is_reached_through_a_link_is_the_same_folder(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    (kaggle / "linked").symlink_to(kaggle / "Images", target_is_directory=True)
    (kaggle / "Images" / "cat.jpg").rename(kaggle / "Images" / "real.jpg")
    (kaggle / "Images" / "cat.jpg").symlink_to(kaggle / "Images" / "real.jpg")
    wall.add(kaggle)
    assert wall.picture("cat.jpg").path == kaggle / "Images" / "real.jpg"
    assert counts(wall.add(kaggle)) == {"unchanged": 3}
    assert counts(wall.add(kaggle, kaggle / "linked")) == {"unchanged": 3}


def test_a_moved_picture_that_is_now_linked_gives_up_its_bytes(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    renamed(kaggle, "cat.jpg", "tom.jpg")
    assert counts(wall.add(kaggle, link=True)) == {"moved": 1, "updated": 2}
    moved = wall.picture("tom.jpg")
    assert (moved.image, moved.width) == (None, 60)
    assert moved.thumbnail is not None


def test_vanished_pictures_are_counted_and_kept(wall: cavewall.Wall, kaggle: Path) -> None:
    wall.add(kaggle)
    left = {name: KAGGLE[name] for name in ("dog.jpg", "bus.jpg")}
    write_captions(kaggle / "captions.txt", rows_of(left))
    for _ in range(2):
        assert counts(wall.add(kaggle)) == {"unchanged": 2, "vanished": 1}
    assert len(wall) == 3


def test_a_picture_that_is_listed_has_not_vanished_whatever_is_wrong_with_it(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    (kaggle / "Images" / "dog.jpg").unlink()
    (kaggle / "Images" / "cat.jpg").write_bytes(b"no picture")
    write_captions(kaggle / "captions.txt", rows_of({**KAGGLE, "bus.jpg": (" ",)}))
    assert counts(wall.add(kaggle, prune=True)) == {"unchanged": 1, "skipped": 2}
    assert len(wall) == 3


def test_what_lies_in_a_folder_that_cannot_be_read_has_not_vanished(
    wall: cavewall.Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "pictures"
    for name in ("a.jpg", "closed/b.jpg", "closed/deep/c.jpg", "closed-not/d.jpg", "e.jpg"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(picture_bytes() + name.encode())
        (source / name).with_suffix(".txt").write_text(name)
    assert counts(wall.add(source)) == {"added": 5}
    for path in (source / "closed-not").iterdir():
        path.unlink()
    real = os.scandir

    def scandir(folder: Any) -> Any:
        if Path(folder) == source / "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    report = wall.add(source, prune=True)
    assert counts(report) == {"unchanged": 2, "vanished": 1, "removed": 1, "skipped": 1}
    assert report.skipped[0].image_id == "closed/"
    assert len(wall) == 4
    # Once it can be read, its new pictures are among those to retry, and the others' are not.
    monkeypatch.undo()
    for name in ("new.jpg", "closed/new.jpg"):
        (source / name).write_bytes(picture_bytes("white") + name.encode())
        (source / name).with_suffix(".txt").write_text("new")
    assert counts(wall.add(source, retry=True)) == {"added": 1, "unchanged": 2}
    assert wall.rejects() == ()
    assert counts(wall.add(source)) == {"added": 1, "unchanged": 5}


class Watcher:
    def __init__(self) -> None:
        self.pruned: list[int] = []

    def planned(self, plan: Plan) -> None:
        pass

    def advanced(self, pictures: int) -> None:
        pass

    def pruning(self, pictures: int) -> None:
        self.pruned.append(pictures)


def test_prune_removes_what_vanished_from_that_source_alone(
    wall: cavewall.Wall, kaggle: Path, tmp_path: Path
) -> None:
    wall.add(kaggle)
    wall.add([Picture("other", ("a hen",), image=picture_bytes())])
    left = {name: KAGGLE[name] for name in ("dog.jpg", "bus.jpg")}
    write_captions(kaggle / "captions.txt", rows_of(left))
    watcher = Watcher()
    report = wall.add(kaggle, prune=True, progress=watcher)
    assert counts(report) == {"unchanged": 2, "vanished": 1, "removed": 1}
    assert watcher.pruned == [1]
    assert {hit.image_id for hit in wall.search("a", k=9)} == {"dog.jpg", "bus.jpg", "other"}
    again = wall.add(kaggle, prune=True, progress=watcher)
    assert counts(again) == {"unchanged": 2}
    assert watcher.pruned == [1]


def test_prune_takes_no_more_than_half_unless_somebody_insists(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    write_captions(kaggle / "captions.txt", [("dog.jpg", KAGGLE["dog.jpg"][0])])
    source = kaggle / "captions.txt"
    with pytest.raises(InputError) as refused:
        wall.add(kaggle, prune=True)
    assert str(refused.value) == (
        f"2 of the 3 pictures that {source} brought are no longer in it, and none of them was "
        "removed: is a disk not mounted, a folder not there? Say --yes as well to remove them. "
        "All else is done"
    )
    assert len(wall) == 3
    assert wall.picture("dog.jpg").captions == (KAGGLE["dog.jpg"][0],)
    report = wall.add(kaggle, prune=True, insist=True)
    assert counts(report) == {"unchanged": 1, "vanished": 2, "removed": 2}
    assert len(wall) == 1


def test_what_moved_is_not_pruned_though_all_of_it_did(wall: cavewall.Wall, kaggle: Path) -> None:
    wall.add(kaggle)
    for name in KAGGLE:
        (kaggle / "Images" / name).rename(kaggle / "Images" / f"new-{name}")
    moved = {f"new-{name}": texts for name, texts in KAGGLE.items()}
    write_captions(kaggle / "captions.txt", rows_of(moved))
    assert counts(wall.add(kaggle, prune=True)) == {"moved": 3}


def test_pictures_in_memory_neither_vanish_nor_are_pruned(wall: cavewall.Wall) -> None:
    a, b = (Picture(name, (name,), image=picture_bytes()) for name in "ab")
    wall.add([a])
    assert counts(wall.add([b])) == {"added": 1}
    with pytest.raises(InputError, match="prune needs a source that stays: a file or folder"):
        wall.add([b], prune=True)
    assert len(wall) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retry": True, "overwrite": True}, "it goes with neither overwrite nor prune"),
        ({"retry": True, "prune": True}, "it goes with neither overwrite nor prune"),
        ({"overwrite": True, "prune": True}, "overwrite leaves nothing to prune"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    wall: cavewall.Wall, kaggle: Path, options: dict[str, bool], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        wall.add(kaggle, **options)  # type: ignore[arg-type]


def test_a_wall_replaced_under_an_add_is_told_and_not_mixed(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 1)
    wall.add([Picture("first", ("x",), image=picture_bytes())])
    other = cavewall.open(wall.address, FakeEncoder())

    def pictures() -> Any:
        yield Picture("a", ("a",), image=picture_bytes())
        yield Picture("b", ("b",), image=picture_bytes())
        yield Picture("c", ("c",), image=picture_bytes())
        other.add(kaggle, overwrite=True)
        yield Picture("d", ("d",), image=picture_bytes())

    with pytest.raises(InputError, match="was replaced while this add ran"):
        wall.add(pictures())
    assert {hit.image_id for hit in wall.search("a", k=9)} == set(KAGGLE)


def test_captions_of_what_others_remove_meanwhile_are_told_and_not_counted(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    (kaggle / "Images" / "cat.jpg").unlink()
    write_captions(kaggle / "captions.txt", rows_of({**KAGGLE, "cat.jpg": ("a lion",)}))
    other = cavewall.open(wall.address, FakeEncoder())

    class Meanwhile(Watcher):
        def planned(self, plan: Plan) -> None:
            other.maintenance.delete(["cat.jpg"])

    report = wall.add(kaggle, progress=Meanwhile())
    assert counts(report) == {"unchanged": 2, "skipped": 1}
    assert report.skipped[0].reason.startswith("missing: someone removed it from the wall")
    assert len(wall) == 2


def test_what_others_write_meanwhile_hides_no_change_of_this_add(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 1)
    wall.add(kaggle)
    other = cavewall.open(wall.address, FakeEncoder())

    class Meanwhile(Watcher):
        def planned(self, plan: Plan) -> None:
            other.add([Picture("hen", ("a hen",), image=picture_bytes())])

    assert counts(wall.add(kaggle, link=True, progress=Meanwhile())) == {"updated": 3}
    assert wall.picture("cat.jpg").image is None
    assert wall.picture("hen").image == picture_bytes()
