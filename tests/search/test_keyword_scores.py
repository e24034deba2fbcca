"""Keywords among the terms of a query: dimensions of their own, attributed like every term."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cavewall
from cavewall._internal.tokenize import term_patterns
from cavewall.errors import ExpressionError, InputError
from cavewall.index.inverted_index import InvertedIndex
from cavewall.query import parse
from cavewall.search import compile as searching
from cavewall.search.candidates import exact_candidates
from cavewall.search.compile import Query, compile_query
from cavewall.search.keyword_scores import Cosines, Keywords
from cavewall.search.rules import Terms, rule, total_scores
from cavewall.testing import TOY_PICTURES
from tests.search.test_search import ENCODER, PLANE, places

RULES = ["add", "mul", "standardised", "words"]
# The pictures of PLANE: east, north, u, west. `fish` stands once in captions of equal length.
CAPTIONS = InvertedIndex.from_captions([["a fish"], ["a bird"], ["a fish"], ["a cat"]])


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


# The value.

TWO = Keywords(np.array([0, 2]), np.array([[0, 1, 1, 0], [0.5, 0.5, 0.5, 0.5]], np.float32))


def test_mean_and_deviation_are_those_of_the_coordinates() -> None:
    assert TWO.mean.tolist() == [0.5, 0.5]
    assert TWO.deviation.tolist() == [0.5, 1]  # what is all alike is no deviation off


def test_some_pictures_and_some_terms() -> None:
    assert len(Keywords()) == len(Keywords().at(np.array([1, 2]))) == len(TWO.of([1])) == 0
    assert TWO.at(np.array([2, 0])).coordinates.tolist() == [[1, 0], [0.5, 0.5]]
    some = TWO.of([2, 1, 0])
    assert some.places.tolist() == [0, 2]
    assert some.coordinates.tolist() == TWO.coordinates[[1, 0]].tolist()


# Understanding, by hand in two dimensions and one more for each keyword.


def query(source: str) -> Query:
    return compile_query(parse(source), ENCODER, PLANE, lambda: CAPTIONS)


@pytest.mark.parametrize(
    ("source", "weights", "length"),
    [
        ('keyword("fish")', [1], 1),
        ('3 * keyword("fish")', [3], 3),
        ('3 * e + 4 * keyword("fish")', [3, 4], 5),
        ('keyword("fish") - keyword("bird")', [1, -1], math.sqrt(2)),
        ('keyword("fish") + e - keyword("fish")', [0, 1], 1),
        ('e + n + keyword("bird")', [1, 1, 1], math.sqrt(3)),
        ('mean(3 * e, 4 * keyword("fish"))', [0.6, 0.8], 1),
        ('without(keyword("fish"), e)', [1, 0], 1),
        ('slerp(e, keyword("fish"), 0.5)', [0.5**0.5, 0.5**0.5], 1),
    ],
)
def test_a_keyword_is_orthogonal_to_all_others(
    source: str, weights: list[float], length: float
) -> None:
    found = query(source)
    assert found.direction.weights.tolist() == pytest.approx(weights, abs=1e-12)
    assert found.direction.length == pytest.approx(length)


def test_what_is_left_of_a_query_keeps_its_keywords() -> None:
    found = query('3 * e + n + 4 * keyword("fish")').of([2, 0])
    assert [str(leaf) for leaf in found.leaves] == ['keyword("fish")', "e"]
    assert (found.direction.weights.tolist(), found.direction.length) == ([4, 3], 5)
    assert found.keywords.places.tolist() == [0]
    assert found.keywords.coordinates.tolist() == [[1, 0, 1, 0]]


def scored(source: str) -> tuple[list[str], list[float]]:
    asked, add = query(source), rule("add")
    terms = Terms(asked.direction, pytest.fail, pytest.fail, asked.keywords)
    scores = total_scores(add, terms, Cosines(asked.vectors, PLANE.vectors, asked.keywords))
    chosen, _ = exact_candidates(scores, 1, 4)
    found = searching.rank(asked, PLANE, add, terms, chosen, 4)
    for place in found:
        assert sum(term.contribution for term in place.terms) == pytest.approx(place.score)
        assert scores[place.position] == pytest.approx(place.score, abs=1e-6)
    return places(found), [place.score for place in found]


@pytest.mark.parametrize(
    ("source", "order", "scores"),
    [
        ('keyword("FISH")', ["east", "u", "north", "west"], [1, 1, 0, 0]),
        ('3 * e + 4 * keyword("fish")', ["east", "u", "north", "west"], [1.4, 1.16, 0, -0.6]),
        ('3 * e - 4 * keyword("fish")', ["north", "east", "u", "west"], [0, -0.2, -0.44, -0.6]),
        ('3 * n + 4 * keyword("b*")', ["north", "u", "east", "west"], [1.4, 0.48, 0, 0]),
        ('3 * n + 4 * keyword("zebra")', ["north", "u", "east", "west"], [0.6, 0.48, 0, 0]),
    ],
)
def test_under_add_the_coordinate_plays_the_part_of_the_cosine(
    source: str, order: list[str], scores: list[float]
) -> None:
    found, totals = scored(source)
    assert found == order
    assert totals == pytest.approx(scores, abs=1e-7)


def test_what_cancels_out_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="cancels out"):
        query('keyword("fish") - keyword("fish")')


# On a wall.


@pytest.mark.parametrize("name", RULES)
def test_a_keyword_alone_scores_its_share_of_the_best_and_finds_only_who_has_it(
    toy: cavewall.Wall, name: str
) -> None:
    hits = toy.search('keyword("snow")', 6, name)
    assert ids(hits) == ["snow-dog.jpg", "snow-human.jpg"]
    assert [hit.score for hit in hits] == [1, 1]
    assert all(hit.percentile is None for hit in hits)
    assert len(toy.search('keyword("dog") + keyword("boat")', 6, name)) == 3
    assert len(toy.search('keyword("dog") - keyword("boat")', 6, name)) == 2
    assert len(toy.search('- keyword("dog")', 6, name)) == 6


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    "source",
    [
        'dog + keyword("beach")',
        'snow - 2 * keyword("dog") + 0.5 * keyword("human deep")',
        'like("sea-boat.jpg") + keyword("dog") - human',
        'mean(dog, keyword("sand")) - without(keyword("snow"), human)',
        'dog + keyword("zebra")',
    ],
)
def test_under_every_rule_contributions_are_the_whole_score(
    toy: cavewall.Wall, name: str, source: str
) -> None:
    hits = toy.search(source, 6, name, explain=True)
    assert len(hits) == (5 if "like" in source else 6)
    for hit in hits:
        assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score, abs=1e-9)
    (many,) = toy.search_many([source], 6, name)
    assert list(many) == list(hits)


def test_under_words_a_keyword_counts_by_its_evidence_alone(toy: cavewall.Wall) -> None:
    index = InvertedIndex.from_captions(list(TOY_PICTURES.values()))
    shares = dict(zip(TOY_PICTURES, index.scores(term_patterns("beach")).tolist(), strict=True))
    for weight, level in ((2, lambda e: 2 * math.log1p(e / 0.003)), (-1, minus)):
        value = cavewall.text("dog") + weight * cavewall.keyword("beach")
        for hit in toy.search(value, 6, "words"):
            assert hit.terms[1].contribution == pytest.approx(level(shares[hit.image_id]), rel=1e-5)


def minus(e: float) -> float:
    return -0.7 * math.log1p(e / 0.03)


def test_under_standardised_it_is_told_in_deviations_of_the_wall(toy: cavewall.Wall) -> None:
    index = InvertedIndex.from_captions(list(TOY_PICTURES.values()))
    shares = index.scores(term_patterns("dog")).astype(np.float64)
    expected = (shares - shares.mean()) / shares.std()
    found = {
        hit.image_id: hit.terms[1].contribution
        for hit in toy.search('human + keyword("dog")', 6, "standardised")
    }
    assert [found[name] for name in TOY_PICTURES] == pytest.approx(expected.tolist())


def test_a_keyword_has_no_vector(toy: cavewall.Wall) -> None:
    for source in ('keyword("dog")', 'dog - keyword("snow")', 'like("sea-boat.jpg") + has("sea")'):
        with pytest.raises(InputError, match="has no vector: it is looked up in the captions"):
            toy.vector(source)


def test_the_reason_is_the_caption_that_holds_most_of_the_words(toy: cavewall.Wall) -> None:
    hits = toy.search('human + keyword("brown DOG be*")', 6, explain=True)
    assert hits.explanation is not None
    for hit in hits.explanation.hits:
        reason = hit.reasons[1]
        if hit.image_id == "beach-dog.jpg":
            assert (reason.caption, reason.match) == ("a brown dog on the beach", 1.0)
            assert [(one.word, one.says) for one in reason.words] == [
                ("brown", "brown"),
                ("dog", "dog"),
                ("beach", "be*"),
            ]
        if hit.image_id == "sea-boat.jpg":
            assert (reason.caption, reason.match, reason.words) == (None, None, ())
    human, keyword = hits.explanation.without
    assert (human.cancels, keyword.cancels) == (False, False)
    assert set(human.left) == {"sea-boat.jpg", "street-bus.jpg", "snow-human.jpg"}
