"""What captions say of the terms of a query: by hand, and against a dense, naive computation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from cavewall.index.lexical import FLOOR, Evidence, TermWords, WordIndex, content_words, evidence
from cavewall.index.lexical.term_weights import term_shares, weigh_terms
from cavewall.testing import FakeEncoder

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Asked = tuple[float, str | int]  # a text, or the picture of that row

VOCABULARY = [f"word{number}" for number in range(60)]


def index_by_hand(
    words: str,
    shares: Sequence[Sequence[float]],
    says: dict[tuple[str, str], float] | None = None,
    **statistics: Sequence[float],
) -> WordIndex:
    """An index of words that say themselves and what is given, each as rare and stable as all."""
    names = words.split()
    affinity = np.eye(len(names), dtype=np.float32)
    for (word, by), chance in (says or {}).items():
        affinity[names.index(word), names.index(by)] = chance
    by_picture = sparse.csr_matrix(np.array(shares, np.float32))
    return WordIndex(
        tuple(names),
        np.eye(len(names), dtype=np.float32),
        by_picture,
        by_picture.T.tocsr(),
        sparse.csr_matrix(affinity),
        np.array(statistics.get("rarity", [1] * len(names)), np.float32),
        np.array(statistics.get("stability", [1] * len(names)), np.float32),
    )


def unasked(words: list[str]) -> Floats:
    raise AssertionError(f"every word is known, but {words} were asked for")


def terms_by_hand(index: WordIndex, *asked: Asked) -> list[TermWords]:
    return [
        TermWords.from_text(what, weight, index, unasked)
        if isinstance(what, str)
        else TermWords.from_picture(what, weight, index)
        for weight, what in asked
    ]


def importance(index: WordIndex, *asked: Asked) -> dict[str, float]:
    """How much each word of the first of these terms counts."""
    first, *rest = terms_by_hand(index, *asked)
    found = term_shares(weigh_terms([first, *rest])[0])
    return {word: float(share) for word, share in zip(first.words, found, strict=True)}


# One term, by hand.


def test_one_word_is_said_by_the_captions_that_hold_it_and_by_those_that_mean_it() -> None:
    index = index_by_hand(
        "dog puppy sand",
        [[1, 0, 0], [0.5, 0, 1], [0, 1, 0], [0.5, 0.5, 0], [0, 0, 0.4]],
        {("dog", "puppy"): 0.6},
    )
    found = evidence(terms_by_hand(index, (1, "a dog")), index)
    np.testing.assert_allclose(found.values, [[1, 0.5, 0.6, 0.8, 0]], atol=1e-6)
    assert found.certainty.tolist() == [1]


def test_evidence_is_never_more_than_certain() -> None:
    index = index_by_hand(
        "dog puppy hound", [[1, 1, 1]], {("dog", "puppy"): 1, ("dog", "hound"): 1}
    )
    found = evidence(terms_by_hand(index, (1, "dog")), index)
    np.testing.assert_allclose(found.values, [[1]], atol=1e-6)


def test_a_short_term_means_all_of_its_words() -> None:
    index = index_by_hand("red bus", [[1, 1], [1, 0], [0.25, 1], [0, 0]])
    found = evidence(terms_by_hand(index, (1, "red bus")), index).values[0]

    def both(a: float, b: float) -> float:
        return math.sqrt((a + FLOOR) * (b + FLOOR)) - FLOOR

    np.testing.assert_allclose(found, [1, both(1, 0), both(0.25, 1), 0], atol=1e-6)


def test_a_long_term_means_most_of_its_words() -> None:
    index = index_by_hand("a1 a2 a3 a4 a5", [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0], [1, 0, 0, 0, 0]])
    found = evidence(terms_by_hand(index, (1, "a1 a2 a3 a4 a5")), index).values[0]

    def roots(said: int) -> float:
        mean = (said * math.sqrt(1 + FLOOR) + (5 - said) * math.sqrt(FLOOR)) / 5
        return mean**2 - FLOOR

    np.testing.assert_allclose(found, [1, roots(4), roots(1)], atol=1e-6)


def test_rare_and_stable_words_count_for_more() -> None:
    index = index_by_hand("dog grey sand", [[1, 1, 1]], rarity=[4, 1, 1], stability=[1, 0.25, 1])
    found = importance(index, (1, "dog grey sand"))
    total = 4**2.5 + 0.25**1.5 + 1
    expected = {"dog": 4**2.5 / total, "grey": 0.25**1.5 / total, "sand": 1 / total}
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("text", ["", "the", "it is not", "🐕", "🧑‍🚀 of the"])
@pytest.mark.parametrize("weight", [1, -1])
def test_a_term_without_words_is_not_known_and_has_no_evidence(text: str, weight: float) -> None:
    index = index_by_hand("dog sand", [[1, 1], [1, 0]])
    found = evidence(terms_by_hand(index, (weight, text), (1, "dog")), index)
    assert found.certainty.tolist() == [0, 1]
    np.testing.assert_allclose(found.values, [[0, 0], [1, 1]], atol=1e-6)


def test_on_a_wall_without_words_nothing_is_known() -> None:
    index = WordIndex.from_captions([["the"], []], FakeEncoder().encode)
    terms = [
        TermWords.from_text("dog", 1, index, unasked),
        TermWords.from_picture(0, -1, index),
    ]
    found = evidence(terms, index)
    assert found.certainty.tolist() == [0, 0]
    np.testing.assert_array_equal(found.values, np.zeros((2, 2)))


def test_no_terms_have_no_evidence() -> None:
    index = index_by_hand("dog", [[1]])
    assert evidence([], index).values.shape == (0, 1)


def test_the_evidence_of_some_pictures_is_that_among_all() -> None:
    known = Evidence.from_values(np.arange(8.0).reshape(2, 4), np.ones(2, np.float32))
    some = known.at(np.array([3, 1]))
    np.testing.assert_allclose(some.values, [[3, 1], [7, 5]])
    assert some.certainty.tolist() == [1, 1]


# Words that the wall has not.


@pytest.mark.parametrize(
    ("cosine", "certainty"), [(0.3, 0), (0.5, 0), (0.575, 0.5), (0.65, 1), (0.9, 1)]
)
def test_an_unknown_word_is_as_certain_as_its_nearest_is_near(
    cosine: float, certainty: float
) -> None:
    index = index_by_hand("dog sand", [[1, 0], [0.5, 0], [0, 1]])

    def encode(words: list[str]) -> Floats:
        assert words == ["hound"]
        return np.array([[cosine, -math.sqrt(1 - cosine**2)]], np.float32)

    term = TermWords.from_text("the hound", 1, index, encode)
    assert term.in_vocabulary.tolist() == pytest.approx([certainty], abs=1e-5)
    found = evidence([term], index)
    assert found.certainty.tolist() == pytest.approx([certainty], abs=1e-5)
    np.testing.assert_allclose(found.values, [[1, 0.5, 0]], atol=1e-6)


def test_an_unknown_word_is_read_through_all_that_are_near() -> None:
    index = index_by_hand("dog cat sand", [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    between = np.array([[0.8, 0.8 + math.log(0.5) / 15, 0.1]], np.float32)
    term = TermWords.from_text("animal", 1, index, lambda words: between)
    np.testing.assert_allclose(term.expansions.toarray(), [[1, 0.5, 0]], atol=1e-5)


def test_unknown_words_are_encoded_in_one_call_and_known_ones_not_at_all() -> None:
    encoder = FakeEncoder()
    index = WordIndex.from_captions([["a dog in the sand"]], FakeEncoder().encode)
    TermWords.from_text("the dog and the zebra see a lion", 1, index, encoder.encode)
    TermWords.from_text("sand dog", 1, index, encoder.encode)
    assert encoder.calls == [["zebra", "see", "lion"]]


def test_beside_a_known_word_an_unlike_one_counts_for_nothing() -> None:
    index = index_by_hand("dog sand", [[1, 0], [0, 1]])
    term = TermWords.from_text(
        "dog qwxz", 1, index, lambda words: np.array([[0.1, 0.1]], np.float32)
    )
    found = evidence([term], index)
    assert found.certainty.tolist() == [1]
    np.testing.assert_allclose(found.values, [[1, 0]], atol=1e-3)


# A picture as a term.


def test_a_picture_says_the_words_of_its_captions_as_far_as_they_agree() -> None:
    index = index_by_hand(
        "dog puppy sand",
        [[0.75, 0.25, 0.5], [0, 1, 0]],
        {("dog", "puppy"): 0.8, ("puppy", "dog"): 0.4},
    )
    (term,) = terms_by_hand(index, (1, 0))
    assert term.words == ("dog", "puppy", "sand")
    assert term.from_a_picture
    np.testing.assert_allclose(term.agreement, [0.75 + 0.8 * 0.25, 0.25 + 0.4 * 0.75, 0.5])
    np.testing.assert_array_equal(term.in_vocabulary, 1)


def test_words_that_captions_agree_on_count_for_more() -> None:
    index = index_by_hand("dog sand", [[1, 0.25], [1, 0]])
    assert importance(index, (1, 0)) == pytest.approx({"dog": 0.8, "sand": 0.2})
    assert importance(index, (1, "dog sand")) == pytest.approx({"dog": 0.5, "sand": 0.5})


def test_a_picture_without_captions_says_nothing() -> None:
    index = index_by_hand("dog sand", [[1, 0], [0, 0]])
    found = evidence(terms_by_hand(index, (1, 1), (-1, 1), (1, "dog")), index)
    assert found.certainty.tolist() == [0, 0, 1]
    np.testing.assert_allclose(found.values, [[0, 0], [0, 0], [1, 0]], atol=1e-6)


# What is subtracted.

SHIRTS = index_by_hand(
    "man red blue crimson shirt",
    [[1, 1, 0, 0, 1], [1, 0, 1, 0, 1]],
    {("red", "crimson"): 0.9, ("crimson", "red"): 0.9},
)


def ratio(found: dict[str, float], word: str, to: str) -> float:
    return found[word] / found[to]


@pytest.mark.parametrize("weight", [-0.5, -1, -2])
def test_a_word_that_says_what_is_subtracted_counts_for_less(weight: float) -> None:
    found = importance(SHIRTS, (1, "man red crimson"), (weight, "red"))
    assert ratio(found, "red", "man") == pytest.approx((0.02 / 1.02) ** (1.5 * -weight), rel=1e-3)
    assert ratio(found, "crimson", "man") == pytest.approx(
        (0.12 / 1.02) ** (1.5 * -weight), rel=1e-3
    )


def test_what_is_added_or_left_alone_takes_no_weight() -> None:
    plain = importance(SHIRTS, (1, "man red"))
    for weight in (0, 1):
        assert importance(SHIRTS, (1, "man red"), (weight, "red")) == plain
    assert importance(SHIRTS, (-1, "man red"), (-1, "red")) == plain


@pytest.mark.parametrize("first", ["man red shirt", 0])
def test_a_word_that_another_plus_text_names_is_not_what_goes(first: str | int) -> None:
    found = importance(SHIRTS, (1, first), (-1, "red shirt"), (1, "blue shirt"))
    assert ratio(found, "shirt", "man") == pytest.approx(1)
    assert ratio(found, "red", "man") < 0.01


def test_a_word_that_only_the_term_itself_or_a_picture_names_does_go() -> None:
    itself = importance(SHIRTS, (1, "man red shirt"), (-1, "red shirt"))
    assert ratio(itself, "shirt", "man") < 0.01
    picture = importance(SHIRTS, (1, "man red shirt"), (-1, "red"), (1, 0))
    assert ratio(picture, "red", "man") < 0.01


def test_a_minus_of_which_others_ask_every_word_takes_nothing() -> None:
    plain = importance(SHIRTS, (1, "man red"))
    assert importance(SHIRTS, (1, "man red"), (-1, "red"), (1, "red shirt")) == plain


@pytest.mark.parametrize("weight", [-1e-6, -1e3, -1e6])
@pytest.mark.parametrize("first", ["red", "red crimson", "man red", "man shirt", 0])
def test_weights_of_any_size_leave_some_word(weight: float, first: str | int) -> None:
    found = importance(SHIRTS, (1, first), (weight, "crimson"), (weight, "red"))
    assert sum(found.values()) == pytest.approx(1)
    values = evidence(terms_by_hand(SHIRTS, (1, first), (weight, "crimson")), SHIRTS).values
    assert np.all(np.isfinite(values))


# Words that no page of pictures has together with the other terms.


def test_a_word_that_never_meets_the_other_terms_is_dropped() -> None:
    """Surfers on the sea, dogs on the sand and the street: `surfer sand + dog` means the sand."""
    pictures = [[1, 0, 0, 0, 1]] * 40 + [[0, 1, 1, 0, 0]] * 40 + [[0, 1, 0, 1, 0]] * 40
    index = index_by_hand("surfer dog sand street sea", pictures)
    found = evidence(terms_by_hand(index, (1, "surfer sand"), (1, "dog")), index).values[0]
    alone = evidence(terms_by_hand(index, (1, "surfer sand")), index).values[0]
    surfers, sand = 0, 40
    assert alone[surfers] == pytest.approx(alone[sand])
    assert found[sand] > 10 * found[surfers]


# Asked again.

DOGS: list[list[float]] = [[1, 0, 0.5], [0, 1, 0.5], [1, 1, 0]]


@pytest.mark.parametrize(
    ("again", "made_again"),
    [
        (((1, "dog sand"), (-1, "sea")), False),
        (((3, "dog sand"), (-1, "sea")), False),
        (((1, "dog sand"), (-2, "sea")), True),
        (((1, "dog sand"), (1, "sea")), True),
        (((0, "dog sand"), (-1, "sea")), True),
        (((-1, "sea"), (1, "dog sand")), True),
        (((1, "dog sand"),), True),
    ],
)
def test_evidence_is_made_again_where_something_of_it_changes(
    again: Sequence[Asked], made_again: bool
) -> None:
    says = {("dog", "sea"): 0.4}
    index = index_by_hand("dog sand sea", DOGS, says)
    before = evidence(terms_by_hand(index, (1, "dog sand"), (-1, "sea")), index)
    found = evidence(terms_by_hand(index, *again), index)
    assert (found is not before) is made_again
    fresh = index_by_hand("dog sand sea", DOGS, says)
    afresh = evidence(terms_by_hand(fresh, *again), fresh)
    np.testing.assert_array_equal(found.levels, afresh.levels)
    np.testing.assert_array_equal(found.certainty, afresh.certainty)


def test_what_others_may_be_given_too_cannot_be_written_to() -> None:
    index = index_by_hand("dog sand sea", DOGS)
    found = evidence(terms_by_hand(index, (1, "dog")), index)
    with pytest.raises(ValueError, match="read-only"):
        found.levels[0] = 0


# Against a dense, naive computation.


@dataclass
class NaiveTerm:
    weight: float
    words: list[str]
    says: Doubles
    known: Doubles
    agreement: Doubles
    is_text: bool


def naive_term(weight: float, what: str | int, index: WordIndex) -> NaiveTerm:
    affinity = index.affinity.toarray().astype(np.float64)
    if isinstance(what, int):
        share = index.shares.toarray()[what].astype(np.float64)
        ids = np.flatnonzero(share)
        agreement = np.minimum(affinity[ids] @ share, 1)
        words = [index.words[at] for at in ids]
        return NaiveTerm(weight, words, affinity[ids], np.ones(len(ids)), agreement, False)
    words = content_words(what)
    says, known = np.zeros((len(words), len(index.words))), np.ones(len(words))
    for at, word in enumerate(words):
        if word in index.ids:
            says[at] = affinity[index.ids[word]]
            continue
        cosines = index.vectors.astype(np.float64) @ FakeEncoder(8).encode([word])[0]
        nearest = np.argsort(-cosines)[:32]
        row = np.exp(15 * (cosines[nearest] - 1)) @ affinity[nearest]
        row = np.minimum(row / row.max(), 1)
        row[row < 0.05] = 0
        says[at], known[at] = row, min(max((cosines.max() - 0.5) / 0.15, 0), 1)
    return NaiveTerm(weight, words, says, known, np.ones(len(words)), True)


def naive_importance(
    term: NaiveTerm, terms: list[NaiveTerm], index: WordIndex, together: Doubles | None
) -> Doubles:
    others = [other for other in terms if other is not term]
    asked = {word for o in others if o.weight > 0 and o.is_text for word in o.words}
    result = []
    for at, word in enumerate(term.words):
        known = word in index.ids
        rarity = index.rarity[index.ids[word]] if known else 7.0
        stability = index.stability[index.ids[word]] if known else 0.3
        share = max(term.agreement[at], 0.02) * rarity**2.5 * stability**1.5
        share *= term.known[at] + 1e-6
        for minus in others if term.weight > 0 else ():
            own = [place for place, each in enumerate(minus.words) if each not in asked]
            if minus.weight >= 0 or not own:
                continue
            says = max(minus.says[own, index.ids[word]]) if known else 0.0
            says = max(says, float(word in [minus.words[place] for place in own]))
            share *= (1.02 - min(says, 1)) ** (1.5 * -minus.weight)
        if together is not None:
            jointly = term.says[at] @ together
            share *= jointly / (jointly + 10) + 1e-3
        result.append(share)
    return np.asarray(np.array(result) / sum(result))


def naive_said(term: NaiveTerm, shares: Doubles, importance: Doubles) -> Doubles:
    words = np.minimum(term.says @ shares.T, 1) + 0.003
    loose = min(max((1 / (importance**2).sum() - 2) / 3, 0), 0.5)
    if loose < 0.02:
        return np.asarray(np.exp(importance @ np.log(words)) - 0.003)
    return np.asarray((importance @ words**loose) ** (1 / loose) - 0.003)


def naive(asked: Sequence[Asked], index: WordIndex) -> Doubles:
    shares = index.shares.toarray().astype(np.float64)
    terms = [naive_term(weight, what, index) for weight, what in asked]
    first = [
        naive_said(term, shares, naive_importance(term, terms, index, None)) if term.words else None
        for term in terms
    ]
    result = np.zeros((len(terms), len(shares)))
    for at, term in enumerate(terms):
        said = first[at]
        if said is None:
            continue
        others = [
            np.log(each + 1e-4)
            for place, each in enumerate(first)
            if place != at and each is not None and terms[place].weight > 0
        ]
        if term.weight > 0 and len(term.words) > 1 and others:
            together = np.exp(np.mean(others, axis=0)) @ shares
            said = naive_said(term, shares, naive_importance(term, terms, index, together))
        result[at] = said
    return result


def random_index(seed: int) -> WordIndex:
    random = np.random.default_rng(seed)
    likely = 1 / np.arange(1, len(VOCABULARY) + 1)
    likely /= likely.sum()
    captions = [
        [
            " ".join(random.choice(VOCABULARY, int(random.integers(1, 7)), p=likely))
            for _ in range(random.integers(0, 5))
        ]
        for _ in range(80)
    ]
    return WordIndex.from_captions(captions, FakeEncoder(8).encode)


QUERIES: list[list[Asked]] = [
    [(1, "word0")],
    [(1, "word1 word2 word3 word4 word5 word6 word7")],
    [(1, "word1 word2 word3"), (-1, "word1"), (1, "word4")],
    [(1, "word1 word2 word3 word4 word5"), (-1, "word1 word2"), (1, "word9 word2")],
    [(1, 3), (-1, "word0"), (1, "word1")],
    [(1, 3), (0.5, 4), (-2, 5), (-0.5, "word2 word3")],
    [(-1, "word1 word2"), (-1, 7)],
    [(1, "unseen words here"), (-1, "other unheard of word0"), (1, "word5 unseen")],
    [(1, "the"), (1, "word3 word4"), (-1, "of the")],
    [(0, "word3 word4"), (1, "word5 word6"), (1, "word3")],
    [(2, "word1 word8"), (3, "word1 word9"), (-1.5, "word8 word9 unseen")],
]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("asked", QUERIES)
def test_evidence_is_that_of_the_formulas(seed: int, asked: list[Asked]) -> None:
    index = random_index(seed)
    terms = [
        TermWords.from_text(what, weight, index, FakeEncoder(8).encode)
        if isinstance(what, str)
        else TermWords.from_picture(what, weight, index)
        for weight, what in asked
    ]
    found = evidence(terms, index)
    np.testing.assert_allclose(found.values, naive(asked, index), atol=1e-5)
    assert found.values.dtype == found.certainty.dtype == np.float32
    expected = [max(naive_term(w, what, index).known, default=0) for w, what in asked]
    np.testing.assert_allclose(found.certainty, expected, atol=1e-5)
    for term, counts in zip(terms, weigh_terms(terms), strict=True):
        assert len(counts) == len(term.words)
        assert not term.words or term_shares(counts).sum() == pytest.approx(1, abs=1e-5)
