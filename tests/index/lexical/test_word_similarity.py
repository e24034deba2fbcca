"""Which words say which, on collections small enough to reason about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from cavewall.index.lexical.word_similarity import Counts, nearest_weights, word_similarity

Floats = NDArray[np.float32]
Said = Sequence[Sequence[Sequence[int]]]  # pictures of captions of word numbers


def counts_of(pictures: Said, words: int) -> Counts:
    captions = [caption for picture in pictures for caption in picture]
    said = np.zeros((len(captions), words), np.float32)
    for row, caption in enumerate(captions):
        said[row, list(caption)] = 1
    owners = np.repeat(np.arange(len(pictures)), [len(picture) for picture in pictures])
    pictured = np.zeros((len(pictures), words), np.float32)
    np.add.at(pictured, owners, said)
    captions_of = np.array([len(picture) for picture in pictures], np.float32)
    return Counts(sparse.csr_matrix(said), sparse.csr_matrix(pictured), captions_of)


def chances(pictures: Said, vectors: Floats) -> Floats:
    found: Floats = word_similarity(counts_of(pictures, len(vectors)), vectors).toarray()
    return found


def units(rows: NDArray[np.floating]) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def random_pictures(seed: int, count: int, words: int) -> list[list[list[int]]]:
    random = np.random.default_rng(seed)
    likely = 1 / np.arange(1, words + 1)
    likely /= likely.sum()

    def caption() -> list[int]:
        size = int(random.integers(1, min(6, words + 1)))
        return [int(word) for word in random.choice(words, size, replace=False, p=likely)]

    return [[caption() for _ in range(random.integers(1, 6))] for _ in range(count)]


DOG, PUPPY, LEASH, SKY, SEA = range(5)
# The encoder puts puppy and leash just as near to dog, and all else far from everything.
TILTED = units(
    np.array(
        [
            [1, 0, 0, 0, 0],
            [0.8, 0.6, 0, 0, 0],
            [0.8, -0.6, 0, 0, 0],
            [0, 0, 0, 1, 0],
            [0, 0, 0, 0, 1],
        ]
    )
)
REPLACED = [[[DOG], [PUPPY]]] * 20
BESIDE = [[[DOG, LEASH], [SKY]]] * 20
REST = [[[SEA], [SKY]]] * 200


def test_words_that_replace_each_other_say_each_other_more_than_words_side_by_side() -> None:
    found = chances([*REPLACED, *BESIDE, *REST], TILTED)
    assert found[DOG, PUPPY] > 0.4
    assert found[DOG, LEASH] < found[DOG, PUPPY] / 2
    assert found[PUPPY, DOG] > found[LEASH, DOG]


def test_near_words_that_no_picture_holds_together_lie_between() -> None:
    apart = [[[PUPPY]]] * 20
    found = chances([*REPLACED, *BESIDE, *REST], TILTED)[DOG]
    alone = chances([*[[[DOG], [SKY]]] * 20, *apart, *BESIDE, *REST], TILTED)[DOG]
    assert alone[LEASH] < alone[PUPPY] < found[PUPPY]


def test_words_far_apart_say_nothing_of_each_other_however_often_they_meet() -> None:
    found = chances([[[DOG], [SKY]]] * 50, TILTED)
    assert found[DOG, SKY] == found[SKY, DOG] == 0


@pytest.mark.parametrize(
    ("cosine", "said"), [(0.25, False), (0.29, False), (0.31, True), (0.9, True)]
)
def test_only_near_words_count(cosine: float, said: bool) -> None:
    vectors = units(np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]]))
    found = chances([[[0]], [[1]]] * 30, vectors)
    assert (found[0, 1] > 0) == said


def test_nearer_words_say_more() -> None:
    angles = np.arange(5) / 8
    vectors = units(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    (row, *_) = chances([[[word]] for word in range(5)] * 30, vectors)
    assert list(row) == sorted(row, reverse=True)
    assert row[1] > row[4] > 0


@pytest.mark.parametrize("words", [1, 2, 7, 8, 9, 31, 32, 33, 100])
@pytest.mark.parametrize("dimension", [2, 5])
def test_every_word_says_itself_and_chances_are_chances(words: int, dimension: int) -> None:
    random = np.random.default_rng(words)
    vectors = units(random.normal(size=(words, dimension)))
    found = chances(random_pictures(words, 60, words), vectors)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)
    assert found.shape == (words, words)
    assert found.dtype == np.float32
    assert np.all((found == 0) | ((found >= 0.05) & (found <= 1)))


def test_no_word_is_said_by_more_than_64() -> None:
    random = np.random.default_rng(3)
    vectors = units(np.array([4.0, 0, 0]) + random.normal(size=(300, 3)))
    found = word_similarity(counts_of(random_pictures(4, 300, 300), 300), vectors)
    sizes = np.diff(found.indptr)
    assert sizes.max() == 64
    assert found.nnz == np.count_nonzero(found.data)


@pytest.mark.parametrize("words", [3, 40, 90])
@pytest.mark.parametrize("together", [True, False])
def test_words_that_the_encoder_cannot_tell_apart(words: int, together: bool) -> None:
    """A script that the model never saw: every word is its unknown token."""
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (words, 1))
    everything = [[list(range(words))]] * 30
    each = [[[word]] for word in range(words)] * 3
    found = word_similarity(counts_of(everything if together else each, words), vectors)
    assert np.all(np.isfinite(found.data))
    np.testing.assert_allclose(found.diagonal(), 1, atol=1e-6)
    assert np.diff(found.indptr).max() <= 64


def test_words_that_no_counted_caption_holds_are_known_by_their_vectors() -> None:
    found = chances([[[DOG], [SKY]]] * 30, TILTED)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)
    assert found[PUPPY, DOG] > 0


def test_pictures_without_captions_change_nothing() -> None:
    pictures = [*REPLACED, *BESIDE, *REST]
    np.testing.assert_array_equal(chances([*pictures, [], []], TILTED), chances(pictures, TILTED))


def test_no_captions_at_all_leave_the_vectors() -> None:
    found = chances([[], []], TILTED)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)


@pytest.mark.parametrize("block", [1, 7, 99, 100])
def test_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(8)
    vectors = units(random.normal(size=(100, 5)))
    pictures = random_pictures(9, 100, 100)
    whole = chances(pictures, vectors)
    monkeypatch.setattr("cavewall.index.lexical.word_similarity._BLOCK", block)
    np.testing.assert_allclose(chances(pictures, vectors), whole, atol=1e-5)


# Unknown words, through their nearest.


def test_the_nearest_words_by_hand() -> None:
    cosines = np.array([[0.5, 0.9, 0.7], [1.0, 1.0, 0]], np.float32)
    nearest, weights = nearest_weights(cosines)
    by_word = np.take_along_axis(weights, np.argsort(nearest, axis=1), 1)
    expected = [[np.exp(-6), 1, np.exp(-3)], [1, 1, np.exp(-15)]]
    np.testing.assert_allclose(by_word, expected, rtol=1e-5)


@pytest.mark.parametrize("words", [1, 31, 32, 33, 200])
def test_the_nearest_words_are_the_nearest(words: int) -> None:
    cosines = np.random.default_rng(words).uniform(-1, 1, (4, words)).astype(np.float32)
    nearest, weights = nearest_weights(cosines)
    assert nearest.shape == weights.shape == (4, min(32, words))
    for row, found in zip(cosines, nearest, strict=True):
        assert set(found) == set(np.argsort(-row)[:32])
    np.testing.assert_array_equal(weights.max(axis=1), 1)
