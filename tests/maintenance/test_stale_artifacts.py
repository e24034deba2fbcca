"""Derived artefacts that no search uses any more."""

from __future__ import annotations

import os
import time
from pathlib import Path

import cavewall
from cavewall.maintenance.stale_artifacts import stale_artifacts
from cavewall.storage import STANDBY, Store
from cavewall.testing import FakeEncoder


def test_older_versions_abandoned_builds_and_what_stood_by_are_leftovers(
    toy: cavewall.Wall,
) -> None:
    store = Store.open(toy.address)
    derived = Path(toy.address, "derived")
    names = {
        "vectors-2": ["w-v1", f"w-v{store.version}", f"w-v{store.version + 1}", ".new", ".old"],
        "vector_standby-vectors-2": [f"w-v{store.version}"],
        "reencode-1-abc": ["w"],
    }
    for artefact, folders in names.items():
        for folder in folders:
            (derived / artefact / folder).mkdir(parents=True)
    hours_ago = time.time() - 7200
    os.utime(derived / "vectors-2" / ".old", (hours_ago, hours_ago))
    assert stale_artifacts(store) == [
        derived / "vector_standby-vectors-2" / f"w-v{store.version}",
        derived / "vectors-2" / ".old",
        derived / "vectors-2" / "w-v1",
    ]


def test_a_second_column_keeps_its_artefacts(toy: cavewall.Wall) -> None:
    toy.model.reencode(FakeEncoder(16, "other"))
    left = stale_artifacts(Store.open(toy.address))
    assert {folder.parent.name for folder in left} == {"vectors-2", "details-2"}
    toy.model.discard()
    left = stale_artifacts(Store.open(toy.address))
    assert {folder.parent.name for folder in left} == {
        "vectors-2",
        "details-2",
        f"{STANDBY}-vectors-2",
    }
