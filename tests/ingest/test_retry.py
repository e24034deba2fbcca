"""What is not taken: kept with the wall, retried alone, or a reason to stop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import lance
import pytest

import cavewall
from cavewall.errors import InputError, WallNotFoundError
from cavewall.ingest import batches
from cavewall.models import Picture, Reject
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", fake)


@pytest.fixture
def partial(kaggle: Path) -> Path:
    """`kaggle`, whose cat is broken, whose bus is not there, and one that leads out."""
    (kaggle / "Images" / "cat.jpg").rename(kaggle / "cat.jpg")
    (kaggle / "Images" / "bus.jpg").rename(kaggle / "bus.jpg")
    (kaggle / "Images" / "cat.jpg").write_bytes(b"")
    rows = [*rows_of(KAGGLE), ("../cat.jpg", "out")]
    write_captions(kaggle / "captions.txt", rows)
    return kaggle


def expected(partial: Path, line: int = 8) -> tuple[Reject, ...]:
    images, source = partial / "Images", str(partial / "captions.txt")
    return (
        Reject("bus.jpg", f"missing: {images / 'bus.jpg'}", str(images / "bus.jpg"), source),
        Reject(
            "../cat.jpg",
            f"outside: the path leads out of {images}",
            f"{source}, line {line}",
            source,
        ),
        Reject("cat.jpg", "unreadable: the file is empty", str(images / "cat.jpg"), source),
    )


def rejects_version(wall: cavewall.Wall) -> int:
    return int(lance.dataset(f"{wall.address}/rejects.lance").version)


def test_each_reject_is_kept_with_reason_and_place(wall: cavewall.Wall, partial: Path) -> None:
    report = wall.add(partial)
    assert wall.rejects() == expected(partial)
    assert [(found.image_id, found.reason, found.place) for found in report.skipped] == [
        (found.image_id, found.reason, found.place) for found in expected(partial)
    ]
    assert report.to_dict()["skipped"][0].keys() == {"image_id", "reason"}
    assert wall.rejects()[0].to_dict().keys() == {"image_id", "reason", "place", "source"}
    # Nothing is written where nothing changed.
    before = rejects_version(wall), wall.info()["version"]
    wall.add(partial)
    assert (rejects_version(wall), wall.info()["version"]) == before


def test_the_place_is_told_from_everywhere(
    wall: cavewall.Wall, partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(partial)
    wall.add(".")
    assert [found.place for found in wall.rejects()] == [found.place for found in expected(partial)]


def test_rejects_are_of_the_sources_last_add_and_each_source_has_its_own(
    wall: cavewall.Wall, partial: Path
) -> None:
    wall.add(partial)
    speechless = Picture("mute", (), image=picture_bytes())
    wall.add([speechless])
    mute = Reject("mute", "no-caption: every caption is empty", "pictures", "pictures")
    assert wall.rejects() == (*expected(partial), mute)
    assert wall.rejects("pictures") == (mute,)
    for source in (partial, partial / "captions.txt", str(partial)):
        assert wall.rejects(source) == expected(partial)
    assert wall.rejects(partial / "Images") == ()
    shutil.move(partial / "bus.jpg", partial / "Images" / "bus.jpg")
    wall.add(partial)
    assert wall.rejects() == (mute, *expected(partial)[1:])
    wall.add(partial, overwrite=True)
    assert wall.rejects() == expected(partial)[1:]


def test_a_source_without_faults_keeps_no_rejects_and_writes_none(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    with pytest.raises(WallNotFoundError):
        wall.rejects()
    wall.add(kaggle)
    assert wall.rejects() == ()
    assert not (Path(wall.address) / "rejects.lance").exists()


def test_names_that_are_no_unicode_are_kept_as_well_as_can_be(wall: cavewall.Wall) -> None:
    wall.add([Picture("a", ("x",), image=picture_bytes()), Picture("\udcff.jpg", ("x",))])
    (found,) = wall.rejects()
    assert found.image_id == "?.jpg"


def test_retry_takes_up_the_rejects_alone(
    wall: cavewall.Wall, partial: Path, fake: FakeEncoder
) -> None:
    wall.add(partial)
    shutil.move(partial / "bus.jpg", partial / "Images" / "bus.jpg")
    # The dog has changed meanwhile, and is none of the rejects.
    rows = rows_of({**KAGGLE, "dog.jpg": ("a wolf",)})
    write_captions(partial / "captions.txt", [*rows, ("new.jpg", "new"), ("../cat.jpg", "out")])
    fake.calls.clear()
    report = wall.add(partial, retry=True)
    assert (report.added, report.updated, report.unchanged, report.vanished) == (1, 0, 0, 0)
    assert fake.calls == [["warm"], list(KAGGLE["bus.jpg"])]
    assert [found.image_id for found in report.skipped] == ["../cat.jpg", "cat.jpg"]
    assert wall.rejects() == expected(partial)[1:]
    assert wall.picture("dog.jpg").captions == KAGGLE["dog.jpg"]
    shutil.move(partial / "cat.jpg", partial / "Images" / "cat.jpg")
    assert wall.add(partial, retry=True).added == 1
    assert wall.rejects() == expected(partial)[1:2]


def test_retry_without_rejects_does_nothing(wall: cavewall.Wall, kaggle: Path) -> None:
    assert wall.add(kaggle, retry=True).added == 0
    assert not Path(wall.address).exists()
    wall.add(kaggle)
    report = wall.add(kaggle, retry=True)
    assert (report.added, report.unchanged, report.skipped) == (0, 0, ())


def test_strict_stops_before_anything_is_read_where_the_fault_is_seen_at_once(
    wall: cavewall.Wall, partial: Path
) -> None:
    place = partial / "Images" / "bus.jpg"
    with pytest.raises(InputError) as stopped:
        wall.add(partial, strict=True)
    assert str(stopped.value) == (
        f"stopped at bus.jpg: missing: {place} (in {place}; strict). Without --strict it is listed "
        "and left out"
    )
    assert not Path(wall.address).exists()


def test_strict_keeps_what_was_written_before_the_fault(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 2)

    def pictures() -> Iterator[Picture]:
        for number in range(6):
            data = b"" if number == 5 else picture_bytes()
            yield Picture(str(number), ("x",), image=data)

    with pytest.raises(InputError, match=r"stopped at 5: unreadable: the file is empty"):
        wall.add(pictures(), strict=True)
    assert len(wall) == 4
    assert wall.add(pictures()).unchanged == 4


def test_strict_without_faults_is_as_any_add(wall: cavewall.Wall, kaggle: Path) -> None:
    assert wall.add(kaggle, strict=True).added == 3
