"""Derived artefacts: built once, whole or absent, swept, rebuilt after deletion."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from cavewall._internal.files import memory_map
from cavewall.index.artifacts import ArtifactStore

WALL = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Maker:
    """Builds an artefact of one file, and counts."""

    def __init__(self, text: str = "made") -> None:
        self.text = text
        self.built = 0

    def build(self, folder: Path) -> None:
        self.built += 1
        (folder / "file").write_text(self.text)

    @staticmethod
    def load(folder: Path) -> str:
        return (folder / "file").read_text()


def test_an_artefact_is_built_once(tmp_path: Path) -> None:
    maker = Maker()
    for _ in range(3):
        assert ArtifactStore(str(tmp_path), WALL).get("a-1", 7, maker.build, maker.load) == "made"
    assert maker.built == 1
    assert (tmp_path / "derived/a-1/0123456789abcdef-v7/file").is_file()


def test_a_new_version_sweeps_the_old_one(tmp_path: Path) -> None:
    derived = ArtifactStore(str(tmp_path), WALL)
    for version in (1, 2):
        derived.get("a-1", version, Maker().build, Maker.load)
    assert [path.name for path in (tmp_path / "derived/a-1").iterdir()] == ["0123456789abcdef-v2"]


def test_an_older_reader_leaves_the_newer_version_alone(tmp_path: Path) -> None:
    derived = ArtifactStore(str(tmp_path), WALL)
    for version in (2, 1):
        derived.get("a-1", version, Maker().build, Maker.load)
    assert (tmp_path / "derived/a-1/0123456789abcdef-v2").is_dir()


def test_another_wall_at_the_address_gets_its_own(tmp_path: Path) -> None:
    ArtifactStore(str(tmp_path), WALL).get("a-1", 1, Maker("old").build, Maker.load)
    other = ArtifactStore(str(tmp_path), "f" * 32)
    assert other.get("a-1", 1, Maker("new").build, Maker.load) == "new"


def test_what_was_deleted_is_built_again(tmp_path: Path) -> None:
    derived, maker = ArtifactStore(str(tmp_path), WALL), Maker()
    derived.get("a-1", 1, maker.build, maker.load)
    shutil.rmtree(tmp_path / "derived")
    assert derived.get("a-1", 1, maker.build, maker.load) == "made"
    assert maker.built == 2


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def broken(folder: Path) -> None:
        (folder / "file").write_text("half")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ArtifactStore(str(tmp_path), WALL).get("a-1", 1, broken, Maker.load)
    assert list((tmp_path / "derived/a-1").iterdir()) == []


def test_a_wall_that_cannot_be_written_uses_the_cache(tmp_path: Path, cache: Path) -> None:
    wall = tmp_path / "wall"
    wall.mkdir()
    (wall / "derived").write_text("a file where the folder would be")
    maker = Maker()
    for _ in range(2):
        assert ArtifactStore(str(wall), WALL).get("a-1", 1, maker.build, maker.load) == "made"
    assert maker.built == 1
    assert len(list(cache.glob("walls/*/a-1/*"))) == 1


def test_the_latest_is_the_newest_over_the_wall_and_the_cache(tmp_path: Path) -> None:
    wall = tmp_path / "wall"
    wall.mkdir()
    derived = ArtifactStore(str(wall), WALL)
    assert derived.load_latest("a-1", Maker.load) is None
    (wall / "derived").write_text("a file where the folder would be")
    derived.get("a-1", 5, Maker("in the cache").build, Maker.load)
    assert derived.load_latest("a-1", Maker.load) == "in the cache"
    (wall / "derived").unlink()
    derived.get("a-1", 4, Maker("on the wall").build, Maker.load)
    assert derived.load_latest("a-1", Maker.load) == "in the cache"
    derived.get("a-1", 6, Maker("newer on the wall").build, Maker.load)
    assert derived.load_latest("a-1", Maker.load) == "newer on the wall"


@pytest.mark.parametrize("damaged", ["missing", "half"])
def test_the_latest_that_does_not_load_is_skipped(tmp_path: Path, damaged: str) -> None:
    def load(folder: Path) -> str:
        if (text := Maker.load(folder)) == "half":
            raise ValueError("damaged")
        return text

    derived = ArtifactStore(str(tmp_path), WALL)
    for version in (2, 1):
        derived.get("a-1", version, Maker(f"version {version}").build, load)
    newest = tmp_path / "derived/a-1/0123456789abcdef-v2/file"
    newest.unlink()
    if damaged == "half":
        newest.write_text("half")
    assert derived.load_latest("a-1", load) == "version 1"


def test_without_any_place_to_write_it_still_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    monkeypatch.setenv("CAVEWALL_CACHE", str(blocked))
    assert (
        ArtifactStore(str(blocked / "wall"), WALL).get("a-1", 1, Maker().build, Maker.load)
        == "made"
    )


def test_a_remote_wall_keeps_its_artefacts_in_the_cache(cache: Path) -> None:
    ArtifactStore("s3://bucket/wall", WALL).get("a-1", 1, Maker().build, Maker.load)
    assert len(list(cache.glob("walls/*/a-1/*-v1"))) == 1


def test_builders_at_once_all_get_the_whole(tmp_path: Path) -> None:
    results: list[str] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        results.append(ArtifactStore(str(tmp_path), WALL).get("a-1", 1, Maker().build, Maker.load))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["made"] * 8
    assert [path.name for path in (tmp_path / "derived/a-1").iterdir()] == ["0123456789abcdef-v1"]


def test_a_mapped_array_is_a_plain_one_over_its_file(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", np.arange(6, dtype=np.float32).reshape(2, 3))
    found = memory_map(tmp_path / "numbers.npy")
    assert type(found) is np.ndarray
    assert isinstance(found.base, np.memmap)
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 9
