"""The vectors of one version, in memory and mapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cavewall.errors import UnknownPictureError
from cavewall.storage import Snapshot

IDS = pa.array(["a", "b", "c", "d"])


def test_vectors_without_a_direction_are_left_out_and_rows_tell_whose_they_are() -> None:
    vectors = np.array([[1, 0], [0, 0], [np.nan, 1], [0, 1]], np.float32)
    found = Snapshot.from_table(7, IDS, vectors)
    assert (found.version, found.ids.to_pylist()) == (7, ["a", "d"])
    np.testing.assert_array_equal(found.vectors, [[1, 0], [0, 1]])
    assert found.rows_of([1, 0]) == [3, 0]
    assert found.position("d") == 1
    with pytest.raises(UnknownPictureError, match="no picture 'b' on this wall"):
        found.position("b")


def test_where_all_are_usable_places_are_rows() -> None:
    found = Snapshot.from_table(1, IDS, np.eye(4, dtype=np.float32))
    assert found.rows is None
    assert found.rows_of([2, 0]) == [2, 0]


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_written_is_mapped_as_it_was(tmp_path: Path, broken: bool) -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[1] *= 0 if broken else 1
    made = Snapshot.from_table(3, IDS, vectors)
    made.to_folder(tmp_path)
    found = Snapshot.from_folder(tmp_path, 3)
    assert isinstance(found.vectors.base, np.memmap)
    np.testing.assert_array_equal(found.vectors, made.vectors)
    assert found.ids.equals(made.ids)
    assert found.rows_of([1]) == made.rows_of([1]) == [2 if broken else 1]


def test_vectors_too_large_to_square_are_no_vectors() -> None:
    vectors = np.array([[1e30, 1e30], [1, 0]], np.float32)
    assert Snapshot.from_table(1, IDS[:2], vectors).ids.to_pylist() == ["b"]


def test_the_digest_of_the_first_ids_is_theirs_alone() -> None:
    ids = pa.array(["ab", "c", "", "ä"])
    vectors = np.eye(4, dtype=np.float32)
    whole = Snapshot.from_table(1, ids, vectors)
    part = Snapshot.from_table(2, pa.array(["x", "ab", "c"]).slice(1), vectors[:2])
    assert whole.ids_digest(2) == part.ids_digest(2)
    assert len(whole.ids_digest(2)) == 16
    others = [["a", "bc"], ["ab", "d"], ["c", "ab"], ["ab", "c", ""]]
    for names in others:
        other = Snapshot.from_table(3, pa.array(names), vectors[: len(names)])
        assert other.ids_digest(len(names)) != whole.ids_digest(2)
