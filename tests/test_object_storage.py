"""A wall in object storage, as its owner uses it: everything that a folder does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.errors import StorageError, WallNotFoundError
from cavewall.models import Picture
from cavewall.storage import Store
from cavewall.testing import FakeEncoder, FakeImageEncoder, toy_wall
from tests.conftest import picture_bytes
from tests.pages import ROOT
from tests.s3 import BUCKET, CUT, Way, client

pytestmark = pytest.mark.s3

TOY = ["beach-dog.jpg", "beach-human.jpg", "sea-boat.jpg", "snow-dog.jpg", "snow-human.jpg"]
TOY += ["street-bus.jpg"]
MAIN = "from cavewall.cli import main; main()"


def pictures(*names: str, source_colour: Any = "red") -> list[Picture]:
    return [
        Picture(name, (f"a {name} on sand",), image=picture_bytes(source_colour)) for name in names
    ]


def ids(address: str) -> list[str]:
    store = Store.open(address)
    found: list[str] = store.snapshot().ids.to_pylist()
    return sorted(found)


def test_everything_that_a_folder_does(s3: str, tmp_path: Path) -> None:
    wall = toy_wall(s3)
    assert len(wall.search("dog", 6)) == 6
    assert wall.search("dog - sand + snow", 1)[0].image_id == "snow-dog.jpg"
    assert wall.maintenance.index().pictures == 6
    assert wall.picture("sea-boat.jpg").image is not None
    assert wall.add(pictures("new.jpg")).added == 1
    assert wall.add(pictures("new.jpg")).unchanged == 1
    named = wall.versions.tag("before")
    assert wall.maintenance.delete(["new.jpg"]) == 1
    wall.versions.restore("before")
    assert "new.jpg" in ids(s3)
    assert "before" in [name for version in wall.versions.all() for name in version.tags]
    assert named < wall.version
    wall.terms.save("dogs", "dog - snow")
    assert wall.search("@dogs", 1)[0].image_id == "beach-dog.jpg"
    assert wall.add([Picture("bare.jpg", ("x",))]).skipped
    assert [reject.image_id for reject in wall.rejects()] == ["bare.jpg"]
    assert wall.maintenance.doctor().healthy
    assert wall.maintenance.optimize().fragments_after == 1
    assert wall.maintenance.duplicates().pictures == 7
    wall.add(pictures("only.jpg"), overwrite=True)
    assert ids(s3) == ["only.jpg"]


def test_models_spaces_and_exports(s3: str, tmp_path: Path) -> None:
    wall = toy_wall(s3)
    assert wall.model.reencode(FakeEncoder(16)).filled.encoded == 6
    wall.model.switch()
    assert cavewall.open(s3, FakeEncoder(16)).search("dog", 1)[0].image_id == "beach-dog.jpg"
    assert wall.maintenance.export(tmp_path / "out.parquet") == 6
    assert len(wall.map.build()) == 6
    seen = cavewall.open(f"{s3}-seen", FakeEncoder(), FakeImageEncoder())
    assert seen.add([Picture("y.jpg", (), image=picture_bytes("blue"))]).added == 1
    assert seen.search("blue", 1)[0].image_id == "y.jpg"


def test_what_was_derived_is_on_this_machine_and_a_search_asks_for_little(
    s3: str, way: Way
) -> None:
    toy_wall(s3).search("dog")
    again = cavewall.open(s3, FakeEncoder())
    again.search("dog", 2)
    way.requests.clear()
    again.search("cat", 2, thumbnails=False)
    # Whether there is a newer version, and nothing else.
    assert [method for method, _ in way.requests] == ["GET"]


WRITER = """
import sys
import cavewall
from cavewall.testing import FakeEncoder
sys.path.insert(0, {tests!r})
from tests.test_object_storage import pictures
wall = cavewall.open({address!r}, FakeEncoder())
for start in range(0, 30, 5):
    same = [f"same{{at}}.jpg" for at in range(start, start + 5)]
    mine = [f"{{sys.argv[1]}}{{at}}.jpg" for at in range(start, start + 5)]
    report = wall.add(pictures(*same, *mine))
    assert not report.skipped, report
    print(report.added, report.unchanged)
"""


def test_two_writers_lose_nothing_and_bring_nothing_twice(s3: str) -> None:
    script = WRITER.format(address=s3, tests=str(ROOT))
    writers = [
        subprocess.Popen([sys.executable, "-c", script, name], stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    said = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    expected = [f"{name}{at}.jpg" for name in ("a", "b", "same") for at in range(30)]
    assert ids(s3) == sorted(expected)
    added = sum(int(line.split()[0]) for text in said for line in text.splitlines())
    # Each picture that both brought was added by one of them, and found by the other.
    assert added == 90


def once_at_a_commit(way: Way, work: Callable[[], object]) -> None:
    """Have the work done when a commit of the wall's table is about to be put."""
    done: list[bool] = []

    def at_commit(method: str, path: str) -> None:
        if method == "PUT" and "pictures.lance/_versions/" in path and not done:
            done.append(True)
            work()

    way.fault = at_commit


def test_an_id_that_another_source_brings_during_a_commit_is_not_overwritten(
    s3: str, s3_endpoint: str, way: Way, tmp_path: Path
) -> None:
    toy_wall(s3)
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "x.jpg").write_bytes(picture_bytes("blue" if name == "one" else "green"))
        (folder / "captions.csv").write_text("image,caption\nx.jpg,a dog\n")
    other = cavewall.open(s3, FakeEncoder())
    once_at_a_commit(way, lambda: other.add(tmp_path / "one"))
    report = cavewall.open(s3, FakeEncoder()).add(tmp_path / "two")
    (reject,) = report.skipped
    assert reject.reason.startswith("duplicate: another picture of this id came from")
    assert other.picture("x.jpg").image == (tmp_path / "one/x.jpg").read_bytes()


def test_a_connection_that_is_cut_in_the_middle_of_a_commit(s3: str, way: Way) -> None:
    wall = toy_wall(s3)
    before = wall.version
    way.fault = lambda method, path: (CUT, "") if method == "PUT" and "_versions/" in path else None
    with pytest.raises(StorageError, match=r"does not answer.*run the same command again"):
        wall.add(pictures("new.jpg"))
    way.fault = lambda method, path: None
    assert cavewall.open(s3, FakeEncoder()).version == before
    assert ids(s3) == TOY
    assert wall.add(pictures("new.jpg")).added == 1
    assert wall.maintenance.doctor().healthy


def test_a_commit_that_was_made_but_not_answered_is_not_made_twice(
    s3: str, s3_endpoint: str, way: Way
) -> None:
    wall = toy_wall(s3)
    way.after = lambda method, path: method == "PUT" and "pictures.lance/_versions/" in path
    wall.add(pictures("new.jpg"))
    assert ids(s3) == sorted([*TOY, "new.jpg"])


def test_a_throttling_server_is_asked_again_and_then_told_of(s3: str, way: Way) -> None:
    wall = toy_wall(s3)
    way.fault = lambda method, path: (503, "SlowDown") if method == "PUT" else None
    with pytest.raises(StorageError, match="asks for fewer requests"):
        wall.add(pictures("new.jpg"))
    way.fault = lambda method, path: None
    assert ids(s3) == TOY


def test_a_reader_whose_version_was_cleaned_up_asks_the_newest(s3: str) -> None:
    reader = toy_wall(s3)
    assert len(reader.search("dog")) == 6
    writer = Store.open(s3)
    reader.connection.store()
    writer.handle().delete("image_id = 'sea-boat.jpg'")
    writer.handle().optimize.compact_files()
    writer.handle().cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
    assert len(reader.search("dog")) == 5


def upload(folder: Path, address: str, endpoint: str) -> None:
    prefix = address.partition(f"{BUCKET}/")[2]
    boto = client(endpoint)
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            boto.upload_file(str(file), BUCKET, f"{prefix}/{file.relative_to(folder).as_posix()}")


def test_a_folder_that_is_copied_into_a_bucket_is_a_wall(
    s3: str, s3_endpoint: str, tmp_path: Path
) -> None:
    here = toy_wall(tmp_path / "wall")
    here.terms.save("dogs", "dog - snow")
    here.versions.tag("moved")
    upload(tmp_path / "wall", s3, s3_endpoint)
    there = cavewall.open(s3, FakeEncoder())
    assert [hit.image_id for hit in there.search("@dogs", 6)] == [
        hit.image_id for hit in here.search("@dogs", 6)
    ]
    assert there.picture("sea-boat.jpg").image == here.picture("sea-boat.jpg").image
    assert there.maintenance.doctor().healthy
    assert there.add(pictures("new.jpg")).added == 1
    assert "moved" in [name for version in there.versions.all() for name in version.tags]


def test_the_command_on_a_bucket_that_is_not_there(s3: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MAIN, "info", "--wall", "s3://nobody/w", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.count("\n") <= 2
    assert "there is no bucket nobody" in run.stderr


def test_nothing_there_is_told_with_the_command_that_makes_it(s3: str) -> None:
    with pytest.raises(WallNotFoundError, match=f"cavewall add SOURCE --wall {s3}"):
        cavewall.open(s3).search("dog")
