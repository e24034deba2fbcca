"""Vectors that outlive the process which made them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from cavewall.maintenance.vector_journal import Journal


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_vectors_come_back_by_their_digests_in_any_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 2)
    journal.add([digest(1), digest(2)], np.array([[1, 2], [3, 4]], np.float32))
    journal.add([digest(3)], np.array([[5, 6]], np.float32))
    for reader in (journal, Journal(tmp_path, 2)):
        assert len(reader) == 3
        assert digest(2) in reader
        assert digest(4) not in reader
        found = reader.vectors([digest(3), digest(1), digest(3), digest(2)])
        np.testing.assert_array_equal(found, [[5, 6], [1, 2], [5, 6], [3, 4]])
        assert reader.vectors([]).shape == (0, 2)
        with pytest.raises(KeyError):
            reader.vectors([digest(4)])


def test_half_a_file_and_vectors_of_another_length_are_passed_over(tmp_path: Path) -> None:
    Journal(tmp_path, 3).add([digest(1)], np.ones((1, 3), np.float32))
    (tmp_path / ".half").write_bytes(b"\x93NUMPY")
    assert len(Journal(tmp_path, 2)) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_no_file_stays_open_however_many_there_are(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 2)
    # Files that other tests left to the collector may be closed meanwhile: none may be opened.
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for number in range(20):
        journal.add([digest(number)], np.full((1, 2), number, np.float32))
    found = Journal(tmp_path, 2).vectors([digest(number) for number in range(20)])
    assert found[19].tolist() == [19, 19]
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208
