"""UMAP beside the server: begun by who looks, seen under way, and ended with the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cavewall.explore.map import LayoutStatus
from cavewall.server.umap_worker import UmapWorker
from tests.mapped import mapped_wall
from tests.server.served import Serve

ABSENT = LayoutStatus("umap", "absent")


@pytest.fixture
def unfolder(tmp_path: Path) -> Iterator[UmapWorker]:
    """One of a wall that is not there."""
    made = UmapWorker(str(tmp_path / "nothing"))
    yield made
    made.stop()


def test_whoever_asks_for_umap_gets_it_in_the_end(tmp_path: Path, serve: Serve) -> None:
    pytest.importorskip("umap", reason="pip install 'cavewall[map]'")
    client = serve(mapped_wall(tmp_path / "wall", 60))
    first = client.get("/api/map?layout=umap").json()
    assert first["layout"] == "pca"
    assert first["layouts"][1]["state"] == "computing"
    shares, end = [0.0], time.monotonic() + 300
    while (answer := client.get("/api/map?layout=umap").json())["layout"] != "umap":
        state = answer["layouts"][1]
        assert state["state"] == "computing"
        shares.append(state["share"])
        assert time.monotonic() < end
        time.sleep(0.05)
    assert max(shares) > 0
    assert answer["layouts"][1] == {
        **{"name": "umap", "state": "ready", "share": 1.0, "variance": None, "install": None}
    }
    flat, unfolded = (client.get(f"/api/map/points?layout={name}") for name in ("pca", "umap"))
    assert len(flat.content) == len(unfolded.content)
    assert flat.content != unfolded.content
    place = client.get("/api/map/places?q=a%20dog&layout=umap").json()["query"]
    assert -1 <= place["x"] <= 1
    area = "-2,-2,0,-2,0,2,-2,2"
    assert client.get(f"/api/search?q=dog&area={area}&layout=umap").status_code == 200


def test_what_is_no_business_of_it_is_left_as_it_is(unfolder: UmapWorker) -> None:
    for state in ("ready", "computing", "missing"):
        found = LayoutStatus("umap", state)
        assert unfolder.asked(found, 2) is found


def test_a_layout_that_failed_is_not_begun_again(
    unfolder: UmapWorker, caplog: pytest.LogCaptureFixture
) -> None:
    assert unfolder.asked(ABSENT, 2).state == "computing"
    assert unfolder.asked(ABSENT, 3).state == "absent"  # one at a time
    end = time.monotonic() + 120
    while unfolder.asked(ABSENT, 2).state == "computing":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "the layout umap cannot be computed" in caplog.text
    assert unfolder.asked(ABSENT, 2) is ABSENT


def test_a_server_that_ends_begins_nothing(unfolder: UmapWorker) -> None:
    unfolder.stop()
    assert unfolder.asked(ABSENT, 2) is ABSENT
