"""Groups of rows that are nearly one direction, against counting every pair."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall.maintenance.near_duplicates import near_groups, same_groups


def directions(*degrees: float) -> NDArray[np.float32]:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_groups_are_chains_of_near_rows() -> None:
    rows = directions(0, 90, 8, 180, 16, 93, 270)
    assert near_groups(rows, float(np.cos(np.deg2rad(10)))) == [[0, 2, 4], [1, 5]]
    assert near_groups(rows, float(np.cos(np.deg2rad(5)))) == [[1, 5]]
    assert near_groups(rows, 1.1) == []


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_make_no_group(count: int) -> None:
    assert near_groups(np.ones((count, 3), np.float32), 0.5) == []


def test_the_same_rows_are_one_group_however_many() -> None:
    rows = np.repeat(directions(0, 90), 30_000, axis=0)
    groups = near_groups(rows, 0.99)
    assert [len(group) for group in groups] == [30_000, 30_000]


def brute(rows: NDArray[np.float32], threshold: float) -> list[list[int]]:
    near = rows @ rows.T >= threshold
    groups, seen = [], set[int]()
    for start in range(len(rows)):
        if start in seen:
            continue
        group, todo = {start}, [start]
        while todo:
            for other in np.flatnonzero(near[todo.pop()]).tolist():
                if other not in group:
                    group.add(other)
                    todo.append(other)
        seen |= group
        if len(group) > 1:
            groups.append(sorted(group))
    return groups


@pytest.mark.parametrize("many", [4_000_000, 10])
def test_blocks_find_what_all_pairs_find(many: int) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[150] = rows[3]
    expected = brute(rows, 0.95)
    assert len(expected) > 5
    shares: list[float] = []
    found = near_groups(rows, 0.95, shares.append, block_rows=16, many_pairs=many)
    assert found == expected
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_equal_labels_are_groups_in_the_order_of_their_first_places() -> None:
    assert same_groups(np.array([5, 3, 5, 9, 3, 5])) == [[0, 2, 5], [1, 4]]
    assert same_groups(np.array([], np.int64)) == []
