"""The words of a text as they are written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall._internal.tokenize import END, TermPattern, term_patterns, tokenize, words_of_all
from cavewall.errors import ExpressionError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A dog runs through the sand.", ["a", "dog", "runs", "through", "the", "sand"]),
        ("dog, dog; DOG!", ["dog", "dog", "dog"]),
        ("a man's t-shirt", ["a", "man", "s", "t", "shirt"]),
        ("l’eau snow_ball 10:30", ["l", "eau", "snow", "ball", "10", "30"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Ein Hund läuft", ["ein", "hund", "läuft"]),
        ("cafe\u0301 CAFÉ cafe", ["café", "café", "cafe"]),
        ("ΣΑΣ σας", ["σασ", "σασ"]),
        ("Собака бежит", ["собака", "бежит"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("海辺の犬とビーチ", ["海", "辺", "の", "犬", "と", "ビーチ"]),
        ("犬dog犬", ["犬", "dog", "犬"]),
        ("한국어 개", ["한국어", "개"]),
        ("dog\n\trunning\u00a0fast", ["dog", "running", "fast"]),
        ("🐕 dog ❤️ 🧑‍🚀", ["dog"]),
        ("\u0301\u0301 dog", ["dog"]),
        ("²½ x", ["²½", "x"]),
    ],
)
def test_words_by_hand(text: str, words: list[str]) -> None:
    assert tokenize(text) == [unicodedata.normalize("NFC", word) for word in words]


@pytest.mark.parametrize("text", ["", " ", "🐕", "–", "_", "'", "!!!", "\0", "\u0301"])
def test_texts_without_words(text: str) -> None:
    assert tokenize(text) == []
    assert term_patterns(text) == ()


TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("ab 'é\u0301ß犬ー\n*_")))


@given(TEXTS)
def test_words_are_their_own_words_however_they_are_typed(text: str) -> None:
    words = tokenize(text)
    assert [found for word in words for found in tokenize(word)] == words
    assert tokenize(unicodedata.normalize("NFD", text)) == words
    assert all(unicodedata.is_normalized("NFC", word) for word in words)


@given(st.lists(TEXTS, max_size=5))
def test_many_texts_are_read_as_each_is(texts: list[str]) -> None:
    expected = [word for text in texts for word in [*tokenize(text), END]]
    assert words_of_all(texts) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Brighton beach", (TermPattern("brighton"), TermPattern("beach"))),
        ("BRIGHT*", (TermPattern("bright", True),)),
        ("run* dog", (TermPattern("run", True), TermPattern("dog"))),
        ("(run*)", (TermPattern("run", True),)),
        ("caf\u0065\u0301*", (TermPattern("café", True),)),
        ("海辺*", (TermPattern("海"), TermPattern("辺", True))),
    ],
)
def test_what_a_keyword_looks_for(text: str, expected: tuple[TermPattern, ...]) -> None:
    assert term_patterns(text) == expected
    assert " ".join(map(str, term_patterns(" ".join(map(str, expected))))) == " ".join(
        map(str, expected)
    )


@pytest.mark.parametrize("text", ["*dog", "* dog", "dog**", "do*g", "dog *", "*", "犬*犬"])
def test_a_star_that_is_not_at_the_end_of_a_word_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"\* stands at the end of a word"):
        term_patterns(text)
