"""The captions' words against a straightforward reading of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall._internal.tokenize import TermPattern, term_patterns, tokenize
from cavewall.index.inverted_index import InvertedIndex
from tests.profile import scaled

CAPTIONS = [
    ["A dog on the beach", "a brown dog"],
    [],
    ["the beach of Brighton"],
    ["on the", "beach dog"],
    ["!!!"],
]
INDEX = InvertedIndex.from_captions(CAPTIONS)


def test_the_words_stand_in_one_line_with_a_gap_behind_each_caption() -> None:
    assert INDEX.words.to_pylist() == ["a", "beach", "brighton", "brown", "dog", "of", "on", "the"]
    assert INDEX.starts.tolist() == [0, 2, 5, 6, 7, 10, 11, 13, 16]
    #                                a     beach      brighton brown dog   of  on    the
    assert INDEX.places.tolist() == [0, 6, 4, 11, 18, 13, 7, 1, 8, 19, 12, 2, 15, 3, 10, 16]
    assert INDEX.pictures.tolist() == [0, 0, 0, 2, 3, 2, 0, 0, 0, 3, 2, 0, 3, 0, 2, 3]
    assert INDEX.lengths.tolist() == [8, 0, 4, 4, 0]


@pytest.mark.parametrize(
    ("phrase", "pictures"),
    [
        ("dog", [0, 3]),
        ("DOG", [0, 3]),
        ("beach", [0, 2, 3]),
        ("the beach", [0, 2]),  # not over the end of a caption
        ("beach dog", [3]),
        ("beach a", []),
        ("on the beach", [0]),
        ("b*", [0, 2, 3]),
        ("br*", [0, 2]),
        ("the b*", [0, 2]),
        ("b* dog", [0, 3]),
        ("beach of bright*", [2]),
        ("cat", []),
        ("dog cat", []),
        ("zz*", []),
        ("dog dog", []),
    ],
)
def test_phrases_stand_in_one_caption(phrase: str, pictures: list[int]) -> None:
    assert np.flatnonzero(INDEX.match_phrase(term_patterns(phrase))).tolist() == pictures


def test_scores_by_hand() -> None:
    # Three pictures have words, 16 / 3 in the mean; `dog` stands in two of them.
    rarity = math.log(1 + 1.5 / 2.5)
    mean = 16 / 3
    first = rarity * 2 / (2 + 1.2 * (0.25 + 0.75 * 8 / mean))
    fourth = rarity * 1 / (1 + 1.2 * (0.25 + 0.75 * 4 / mean))
    best = max(first, fourth)
    found = INDEX.scores(term_patterns("dog"))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [first / best, 0, 0, fourth / best, 0], rtol=1e-6)


def test_a_word_that_no_caption_has_scores_nothing() -> None:
    assert not INDEX.scores(term_patterns("cat zz*")).any()


def test_the_share_of_pictures_and_words_that_are_spelled_alike() -> None:
    assert INDEX.document_share(TermPattern("dog")) == pytest.approx(2 / 5)
    assert INDEX.document_share(TermPattern("b", True)) == pytest.approx(3 / 5)
    assert INDEX.document_share(TermPattern("cat")) == 0
    assert INDEX.suggest(TermPattern("brigton")) == ["brighton"]
    assert INDEX.suggest(TermPattern("xylophone")) == []


@pytest.mark.parametrize("captions", [[], [[]], [["!"], []]])
def test_a_wall_without_words(captions: list[list[str]]) -> None:
    index = InvertedIndex.from_captions(captions)
    assert index.scores(term_patterns("dog")).tolist() == [0] * len(captions)
    assert index.match_phrase(term_patterns("a dog*")).tolist() == [False] * len(captions)
    assert index.document_share(TermPattern("dog")) == 0
    assert index.suggest(TermPattern("dog")) == []


def test_what_is_written_is_read_back_mapped(tmp_path: Path) -> None:
    INDEX.to_folder(tmp_path)
    again = InvertedIndex.from_folder(tmp_path)
    assert isinstance(again.places.base, np.memmap)
    assert again.words.to_pylist() == INDEX.words.to_pylist()
    for name in ("starts", "places", "pictures", "lengths"):
        np.testing.assert_array_equal(getattr(again, name), getattr(INDEX, name))
    np.testing.assert_array_equal(
        again.scores(term_patterns("b*")), INDEX.scores(term_patterns("b*"))
    )


def test_many_pictures_are_read_in_blocks() -> None:
    many = [[f"picture {at}", "the end"] for at in range(5000)]
    index = InvertedIndex.from_captions(many)
    assert np.flatnonzero(index.match_phrase(term_patterns("picture 4711"))).tolist() == [4711]
    assert index.match_phrase(term_patterns("the end")).all()
    assert not index.match_phrase(term_patterns("end picture")).any()


# Against an oracle.

WORD = st.sampled_from(["dog", "Dog", "do", "dogs", "the", "é", "e\u0301", "犬", "t-shirt", "!"])
CAPTION = st.lists(WORD, max_size=5).map(" ".join)
WALL = st.lists(st.lists(CAPTION, max_size=3), max_size=6)
QUERY = st.lists(st.sampled_from(["dog", "do*", "the", "é", "犬", "t-shirt", "x"]), min_size=1)


def matches(pattern: TermPattern, word: str) -> bool:
    return word.startswith(pattern.word) if pattern.begins else word == pattern.word


def holds(phrase: tuple[TermPattern, ...], words: list[str]) -> bool:
    return any(
        all(matches(pattern, word) for pattern, word in zip(phrase, words[at:], strict=False))
        for at in range(len(words) - len(phrase) + 1)
    )


def bm25(wanted: tuple[TermPattern, ...], wall: list[list[str]]) -> list[float]:
    texts = [[word for caption in captions for word in tokenize(caption)] for captions in wall]
    known = [words for words in texts if words]
    mean = sum(map(len, known)) / len(known) if known else 1
    scores = [0.0] * len(wall)
    for pattern in wanted:
        times = [sum(matches(pattern, word) for word in words) for words in texts]
        having = sum(count > 0 for count in times)
        for at, count in enumerate(times):
            rarity = math.log(1 + (len(known) - having + 0.5) / (having + 0.5))
            half = 1.2 * (0.25 + 0.75 * len(texts[at]) / mean)
            scores[at] += rarity * count / (count + half) if count else 0.0
    best = max(scores, default=0.0)
    return [score / best if best else 0.0 for score in scores]


@given(WALL, QUERY.map(" ".join).map(term_patterns))
@settings(max_examples=scaled(200))
def test_scores_and_phrases_are_those_of_a_plain_reading(
    wall: list[list[str]], wanted: tuple[TermPattern, ...]
) -> None:
    index = InvertedIndex.from_captions(wall)
    np.testing.assert_allclose(index.scores(wanted), bm25(wanted, wall), atol=1e-6)
    expected = [any(holds(wanted, tokenize(each)) for each in captions) for captions in wall]
    assert index.match_phrase(wanted).tolist() == expected
