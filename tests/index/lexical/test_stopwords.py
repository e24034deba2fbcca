"""The words that count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall.index.lexical import content_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A dog runs through the sand.", ["dog", "runs", "sand"]),
        ("dog, dog; DOG!", ["dog"]),
        ("sand dog sand", ["sand", "dog"]),
        ("a man's hat", ["man's", "hat"]),
        ("the boys' hats", ["boys", "hats"]),
        ("'quoted' \"text\"", ["quoted", "text"]),
        ("a t-shirt and a snow_ball", ["shirt", "snow", "ball"]),
        ("bus no. 42 at 10:30", ["bus", "42", "10", "30"]),
        ("Ein Hund läuft über den Schnee", ["ein", "hund", "läuft", "über", "den", "schnee"]),
        ("Собака бежит", ["собака", "бежит"]),
        ("犬が走る", ["犬が走る"]),
        ("dog\n\trunning\u00a0fast", ["dog", "running", "fast"]),
        ("rock'n'roll", ["rock'n", "roll"]),
        ("🐕 dog 🐕", ["dog"]),
    ],
)
def test_words_by_hand(text: str, words: list[str]) -> None:
    assert content_words(text) == words


@pytest.mark.parametrize(
    "text",
    ["", " ", "the", "it's not in front of the other one", "🐕", "🧑‍🚀🚀", "–", "_", "'", "'s"],
)
def test_texts_that_say_nothing(text: str) -> None:
    assert content_words(text) == []


@given(st.text())
def test_words_are_distinct_and_lower_case_and_their_own_words(text: str) -> None:
    words = content_words(text)
    assert len(set(words)) == len(words)
    for word in words:
        assert word == word.lower()
        assert content_words(word) == [word]
