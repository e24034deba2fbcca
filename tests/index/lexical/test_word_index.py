"""The word index against a dense, naive one, its edges, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cavewall.index.lexical import WordIndex, content_words
from cavewall.testing import FakeEncoder

Doubles = NDArray[np.float64]
Captions = Sequence[Sequence[str]]

VOCABULARY = [f"word{number}" for number in range(120)]
SMALL: list[list[str]] = [
    ["a dog runs through the sand", "a brown dog on the beach"],
    ["a dog plays in the snow", "snow"],
    [],
    ["the boat"],
]


def index_of(captions: Captions, dimension: int = 8) -> WordIndex:
    return WordIndex.from_captions(captions, FakeEncoder(dimension).encode)


def random_captions(
    seed: int, pictures: int, vocabulary: Sequence[str] = VOCABULARY, most: int = 5
) -> list[list[str]]:
    """Pictures of 0 to `most` captions of 0 to 5 words, some words far more often than others."""
    random = np.random.default_rng(seed)
    likely = 1 / np.arange(1, len(vocabulary) + 1)
    likely /= likely.sum()

    def caption() -> str:
        size = int(random.integers(0, min(6, len(vocabulary) + 1)))
        return " ".join(random.choice(vocabulary, size, p=likely))

    return [[caption() for _ in range(random.integers(0, most + 1))] for _ in range(pictures)]


# A naive index, dense and in double precision: the formulas of docs/arithmetic.md, word by word.


@dataclass
class Naive:
    words: list[str]
    shares: Doubles
    affinity: Doubles
    rarity: Doubles
    stability: Doubles


def naive(captions: Captions, vectors: Doubles) -> Naive:
    words = list(
        dict.fromkeys(word for texts in captions for text in texts for word in content_words(text))
    )
    said = [
        np.array([[word in content_words(text) for word in words] for text in texts], np.float64)
        for texts in captions
    ]
    said = [rows.reshape(-1, len(words)) for rows in said]
    shares = np.stack([rows.sum(0) / max(len(rows), 1) for rows in said])
    affinity = naive_smoothed(naive_direct(said, vectors), vectors)
    evidence = np.minimum(shares @ affinity.T, 1)
    rarity = np.maximum(-np.log(evidence.mean(0) + 1e-5), 0.05)
    return Naive(words, shares, affinity, rarity, naive_stability(said, evidence))


def naive_direct(said: list[Doubles], vectors: Doubles) -> Doubles:
    captions = np.concatenate(said)
    pictures = np.stack([rows.sum(0) for rows in said])
    often, count = captions.sum(0), len(vectors)
    others = sum(len(rows) * (len(rows) - 1) for rows in said) / len(captions)
    within = captions.T @ captions
    across = pictures.T @ pictures - within
    np.fill_diagonal(within, 0)
    direct = np.zeros((count, count))
    for word in range(count):
        cosines = vectors[word] @ vectors.T
        pool = np.argsort(-cosines)[:8]
        share = np.exp((cosines[pool] - cosines[pool].max()) / 0.05)
        expected = (share @ often[pool]) * often / len(captions)
        x = np.log(share @ across[pool] + 2) - np.log(expected * others + 2)
        i = np.log(share @ within[pool] + 2) - np.log(expected + 2)
        logit = 6.1 * (cosines - 1) + 0.14 * x + 0.73 * (x - i) - 0.05 * (np.log1p(often) - 4)
        chance = 1 / (1 + np.exp(-logit))
        chance[cosines < 0.3] = 0
        chance[word] = max(chance[word], 0.98)
        chance[chance < 0.05 * chance.max()] = 0
        direct[word] = chance
    return direct


def naive_smoothed(direct: Doubles, vectors: Doubles) -> Doubles:
    smooth = np.zeros_like(direct)
    for word in range(len(vectors)):
        cosines = vectors[word] @ vectors.T
        nearest = np.argsort(-cosines)[:32]
        pooled = np.exp(15 * (cosines[nearest] - 1)) @ direct[nearest]
        row = np.minimum(pooled / pooled[word], 1)
        row[row < 0.05] = 0
        row[np.argsort(-row, kind="stable")[64:]] = 0
        smooth[word] = row
    return smooth


def naive_stability(said: list[Doubles], evidence: Doubles) -> Doubles:
    """Where one caption says a word, how much of its evidence the other captions give."""
    words = evidence.shape[1]
    confirmed, times = np.full(words, 0.15 * 2), np.full(words, 2.0)
    for rows, found in zip(said, evidence, strict=True):
        if len(rows) < 2:
            continue
        rest = np.maximum(found * len(rows) - 1, 0) / (len(rows) - 1)
        confirmed += rows.sum(0) * rest
        times += rows.sum(0)
    return np.asarray(confirmed / times + 0.02)


def assert_equal_to_naive(index: WordIndex, captions: Captions) -> None:
    vectors = FakeEncoder(8).encode(index.words).astype(np.float64)
    expected = naive(captions, vectors)
    assert list(index.words) == expected.words
    np.testing.assert_allclose(index.vectors, vectors, atol=1e-7)
    np.testing.assert_allclose(index.shares.toarray(), expected.shares, atol=1e-6)
    np.testing.assert_allclose(index.postings.toarray(), expected.shares.T, atol=1e-6)
    np.testing.assert_allclose(index.affinity.toarray(), expected.affinity, atol=1e-4)
    np.testing.assert_allclose(index.rarity, expected.rarity, rtol=1e-3)
    np.testing.assert_allclose(index.stability, expected.stability, rtol=1e-3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("pictures", "words"), [(5, 120), (60, 12), (200, 120)])
def test_an_index_is_that_of_the_formulas(seed: int, pictures: int, words: int) -> None:
    captions = random_captions(seed, pictures, VOCABULARY[:words])
    assert_equal_to_naive(index_of(captions), captions)


@pytest.mark.parametrize("most", [1, 2])
def test_an_index_of_few_captions_a_picture_is_that_of_the_formulas(most: int) -> None:
    captions = random_captions(7, 100, VOCABULARY[:40], most)
    assert_equal_to_naive(index_of(captions), captions)


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_of_words_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    captions = random_captions(8, 100)
    monkeypatch.setattr("cavewall.index.lexical.word_index._BLOCK", block)
    monkeypatch.setattr("cavewall.index.lexical.word_similarity._BLOCK", block)
    assert_equal_to_naive(index_of(captions), captions)


# By hand.


def test_shares_are_of_captions_and_postings_the_same_by_words() -> None:
    index = index_of(SMALL, 32)
    expected = {
        "dog": [1, 0.5, 0, 0],
        "runs": [0.5, 0, 0, 0],
        "sand": [0.5, 0, 0, 0],
        "brown": [0.5, 0, 0, 0],
        "beach": [0.5, 0, 0, 0],
        "plays": [0, 0.5, 0, 0],
        "snow": [0, 1, 0, 0],
        "boat": [0, 0, 0, 1],
    }
    assert list(index.words) == list(expected)
    assert index.pictures == 4
    np.testing.assert_array_equal(index.postings.toarray(), list(expected.values()))
    np.testing.assert_array_equal(index.shares.toarray(), index.postings.toarray().T)


def test_rarer_words_are_rarer_and_repeated_words_stabler() -> None:
    captions = [["dog rain", "dog wind"]] * 10 + [["sand sun", "hat sky"]] * 2
    index = index_of(captions, 256)
    rarity = dict(zip(index.words, index.rarity, strict=True))
    stability = dict(zip(index.words, index.stability, strict=True))
    assert rarity["dog"] < rarity["rain"] < rarity["sand"]
    assert stability["dog"] == pytest.approx((20 + 0.3) / 22 + 0.02, rel=1e-5)
    assert stability["rain"] == pytest.approx(0.3 / 12 + 0.02, rel=1e-5)


def test_a_word_said_twice_in_a_caption_counts_once() -> None:
    assert index_of([["dog dog Dog", "cat"]]).shares.toarray().tolist() == [[0.5, 0.5]]


def test_words_of_any_script_are_words() -> None:
    index = index_of([["Der Hund läuft", "Собака", "犬が走る", "🐕", "naïve café"]])
    words = ("der", "hund", "läuft", "собака", "犬が走る", "naïve", "café")
    assert index.words == words


@pytest.mark.parametrize(
    "captions", [[], [[]], [[], []], [[""], ["the", "🐕"]]], ids=["none", "one", "two", "said"]
)
def test_a_collection_without_words(captions: Captions, tmp_path: Path) -> None:
    index = index_of(captions)
    index.to_folder(tmp_path)
    for each in (index, WordIndex.from_folder(tmp_path)):
        assert each.words == ()
        assert each.pictures == len(captions)
        assert each.shares.shape == each.postings.shape[::-1] == (len(captions), 0)
        assert each.affinity.shape == (0, 0)
        assert each.vectors.shape == (0, 8)


@pytest.mark.parametrize("captions", [[["dog"]], [["dog", "a dog"], []], [["dog"]] * 3])
def test_a_collection_of_one_word(captions: Captions) -> None:
    index = index_of(captions)
    assert index.words == ("dog",)
    np.testing.assert_allclose(index.affinity.toarray(), [[1]], atol=1e-6)
    assert np.all(np.isfinite([index.rarity, index.stability]))


# Limits.


def test_beyond_the_most_words_the_rarest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavewall.index.lexical.word_index._MOST_WORDS", 3)
    index = index_of([["rare dog sand"], ["snow dog"], ["snow sand"], ["late"]], 64)
    assert index.words == ("dog", "sand", "snow")
    np.testing.assert_array_equal(
        index.shares.toarray(), [[1, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 0]]
    )
    assert index.affinity.shape == (3, 3)


def test_among_equals_the_first_words_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavewall.index.lexical.word_index._MOST_WORDS", 2)
    assert index_of([["dog sand snow"]]).words == ("dog", "sand")


def test_words_left_out_do_not_change_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    captions = random_captions(11, 60)
    often = [[text for text in texts if text] for texts in captions]
    monkeypatch.setattr("cavewall.index.lexical.word_index._MOST_WORDS", 20)
    few = index_of(often)
    kept = [
        [" ".join(w for w in content_words(text) if w in few.ids) for text in texts]
        for texts in often
    ]
    monkeypatch.undo()
    again = index_of(kept)
    order = [again.ids[word] for word in few.words]
    np.testing.assert_allclose(
        again.affinity.toarray()[np.ix_(order, order)], few.affinity.toarray(), atol=1e-5
    )
    np.testing.assert_allclose(again.rarity[order], few.rarity, rtol=1e-5)


@pytest.mark.parametrize(("most", "step"), [(100, 1), (99, 2), (50, 2), (30, 4)])
def test_statistics_come_from_every_so_many_pictures(
    most: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = random_captions(12, 100, VOCABULARY[:10])
    whole, some = index_of(captions), index_of(captions[::step])
    monkeypatch.setattr("cavewall.index.lexical.word_index._MOST_COUNTED", most)
    index = index_of(captions)
    assert index.words == whole.words
    np.testing.assert_array_equal(index.shares.toarray(), whole.shares.toarray())
    order = [some.ids[word] for word in index.words]
    np.testing.assert_allclose(
        index.affinity.toarray(), some.affinity.toarray()[np.ix_(order, order)], atol=1e-5
    )
    np.testing.assert_allclose(index.rarity, some.rarity[order], rtol=1e-5)
    np.testing.assert_allclose(index.stability, some.stability[order], rtol=1e-5)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_sample_without_captions_is_no_fault(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavewall.index.lexical.word_index._MOST_COUNTED", most)
    index = index_of([[], ["dog"], [], ["cat sand"]])
    assert np.all(np.isfinite(index.affinity.data))
    assert np.all(np.isfinite([index.rarity, index.stability]))


# Words that were encoded before.


def test_words_are_encoded_once_and_in_one_call() -> None:
    encoder = FakeEncoder()
    WordIndex.from_captions(SMALL, encoder.encode)
    (asked,) = encoder.calls
    assert asked == ["dog", "runs", "sand", "brown", "beach", "plays", "snow", "boat"]


def test_known_words_are_not_encoded_again() -> None:
    encoder = FakeEncoder()
    older = WordIndex.from_captions(SMALL, FakeEncoder().encode)
    captions = [*SMALL[1:], ["a dog and a zebra", "two zebras"]]
    index = WordIndex.from_captions(captions, encoder.encode, older)
    assert encoder.calls == [["zebra", "zebras"]]
    fresh = WordIndex.from_captions(captions, FakeEncoder().encode)
    assert_same(index, fresh)


@pytest.mark.parametrize("captions", [SMALL, SMALL[:1], [["the"]]])
def test_nothing_new_asks_nothing_of_the_encoder(captions: Captions) -> None:
    encoder = FakeEncoder()
    older = WordIndex.from_captions(SMALL, FakeEncoder().encode)
    WordIndex.from_captions(captions, encoder.encode, older)
    assert [call for call in encoder.calls if call] == []


def test_an_older_index_without_words_helps_nobody_and_harms_nobody() -> None:
    older = WordIndex.from_captions([], FakeEncoder().encode)
    assert_same(WordIndex.from_captions(SMALL, FakeEncoder().encode, older), index_of(SMALL, 32))


# Files.


def assert_same(one: WordIndex, other: WordIndex) -> None:
    assert one.words == other.words
    assert one.ids == other.ids
    for name in ("vectors", "rarity", "stability"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("shares", "postings", "affinity"):
        here, there = getattr(one, name), getattr(other, name)
        assert (here.shape, here.dtype) == (there.shape, there.dtype)
        np.testing.assert_array_equal(here.toarray(), there.toarray())


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_is_read(seed: int, tmp_path: Path) -> None:
    index = index_of([*random_captions(seed, 80), ["läuft 犬"], []])
    index.to_folder(tmp_path)
    assert_same(WordIndex.from_folder(tmp_path), index)


def test_what_was_read_may_be_written_and_extended(tmp_path: Path) -> None:
    captions = random_captions(5, 80)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    index_of(captions).to_folder(tmp_path / "first")
    mapped = WordIndex.from_folder(tmp_path / "first")
    mapped.to_folder(tmp_path / "second")
    assert_same(WordIndex.from_folder(tmp_path / "second"), mapped)
    more = [*captions, ["a zebra"]]
    grown = WordIndex.from_captions(more, FakeEncoder(8).encode, mapped)
    assert_same(grown, index_of(more))


def test_a_missing_part_is_a_missing_file(tmp_path: Path) -> None:
    index_of(SMALL).to_folder(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(FileNotFoundError):
            WordIndex.from_folder(tmp_path)
        path.write_bytes(content)
    assert WordIndex.from_folder(tmp_path).words == index_of(SMALL).words


def test_all_terms_of_the_longest_expression_are_remembered() -> None:
    index = WordIndex.from_captions([["a dog"]], FakeEncoder().encode)
    made: list[int] = []
    for _ in range(2):
        for number in range(256):
            index.cached_term(number, partial(made.append, number))
    assert made == list(range(256))
