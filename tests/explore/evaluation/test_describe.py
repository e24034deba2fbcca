"""Which pictures hold and show a concept."""

from __future__ import annotations

from cavewall.explore.evaluation import CaptionMatcher
from cavewall.explore.evaluation.describe import words_of

CAPTIONS = [
    ["A dog runs.", "Two dogs play", "a cat"],  # agrees on dog, shows cat
    ["A hot dog"],  # its only caption
    ["a dog and a dog", "nothing"],  # one caption names it twice
    [],
    ["a half pipe", "the HALF PIPE!", "a pipe half"],
    ["the man’s t-shirt", "a shirt"],
]


def test_words_keep_hyphens_and_apostrophes_inside() -> None:
    assert words_of("The man’s T-shirt - it's 10:30!") == [
        "the", "man's", "t-shirt", "it's", "10", "30",
    ]  # fmt: skip
    assert words_of("Ünïcode_犬") == ["ünïcode", "犬"]


def test_two_captions_or_the_only_one_hold_a_concept() -> None:
    naming = CaptionMatcher(CAPTIONS)
    dog = ("dog", "dogs")
    assert naming.counts(dog).tolist() == [2, 1, 1, 0, 0, 0]
    assert naming.holds(dog).tolist() == [True, True, False, False, False, False]
    assert naming.shows(dog).tolist() == [True, True, True, False, False, False]
    assert naming.holds(["cat"]).tolist() == [False] * 6


def test_a_phrase_is_words_in_a_row() -> None:
    naming = CaptionMatcher(CAPTIONS)
    assert naming.counts(["half pipe"]).tolist() == [0, 0, 0, 0, 2, 0]
    assert naming.counts(["hot dog"]).tolist() == [0, 1, 0, 0, 0, 0]
    assert naming.counts(["shirt"]).tolist() == [0, 0, 0, 0, 0, 1]
    assert naming.counts(["man's"]).tolist() == [0, 0, 0, 0, 0, 1]
    assert naming.counts(["!"]).tolist() == [0] * 6


def test_a_wall_without_captions_names_nothing() -> None:
    assert CaptionMatcher([]).counts(["dog"]).tolist() == []
    assert CaptionMatcher([[], []]).holds(["dog"]).tolist() == [False, False]
