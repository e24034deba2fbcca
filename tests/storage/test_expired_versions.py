"""A version that was cleaned up while somebody read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cavewall.errors import VersionExpiredError
from cavewall.storage.expired_versions import raise_if_expired, scan_batches


@pytest.mark.parametrize("fault", [OSError("Object at x Not Found"), ValueError("not found: v3")])
def test_files_that_are_gone_are_told_as_a_version_that_is(fault: Exception) -> None:
    with pytest.raises(VersionExpiredError, match=r"version 3 .*ask again"), raise_if_expired(3):
        raise fault


def test_files_may_go_between_two_batches() -> None:
    def batches() -> Iterator[int]:
        yield 1
        raise OSError("not found")

    read = scan_batches(3, batches)
    assert next(read) == 1
    with pytest.raises(VersionExpiredError, match="version 3"):
        next(read)


def test_all_batches_come_and_then_no_more() -> None:
    assert list(scan_batches(1, lambda: [1, 2])) == [1, 2]


def test_other_faults_of_a_reader_stay_what_they_are() -> None:
    def batches() -> list[int]:
        raise OSError("disk on fire")

    with pytest.raises(OSError, match="disk on fire"):
        list(scan_batches(1, batches))
    batches_read = scan_batches(1, lambda: [1])
    assert next(batches_read) == 1
    with pytest.raises(ValueError, match="not found by the caller"):
        batches_read.throw(ValueError("not found by the caller"))  # type: ignore[attr-defined]
