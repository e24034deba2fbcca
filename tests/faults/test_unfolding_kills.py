"""A layout whose process is killed goes on where it stood, and ends as if nothing had been."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cavewall
from cavewall.testing import FakeEncoder
from tests.mapped import mapped_wall

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL is Unix's"),
]

UNFOLDER = Path(__file__).with_name("unfolder.py")


def unfolder(address: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(UNFOLDER), str(address)])


def killed_after(step: str, address: Path) -> Path:
    """Kill the process once that step is kept; the folder of the steps."""
    process = unfolder(address)
    end = time.monotonic() + 300
    while not (found := list(address.glob(f"derived/unfolding-1/*/v*/{step}"))):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.005)
    process.kill()
    assert process.wait() < 0
    return found[0].parent


def test_a_layout_killed_twice_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    pytest.importorskip("umap", reason="pip install 'cavewall[map]'")
    wall = mapped_wall(tmp_path / "wall", 4000)
    shutil.copytree(wall.address, tmp_path / "whole")
    address = Path(wall.address)
    steps = killed_after("graph.npz", address)
    assert not (steps / "places-04.npy").exists()
    assert wall.map.layouts()[1].state == "absent"
    neighbours = (steps / "neighbours").stat().st_mtime_ns
    steps = killed_after("places-01.npy", address)
    assert (steps / "neighbours").stat().st_mtime_ns == neighbours
    first = (steps / "places-00.npy").stat().st_mtime_ns
    process = unfolder(address)
    seen = first
    while process.poll() is None:
        if (steps / "places-03.npy").exists() and (steps / "places-00.npy").exists():
            seen = (steps / "places-00.npy").stat().st_mtime_ns
        time.sleep(0.01)
    assert (process.returncode, seen) == (0, first)
    assert unfolder(tmp_path / "whole").wait() == 0
    resumed = wall.map.build("umap", progress=lambda *_: pytest.fail("it is there"))
    whole = cavewall.open(tmp_path / "whole", FakeEncoder()).map.build("umap")
    np.testing.assert_array_equal(resumed.positions, whole.positions)
