"""Tasks that were finished, remembered beside the wall until they are committed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cavewall.storage import TaskCheckpoints


def test_what_a_run_has_made_is_kept_until_it_is_forgotten(address: str) -> None:
    finished = TaskCheckpoints(address)
    assert finished.of("a run") == {}
    finished.keep("a run", {"one": "made of it", "two": "made of that"})
    finished.keep("a run", {"three": "more"})
    finished.keep("another", {"one": "something else"})
    assert TaskCheckpoints(address).of("a run") == {
        "one": "made of it",
        "two": "made of that",
        "three": "more",
    }
    finished.forget("a run")
    assert finished.of("a run") == {}
    assert finished.of("another") == {"one": "something else"}
    finished.forget("another")
    assert finished.of("another") == {}
    finished.forget("another")


def test_a_folder_is_left_as_it_was(tmp_path: Path) -> None:
    finished = TaskCheckpoints(str(tmp_path / "wall"))
    (tmp_path / "wall").mkdir()
    finished.keep("a run", {"one": "made of it"})
    finished.forget("a run")
    assert not list((tmp_path / "wall").glob("*.lance"))


def test_it_is_forgotten_before_lance_takes_its_files_for_abandoned(tmp_path: Path) -> None:
    finished = TaskCheckpoints(str(tmp_path))
    finished.keep("a run", {"one": "made of it"})
    assert finished.of("a run", lasts=timedelta(0)) == {}
