"""Only regular files are opened, and none is read without an end."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from cavewall._internal.open_file import opened_file, read_at_most


def test_a_file_is_read_up_to_what_it_may_hold(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1234")
    assert read_at_most(tmp_path / "a", 4) == b"1234"
    with pytest.raises(OSError, match="4 bytes are more than the 3 allowed"):
        read_at_most(tmp_path / "a", 3)


def test_a_gigabyte_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(1 << 30)
    tracemalloc.start()
    with pytest.raises(OSError, match="1,073,741,824 bytes are more than the 1,000 allowed"):
        read_at_most(tmp_path / "big", 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_pipes_devices_and_folders_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "link", tmp_path):
        with pytest.raises(OSError, match="this is no regular file"), opened_file(path):
            pass


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "file").write_bytes(b"")
    file = (tmp_path / "file").stat()
    monkeypatch.setattr(os, "stat", lambda path: file)
    with pytest.raises(OSError, match="this is no regular file"), opened_file(tmp_path / "a.jpg"):
        pass


def test_what_is_missing_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), opened_file(tmp_path / "a"):
        pass
