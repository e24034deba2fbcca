"""The lock of a wall: one at a time, gone with its holder, not inherited."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest

from cavewall.errors import DiskSpaceError
from cavewall.storage.locks import raise_on_disk_full, write_lock

HOLDER = """
import subprocess, sys, time
from cavewall.storage.locks import write_lock
with write_lock(sys.argv[1]):
    # A child that outlives its parent, to whom the lock must not pass.
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"],
                             stdout=subprocess.DEVNULL, close_fds=False)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def is_free(address: Path) -> bool:
    lock = filelock.FileLock(address / ".writing.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    lock.release()
    return True


def test_one_thread_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with write_lock(str(tmp_path)):
            order.append("second")

    with write_lock(str(tmp_path)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is Unix's")
def test_it_goes_with_the_process_that_holds_it_though_a_child_lives_on(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        assert not is_free(tmp_path)
        holder.kill()
        holder.wait()
        os.kill(child, 0)
        assert is_free(tmp_path)
    finally:
        os.kill(child, 9)
        holder.stdout.close()


def test_object_storage_needs_no_lock() -> None:
    with write_lock("s3://bucket/wall"):
        pass


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("LanceError(IO): Generic LocalFileSystem error: No space left on device"),
        RuntimeError("Disk quota exceeded (os error 122)"),
        OSError(errno.EFBIG, "File too large"),
    ],
)
def test_a_full_disk_is_told_in_one_sentence(fault: Exception) -> None:
    with (
        pytest.raises(DiskSpaceError, match=r"the disk of /a/wall is full: what was written"),
        raise_on_disk_full("/a/wall"),
    ):
        raise fault


def test_other_faults_pass_as_they_are() -> None:
    with pytest.raises(OSError, match="denied"), raise_on_disk_full("/a/wall"):
        raise OSError(errno.EACCES, "denied")


def test_it_tells_whether_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise NotImplementedError

    with write_lock(str(tmp_path)) as is_held:
        assert is_held
    with write_lock("s3://bucket/wall") as is_held:
        assert not is_held
    monkeypatch.setattr(filelock.FileLock, "__enter__", unknown)
    with write_lock(str(tmp_path)) as is_held:
        assert not is_held
