"""What an `add` may be asked, and what it will cost."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from cavewall.errors import DiskSpaceError, InputError
from cavewall.ingest.options import Options, Plan, check_room, plan
from cavewall.ingest.pending import PendingPicture
from cavewall.models import Picture

ROW = 24 * 1024


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "leave"}, "missing is 'skip' or 'keep', not 'leave'"),
        ({"retry": True, "prune": True}, "neither overwrite nor prune"),
        ({"retry": True, "overwrite": True}, "neither overwrite nor prune"),
        ({"overwrite": True, "prune": True}, "nothing to prune"),
    ],
)
def test_what_makes_no_sense_together_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Options(**options)  # type: ignore[arg-type]


def test_a_plan_counts_originals_and_what_a_row_costs() -> None:
    jobs = [
        PendingPicture(Picture("a"), None, size=1000),
        PendingPicture(Picture("b", image=b"x" * 500), None),
        PendingPicture(Picture("c"), None),
    ]
    assert plan(jobs, Options()) == Plan(3, 1500 + 3 * ROW, 1500)
    assert plan(jobs, Options(link=True)) == Plan(3, 3 * ROW, 1500)


def test_a_disk_that_is_too_small_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    asked = []

    def disk(folder: Path) -> object:
        asked.append(folder)
        return usage(10**12, 0, 10**9)

    monkeypatch.setattr(shutil, "disk_usage", disk)
    address = str(tmp_path / "not" / "there")
    check_room(Plan(1, 10**9, 0), address)
    with pytest.raises(DiskSpaceError, match=r"1\.5 GB are to be stored and 1\.0 GB are free at"):
        check_room(Plan(1, 1_500_000_000, 0), address)
    assert set(asked) == {tmp_path}
    check_room(Plan(1, 10**12, 0), "s3://bucket/wall")
    check_room(Plan(0, 10**12, 0), address)
