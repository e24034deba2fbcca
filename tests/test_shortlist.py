"""Whoever may be among the best: nobody is left out who should not be."""

from __future__ import annotations

import numpy as np
import pytest

from cavewall.shortlist import by_index, by_scores
from cavewall.vector_index import VectorIndex
from cavewall.vectors import normalise

RANDOM = np.random.default_rng(0)
VECTORS = np.asarray(normalise(RANDOM.normal(size=(2000, 8)).astype(np.float32)), np.float32)
INDEX = VectorIndex.of(VECTORS[:1500], bytes(16))
QUERY = VECTORS[3]


def test_scores_that_rounding_may_have_swapped_are_all_there() -> None:
    scores = np.array([0.5, 0.9, 0.50005, 0.1], np.float32)
    assert by_scores(scores, 0.0, 2).tolist() == [0, 1, 2]
    assert by_scores(scores, 0.0, 1).tolist() == [1]
    assert by_scores(scores, 0.0, 2, excluded=[1]).tolist() == [0, 2]
    assert by_scores(scores, 1e4, 1).tolist() == [0, 1, 2, 3]
    assert by_scores(scores, 0.0, 4, excluded=[0, 1, 2, 3]).tolist() == []
    allowed = np.array([False, True, True, False])
    assert by_scores(scores, 0.0, 4, [1], allowed).tolist() == [2]
    assert by_scores(scores, 0.0, 4, allowed=np.zeros(4, np.bool_)).tolist() == []
    assert scores.tolist() == np.array([0.5, 0.9, 0.50005, 0.1], np.float32).tolist()


@pytest.mark.parametrize("k", [1, 10, 100])
def test_the_index_finds_the_nearest(k: int) -> None:
    true = set(np.argsort(-(VECTORS @ QUERY))[:k].tolist())
    found = by_index(INDEX, VECTORS, QUERY, None, k)
    assert len(true & set(found.tolist())) / k > 0.95
    assert found.tolist() == sorted(set(found.tolist()))
    assert len(found) <= 4 * k + 200


def test_pictures_newer_than_the_index_are_found() -> None:
    found = by_index(INDEX, VECTORS, VECTORS[1999], None, 1)
    assert 1999 in found


def test_pictures_that_are_ahead_without_their_cosine_are_found_wherever_they_are() -> None:
    far = int(np.argmin(VECTORS[:1500] @ QUERY))
    beside = np.zeros(2000, np.float32)
    assert far not in by_index(INDEX, VECTORS, QUERY, beside, 10)
    beside[far] = 5
    assert far in by_index(INDEX, VECTORS, QUERY, beside, 10)


def test_excluded_pictures_take_no_one_elses_place() -> None:
    first = np.argsort(-(VECTORS @ QUERY))[:300]
    found = by_index(INDEX, VECTORS, QUERY, None, 10, excluded=first[:250].tolist())
    assert not set(found.tolist()) & set(first[:250].tolist())
    assert set(first[250:260].tolist()) <= set(found.tolist())
