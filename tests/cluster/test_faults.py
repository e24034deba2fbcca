"""Workers, machines and drivers that die: nothing is lost, nothing there twice."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import lance
import pytest

import cavewall
from cavewall.cluster import connect
from cavewall.cluster.add_worker import TaskResult
from cavewall.errors import ClusterError, InputError, MissingExtraError
from cavewall.storage.table_admin import TableAdmin
from cavewall.testing import FakeEncoder
from tests.cluster.collection import collection, rows
from tests.cluster.conftest import MEMORY
from tests.cluster.telling import Told, encoded
from tests.conftest import picture_bytes

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster", "small_tasks")]

DRIVER = Path(__file__).with_name("driver.py")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collection(tmp_path_factory.mktemp("faults") / "source")


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What an add that nobody disturbs makes of the source."""
    address = tmp_path_factory.mktemp("faults") / "whole"
    cavewall.open(address, FakeEncoder()).add(source)
    return rows(str(address))


@pytest.fixture(scope="module")
def given_up(cluster: str, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wall onto which one task could not be brought."""
    folder = tmp_path_factory.mktemp("faults")
    there = cavewall.open(folder / "wall", Told(folder / "log", "picture number 60"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cavewall.cluster.tasks._LEAST", 8)
        with pytest.raises(ClusterError, match="3 workers died over the same task"):
            there.add(source, engine="ray")
    return folder / "wall"


@pytest.fixture
def stopped(given_up: Path, tmp_path: Path) -> cavewall.Wall:
    """The same wall, to go on with."""
    shutil.copytree(given_up, tmp_path / "stopped")
    return cavewall.open(tmp_path / "stopped", Told(tmp_path / "again"))


def noted(wall: cavewall.Wall) -> int:
    """How many rows are in the pieces of tasks that were noted as finished."""
    made = lance.dataset(f"{wall.address}/finished.lance").to_table().column("made").to_pylist()
    fragments = [fragment for said in made for fragment in TaskResult.from_json(said).fragments]
    return sum(int(json.loads(fragment)["physical_rows"]) for fragment in fragments)


def orphans(wall: cavewall.Wall) -> int:
    return TableAdmin(wall.connection.store()).orphans().files


def test_a_worker_that_is_killed_is_replaced_and_its_task_done_again(
    source: Path, whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    there = cavewall.open(
        tmp_path / "there", Told(tmp_path / "log", "picture number 30", tmp_path / "killed")
    )
    report = there.add(source, engine="ray")
    assert (tmp_path / "killed").exists()
    assert (report.added, report.skipped) == (64, ())
    assert rows(there.address) == whole
    # What the dead one left is gone, and its task alone was encoded again.
    assert orphans(there) == 0
    assert sum(times - 1 for times in encoded(tmp_path / "log").values()) <= 2 * 16 * 2


def test_a_machine_that_dies_is_done_without(
    machines: Any, source: Path, whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    doomed = machines.list_all_nodes()[-1]

    class Killing:
        def planned(self, plan: object) -> None: ...
        def pruning(self, pictures: int) -> None: ...
        def advanced(self, pictures: int) -> None:
            if doomed in machines.list_all_nodes():
                machines.remove_node(doomed, allow_graceful=False)

    there = cavewall.open(tmp_path / "there", Told(tmp_path / "log"))
    with warnings.catch_warnings():
        # Ray's own pretence of machines leaves files open.
        warnings.simplefilter("ignore")
        try:
            report = there.add(source, engine="ray", progress=Killing())
        finally:
            machines.add_node(num_cpus=1, object_store_memory=MEMORY)
            gc.collect()
    assert (report.added, report.skipped) == (64, ())
    assert rows(there.address) == whole


def test_a_task_that_kills_every_worker_is_told_and_the_others_are_kept(
    stopped: cavewall.Wall, source: Path, whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    kept = noted(stopped)
    assert len(stopped) == 0
    assert 0 < kept < 64
    assert stopped.add(source, engine="ray").added == 64
    assert rows(stopped.address) == whole
    assert len(encoded(tmp_path / "again")) == 2 * (64 - kept)


def driver(cluster: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """`cavewall` as a driver in a process of its own; it says `ready` before it begins."""
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    process = subprocess.Popen(
        [
            sys.executable,
            str(DRIVER),
            *map(str, arguments),
            "--engine",
            "ray",
            "--address",
            cluster,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    return process


def when_some_are_finished(process: subprocess.Popen[str], address: Path) -> None:
    """Wait until an add has noted two tasks as finished."""
    table = address / "finished.lance"
    while not (table.exists() and lance.dataset(str(table)).count_rows() > 1):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-C"])
def test_a_driver_that_is_stopped_leaves_the_wall_as_it_was_and_the_next_goes_on(
    cluster: str, how: signal.Signals, tmp_path: Path
) -> None:
    address, log = tmp_path / "there", tmp_path / "log"
    source = collection(tmp_path / "source")
    process = driver(cluster, log, "slow", "add", source, "--wall", address, "--json")
    when_some_are_finished(process, address)
    process.send_signal(how)
    out, said = process.communicate(timeout=60)
    assert out == ""
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert said.splitlines()[-1].startswith("error: stopped: what was written is kept")
        assert len(said.splitlines()) == 1
    assert rows(str(address)) == []
    (source / "Images" / "0000.jpg").write_bytes(picture_bytes("white"))
    before = encoded(log)
    finished = driver(
        cluster, tmp_path / "again", "fast", "add", source, "--wall", address, "--json"
    )
    out, said = finished.communicate(timeout=60)
    assert (finished.returncode, said) == (0, "")
    assert json.loads(out)["added"] == 64
    cavewall.open(tmp_path / "whole", FakeEncoder()).add(source)
    assert rows(str(address)) == rows(str(tmp_path / "whole"))
    again = encoded(tmp_path / "again")
    # The task with the picture that has changed was done again, and others were not.
    assert "picture number 0" in again
    assert before.keys() - again.keys()
    assert not (address / "finished.lance").exists()
    assert orphans(cavewall.open(address, FakeEncoder())) == 0


def test_what_optimize_has_removed_is_not_taken_up(
    stopped: cavewall.Wall, source: Path, whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert orphans(stopped) > 0
    stopped.maintenance.optimize()
    assert orphans(stopped) == 0
    stopped.add(source, engine="ray")
    assert rows(stopped.address) == whole
    assert len(encoded(tmp_path / "again")) == 128


def test_pieces_whose_files_are_gone_are_made_again(
    stopped: cavewall.Wall, source: Path, whole: list[dict[str, Any]]
) -> None:
    for file in Path(stopped.address, "pictures.lance", "data").glob("*.lance"):
        file.unlink()
    stopped.add(source, engine="ray")
    assert rows(stopped.address) == whole


def test_what_a_worker_raises_is_raised(source: Path, tmp_path: Path) -> None:
    class Refusing(FakeEncoder):
        def encode(self, texts: Any) -> Any:
            if "picture number 9" in texts:
                raise InputError("not this one")
            return super().encode(texts)

    with pytest.raises(InputError, match=r"^not this one$"):
        cavewall.open(tmp_path / "there", Refusing()).add(source, engine="ray")


class Stuck(FakeEncoder):
    """MatchPhrase what no other process can have."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


def test_an_encoder_that_cannot_travel_is_told(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be sent to the workers"):
        cavewall.open(tmp_path / "there", Stuck()).add(source, engine="ray")


# Reaching it.


@pytest.fixture
def unconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that does not use Ray yet."""
    ray = connect.imported()
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


@pytest.mark.usefixtures("unconnected")
def test_a_cluster_that_is_not_there_is_told_soon(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = cavewall.open(tmp_path / "there", FakeEncoder())
    begin = time.monotonic()
    with pytest.raises(ClusterError, match=r"the Ray cluster 127.0.0.1:1 cannot be reached"):
        there.add(source, engine="ray", ray_address="127.0.0.1:1")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:2")
    with pytest.raises(ClusterError, match=r"the Ray cluster 127.0.0.1:2 cannot be reached"):
        there.add(source, engine="ray")
    assert time.monotonic() - begin < 20
    assert not Path(there.address).exists()


@pytest.mark.usefixtures("unconnected")
@pytest.mark.parametrize("address", ["here", "ray://host:1", "host:", ":1", "host:port", "a b"])
def test_addresses_that_can_be_none_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="is no address of a Ray cluster"):
        next(connect.connected(address).gen)


def test_without_ray_its_install_command_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cavewall\[ray\]'"):
        cavewall.open(tmp_path / "there", FakeEncoder()).add(source, engine="ray")
    assert not (tmp_path / "there").exists()


def test_nothing_is_told_to_anyone() -> None:
    connect.imported()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
