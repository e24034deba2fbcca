"""A process that computes a UMAP layout is killed: nothing half-made is served, the next ends."""

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

MAKER = Path(__file__).with_name("umap_maker.py")


def test_after_kills_the_layout_is_as_if_nothing_had_been(tmp_path: Path) -> None:
    pytest.importorskip("umap", reason="pip install 'cavewall[map]'")
    wall = mapped_wall(tmp_path / "wall", 4000)
    shutil.copytree(wall.address, tmp_path / "whole")
    for share in (0.0, 0.2, 0.4, 0.8):
        process = subprocess.Popen([sys.executable, str(MAKER), wall.address])
        end = time.monotonic() + 300
        while (found := wall.map.layouts()[1]).state != "computing" or (found.share or 0.0) < share:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.005)
        process.kill()
        assert process.wait() < 0
        assert wall.map.layouts()[1].state == "absent"
        assert not list(Path(wall.address).glob("derived/umap-1/*-v*"))
    made = wall.map.build("umap")
    whole = cavewall.open(tmp_path / "whole", FakeEncoder()).map.build("umap")
    np.testing.assert_array_equal(made.positions, whole.positions)
