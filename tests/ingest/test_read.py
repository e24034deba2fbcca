"""Files that change or go while they are read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import cavewall
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, picture_bytes


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", fake)


def growing(monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> list[Path]:
    """Files of that name grow while they are read, so many times; returns whenever that was."""
    real = Path.read_bytes
    grown: list[Path] = []

    def read(path: Path) -> bytes:
        data = real(path)
        if path.name == name and len(grown) < times:
            grown.append(path)
            with path.open("ab") as file:
                file.write(b"more")
        return data

    monkeypatch.setattr(Path, "read_bytes", read)
    return grown


def test_a_file_that_changes_once_while_it_is_read_is_read_again(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown = growing(monkeypatch, "cat.jpg", 1)
    assert wall.add(kaggle).added == 3
    assert len(grown) == 1
    monkeypatch.undo()
    path = kaggle / "Images" / "cat.jpg"
    assert wall.picture("cat.jpg").image == path.read_bytes()
    assert path.read_bytes().endswith(b"more")


def test_a_file_that_never_stands_still_is_rejected(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing(monkeypatch, "cat.jpg", 9)
    report = wall.add(kaggle)
    assert (report.added, [found.reason for found in report.skipped]) == (
        2,
        ["unreadable: the file changes while it is read"],
    )
    assert report.skipped[0].place == str(kaggle / "Images" / "cat.jpg")


def test_a_folder_that_goes_while_it_is_added_leaves_rejects_that_say_so(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    class Unplugged:
        def planned(self, plan: object) -> None:
            shutil.rmtree(kaggle / "Images")

        def advanced(self, pictures: int) -> None:
            pass

        def pruning(self, pictures: int) -> None:
            raise AssertionError

    wall.add([cavewall.Picture("first", ("x",), image=picture_bytes())])
    report = wall.add(kaggle, prune=True, progress=Unplugged())
    assert {found.image_id: found.reason for found in report.skipped} == dict.fromkeys(
        KAGGLE, "missing: the file has gone since the source was looked over"
    )
    assert len(wall) == 1
