"""What is known of a picture on its way in, and the tally."""

from __future__ import annotations

import pytest

from cavewall.errors import InputError
from cavewall.ingest.pending import IngestStats, PendingPicture
from cavewall.models import Picture, Reject
from cavewall.storage import ExistingRow, captions_digest

KNOWN = ExistingRow(captions_digest(["a dog"]), "s", "d", None, None, None, True, 0)


@pytest.mark.parametrize(
    ("captions", "known", "same"),
    [(("a dog",), KNOWN, True), (("a cat",), KNOWN, False), (("a dog",), None, False)],
)
def test_it_says_the_same_where_the_wall_has_those_captions(
    captions: tuple[str, ...], known: ExistingRow | None, same: bool
) -> None:
    assert PendingPicture(Picture("a", captions), known).same_captions is same


def test_bytes_are_those_of_the_file_or_those_given() -> None:
    file, given, none = (
        PendingPicture(Picture("a"), None, size=7),
        PendingPicture(Picture("a", image=b"xy"), None),
        PendingPicture(Picture("a"), None),
    )
    assert [(job.has_file, job.bytes) for job in (file, given, none)] == [
        (True, 7),
        (True, 2),
        (False, 0),
    ]


def test_a_picture_is_skipped_once_whatever_else_is_wrong_and_the_nameless_each() -> None:
    tally = IngestStats()
    tally.skip("a", "missing: x", "/x")
    tally.skip("a", "duplicate: y", "/y")
    tally.skip("", "missing: no id", "/z")
    tally.skip("", "missing: no id", "/z")
    assert tally.skipped == [
        Reject("a", "missing: x", "/x"),
        *[Reject("", "missing: no id", "/z")] * 2,
    ]


def test_a_strict_tally_stops_at_the_first() -> None:
    with pytest.raises(InputError, match=r"stopped at a: missing: x \(in /x; strict\)"):
        IngestStats(strict=True).skip("a", "missing: x", "/x")
    with pytest.raises(InputError, match="stopped at /x"):
        IngestStats(strict=True).skip("", "missing: x", "/x")


def test_loading_the_model_is_no_part_of_the_seconds() -> None:
    tally = IngestStats(
        added=1, updated=2, unchanged=3, moved=4, vanished=5, removed=6, loading=1.5
    )
    report = tally.report(4.0)
    assert (report.seconds, report.added, report.updated, report.unchanged) == (2.5, 1, 2, 3)
    assert (report.moved, report.vanished, report.removed) == (4, 5, 6)
