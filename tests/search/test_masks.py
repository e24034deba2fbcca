"""Who may answer: conditions on captions."""

from __future__ import annotations

import numpy as np
import pytest

import cavewall
from cavewall.errors import ExpressionError
from cavewall.query import parse
from cavewall.search.masks import conditions_mask, intersect
from cavewall.testing import TOY_PICTURES

DOGS = ["beach-dog.jpg", "snow-dog.jpg"]


def allowed(wall: cavewall.Wall, source: str) -> set[str] | None:
    parts = wall.connection.version()
    mask = conditions_mask(parse(source), lambda: parts.inverted_index)
    if mask is None:
        return None
    return {str(parts.pictures.ids[int(at)]) for at in np.flatnonzero(mask)}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("dog", None),
        ('a + keyword("dog")', None),
        ('a + has("dog")', set(DOGS)),
        ('a + has("DOG")', set(DOGS)),
        ('has("do*") + a - has("snow")', {"beach-dog.jpg"}),
        ('a - has("dog")', set(TOY_PICTURES) - set(DOGS)),
        ('a + has("in deep snow")', {"snow-dog.jpg", "snow-human.jpg"}),
        ('a + has("snow deep")', set()),
        ('a + has("dog") + has("human")', set()),
        ('a - has("zebra")', set(TOY_PICTURES)),
    ],
)
def test_the_pictures_that_meet_every_condition(
    toy: cavewall.Wall, source: str, names: set[str] | None
) -> None:
    assert allowed(toy, source) == names


def test_both_masks_where_there_are_two() -> None:
    one, other = np.array([True, True, False]), np.array([True, False, False])
    assert intersect(None, None) is None
    assert intersect(one, None) is intersect(None, one) is one
    assert np.asarray(intersect(one, other)).tolist() == [True, False, False]


@pytest.mark.parametrize("rule", ["add", "mul", "standardised", "words"])
def test_a_condition_takes_pictures_away_and_no_more(toy: cavewall.Wall, rule: str) -> None:
    for source in ("human - snow", "dog", 'keyword("the") + boat'):
        whole = toy.search(source, 6, rule)
        held = toy.search(f'{source} + has("dog")', 6, rule)
        assert [hit.image_id for hit in held] == [
            hit.image_id for hit in whole if hit.image_id in DOGS
        ]
        assert [hit.terms for hit in held] == [hit.terms for hit in whole if hit.image_id in DOGS]
        assert [hit.image_id for hit in toy.search(f'{source} + has("dog")', 1, rule)] == [
            held[0].image_id
        ]
        assert list(toy.search_many([f'{source} + has("dog")'], 6, rule)[0]) == list(held)


def test_an_answer_shows_its_conditions_and_terms_apart(toy: cavewall.Wall) -> None:
    hits = toy.search('human - has("dog")', explain=True)
    assert hits.expression == 'human - has("dog")'
    assert [term.term for term in hits[0].terms] == ["human"]
    assert len(hits) == 4


def test_no_one_who_may_not_answer_comes_when_a_term_is_left_out(toy: cavewall.Wall) -> None:
    explanation = toy.search('human + snow + has("dog")', 1, explain=True).explanation
    assert explanation is not None
    for without in explanation.without:
        assert set(without.entered) <= set(DOGS)


def test_what_a_condition_takes_away_is_owed_to_it(toy: cavewall.Wall) -> None:
    taken = toy.compare("dog", 'dog - has("snow")', 2)
    assert [(change.image_id, change.term, change.difference) for change in taken.left] == [
        ("snow-dog.jpg", '- has("snow")', 0.0)
    ]
    given = toy.compare('dog + has("human")', "dog", 2)
    assert {change.term for change in given.entered} == {'+ has("human")'}
    assert {change.image_id for change in given.entered} == set(DOGS)


@pytest.mark.parametrize("value", [cavewall.has("dog"), -cavewall.has("dog")])
def test_conditions_alone_are_no_question(toy: cavewall.Wall, value: cavewall.Expression) -> None:
    with pytest.raises(ExpressionError, match="not what to look for: add a term"):
        toy.search(value)
