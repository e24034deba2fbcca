"""Groups of pictures, and their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall.index.clusters import Clusters
from cavewall.index.inverted_index import InvertedIndex
from cavewall.testing import FakeEncoder

Floats = NDArray[np.float32]

THINGS = ["dog beach", "bus street", "boat harbour", "horse meadow"]


def wall(each: int = 30) -> tuple[Floats, list[list[str]]]:
    """So many pictures of each thing, in turn, with a word of their own and one that all share."""
    captions = [[f"a {THINGS[at % 4]} photo number{at}"] for at in range(4 * each)]
    return FakeEncoder().encode([texts[0] for texts in captions]), captions


def clusters(vectors: Floats, captions: list[list[str]], **options: Clusters) -> Clusters:
    return Clusters.of_vectors(vectors, InvertedIndex.from_captions(captions), **options)


def test_every_group_is_named_by_what_its_captions_say() -> None:
    vectors, captions = wall()
    found = clusters(vectors, captions)
    assert len(found.centres) == len(found.terms) == round(2 * 120**0.25)
    named: set[str] = set()
    for group, terms in enumerate(found.terms):
        things = {THINGS[at % 4] for at in np.flatnonzero(found.of == group)}
        assert all(set(thing.split()) <= set(terms) for thing in things if len(things) == 1)
        named |= set(terms)
    assert {word for thing in THINGS for word in thing.split()} <= named
    assert "photo" not in named
    assert "a" not in named


def test_groups_are_the_largest_first_and_their_middles_are_theirs() -> None:
    vectors, captions = wall()
    found = clusters(vectors, captions)
    sizes = np.bincount(found.of)
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert found.of[found.middles].tolist() == list(range(len(sizes)))
    cosines = vectors @ found.centres.T
    assert (cosines.argmax(axis=1) == found.of).all()
    assert len(set(found.terms)) == len(found.terms)


def test_the_same_wall_has_the_same_groups_and_they_are_kept_as_files(tmp_path: Path) -> None:
    found, again = clusters(*wall()), clusters(*wall())
    np.testing.assert_array_equal(found.of, again.of)
    found.to_folder(tmp_path)
    kept = Clusters.from_folder(tmp_path)
    np.testing.assert_array_equal(kept.of, found.of)
    np.testing.assert_array_equal(kept.middles, found.middles)
    assert kept.terms == found.terms
    assert kept.of.dtype == np.uint16


def test_a_wall_that_grows_keeps_its_groups_in_their_order() -> None:
    vectors, captions = wall(32)
    older = clusters(vectors[:122], captions[:122])
    newer = clusters(vectors, captions, older=older)
    assert (newer.of[:122] == older.of).mean() > 0.9


@pytest.mark.parametrize(("pictures", "groups"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 3)])
def test_a_few_pictures_have_few_groups(pictures: int, groups: int) -> None:
    vectors, captions = wall()
    found = clusters(vectors[:pictures], captions[:pictures])
    assert len(found.terms) == groups
    assert found.of.shape == (pictures,)


def test_vectors_that_are_all_the_same_are_one_group() -> None:
    found = clusters(np.tile(np.array([[0.6, 0.8]], np.float32), (50, 1)), [["a dog"]] * 50)
    assert not found.of.any()
    assert (len(found.centres), found.terms) == (1, ((),))


def test_what_has_no_captions_has_no_terms() -> None:
    vectors, _ = wall()
    found = clusters(vectors, [[] for _ in vectors])
    assert set(found.terms) == {()}
