"""Whoever may be among the best: nobody is left out who should not be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.index.ivf import IVFIndex
from cavewall.search.candidates import ann_candidates, candidates, exact_candidates

RANDOM = np.random.default_rng(0)
VECTORS = np.asarray(normalise(RANDOM.normal(size=(2000, 8)).astype(np.float32)), np.float32)
INDEX = IVFIndex.of(VECTORS[:1500], bytes(16))
QUERY = VECTORS[3]


def shortlist(
    scores: NDArray[np.float32], lipschitz: float, k: int, offset: int = 0
) -> tuple[list[int], int]:
    rows, ahead = exact_candidates(scores, lipschitz, k, offset)
    return rows.tolist(), ahead


def test_scores_that_rounding_may_have_swapped_are_all_there() -> None:
    scores = np.array([0.5, 0.9, 0.50005, 0.1], np.float32)
    assert shortlist(scores, 0.0, 2) == ([0, 1, 2], 0)
    assert shortlist(scores, 0.0, 1) == ([1], 0)
    assert shortlist(scores, 1e4, 1) == ([0, 1, 2, 3], 0)
    assert scores.tolist() == np.array([0.5, 0.9, 0.50005, 0.1], np.float32).tolist()


def test_who_may_not_answer_is_not_there() -> None:
    scores = np.array([0.5, -np.inf, 0.50005, 0.1], np.float32)
    assert shortlist(scores, 0.0, 2) == ([0, 2], 0)
    assert shortlist(scores, 0.0, 10) == ([0, 2, 3], 0)
    assert shortlist(np.full(4, -np.inf, np.float32), 0.0, 4) == ([], 0)


def test_a_late_page_holds_only_who_may_be_on_it() -> None:
    scores = np.array([0.5, 0.9, 0.50005, 0.1, 0.3, 0.2], np.float32)
    assert shortlist(scores, 0.0, 1, 1) == ([0, 2], 1)
    assert shortlist(scores, 0.0, 1, 2) == ([0, 2], 1)
    assert shortlist(scores, 0.0, 2, 3) == ([4, 5], 3)
    assert shortlist(scores, 0.0, 5, 5) == ([3], 5)
    assert shortlist(scores, 0.0, 5, 6) == ([], 6)
    assert shortlist(scores, 1e4, 1, 3) == ([0, 1, 2, 3, 4, 5], 0)


@pytest.mark.parametrize("k", [1, 10, 100])
def test_the_index_finds_the_nearest(k: int) -> None:
    true = set(np.argsort(-(VECTORS @ QUERY))[:k].tolist())
    found = ann_candidates(INDEX, VECTORS, QUERY, None, k)
    assert len(true & set(found.tolist())) / k > 0.95
    assert found.tolist() == sorted(set(found.tolist()))
    assert len(found) <= 4 * k + 400


def test_pictures_newer_than_the_index_are_found() -> None:
    found = ann_candidates(INDEX, VECTORS, VECTORS[1999], None, 1)
    assert 1999 in found


def test_pictures_that_are_ahead_without_their_cosine_are_found_wherever_they_are() -> None:
    far = int(np.argmin(VECTORS[:1500] @ QUERY))
    beside = np.zeros(2000, np.float32)
    assert far not in ann_candidates(INDEX, VECTORS, QUERY, beside, 10)
    beside[far] = 5
    assert far in ann_candidates(INDEX, VECTORS, QUERY, beside, 10)


def test_excluded_pictures_take_no_one_elses_place() -> None:
    first = np.argsort(-(VECTORS @ QUERY))[:300]
    found = ann_candidates(INDEX, VECTORS, QUERY, None, 10, excluded=first[:250].tolist())
    assert not set(found.tolist()) & set(first[:250].tolist())
    assert set(first[250:260].tolist()) <= set(found.tolist())


def test_the_less_leads_are_worth_the_more_are_scored() -> None:
    leads = np.linspace(0, 1, 10_001)
    assert candidates(leads, 10, 0.0) == 440
    # Nine deviations below the tenth: from .9991 down to .90865.
    assert candidates(leads, 10, 0.01005) == 914
    assert candidates(leads, 10, 1.0) == 4_040
    assert candidates(leads[:300], 10, 1.0) == 440
