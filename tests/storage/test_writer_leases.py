"""Who is at work on a wall, told between processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cavewall.storage.locks import write_lock
from cavewall.storage.writer_leases import other_writers, writer_lease

WORKER = """
import sys, time
from cavewall.storage.writer_leases import writer_lease
with writer_lease(sys.argv[1]):
    print("working", flush=True)
    time.sleep(60)
"""


def test_work_is_seen_while_it_goes_on(tmp_path: Path) -> None:
    address = str(tmp_path)
    assert other_writers(address) is False
    with writer_lease(address):
        assert other_writers(address) is True
        with writer_lease(address):
            assert other_writers(address) is True
        assert other_writers(address) is True
    assert other_writers(address) is False


def test_a_killed_process_is_at_work_no_more(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "working\n"
        assert other_writers(str(tmp_path)) is True
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert len(list((tmp_path / ".working").iterdir())) == 1
    assert other_writers(str(tmp_path)) is False
    assert list((tmp_path / ".working").iterdir()) == []


def test_nobody_begins_while_someone_concludes_that_nobody_is_there(tmp_path: Path) -> None:
    order: list[str] = []

    def work() -> None:
        with writer_lease(str(tmp_path)):
            order.append("begun")

    worker = threading.Thread(target=work)
    with write_lock(str(tmp_path)):
        assert other_writers(str(tmp_path)) is False
        worker.start()
        worker.join(0.2)
        order.append("concluded")
    worker.join()
    assert order == ["concluded", "begun"]


def test_a_wall_that_was_never_made_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writer_lease(str(tmp_path / "deep" / "wall")):
        raise KeyError("the source is broken")
    assert list(tmp_path.iterdir()) == []


def test_a_wall_that_was_made_stays(tmp_path: Path) -> None:
    wall = tmp_path / "deep" / "wall"
    with writer_lease(str(wall)):
        (wall / "pictures.lance").mkdir()
    assert (wall / "pictures.lance").is_dir()


def test_in_object_storage_nobody_can_tell() -> None:
    with writer_lease("s3://bucket/wall"):
        assert other_writers("s3://bucket/wall") is None


def test_where_nothing_can_be_written_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with writer_lease(str(tmp_path / "file")):
        pass
    assert other_writers(str(tmp_path / "file")) is False
