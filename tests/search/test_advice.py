"""Help with the query: written negation, and what a wall has nothing of."""

from __future__ import annotations

from pathlib import Path

import pytest

import cavewall
from cavewall.models import Picture
from cavewall.query import parse, text
from cavewall.query.negation import without_negation
from cavewall.testing import FakeEncoder

# Written negation.


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dog without a leash", "dog - leash"),
        ("street with no cars", "street - cars"),
        ("street with no cars or people", "street - cars - people"),
        ("street with no cars and no people", "street - cars - people"),
        ("a road with no cars, no people", "a road - people - cars"),
        ("a dog without a leash in the snow", "a dog in the snow - leash"),
        ("a man without a hat and a dog", "a man and a dog - hat"),
        ("No people", "- people"),
        ("a man, but not a woman", "a man - woman"),
        ("birds but no ducks", "birds - ducks"),
        ("beach except people", "beach - people"),
        ("fruits except for bananas", "fruits - bananas"),
        ("a boy not wearing a shirt", "a boy - shirt"),
        ("man with no shirt on", "man - shirt"),
        ("dog that is not running", "dog - running"),
        ("dog not on a leash", "dog - leash"),
        ("not in the snow", "- snow"),
        ("A boy without a shirt is running", "A boy is running - shirt"),
        ("A man without shirt but wearing a hat", "A man wearing a hat - shirt"),
        ("DOG WITHOUT LEASH", "DOG - LEASH"),
    ],
)
def test_negation_becomes_minus_terms(written: str, meant: str) -> None:
    assert str(without_negation(text(written))) == meant


@pytest.mark.parametrize(
    "written",
    [
        "a notebook with a knot",
        "shirtless man",
        "Gone Without a Trace",
        "No Country for Old Men",
        "no smoking sign",
        'a sign says " no skiing "',
        "no one in sight",
        "not far from the beach",
        "no longer a dog",
        "without",
        "dog not",
        "dog without a",
        "no",
        "no .",
        "without ,",
    ],
)
def test_what_negates_nothing_stays_as_it_is(written: str) -> None:
    value = text(written)
    assert without_negation(value) is value


def test_negation_is_found_inside_expressions_and_keeps_their_weights() -> None:
    value = parse("2 * dog without a leash - cat + mean(beach without people, sea)")
    meant = "2 * (dog - leash) - cat + mean(beach - people, sea)"
    assert str(without_negation(value)) == meant
    assert without_negation(parse("dog with no leash + cat")) == parse("dog - leash + cat")
    same = parse('2 * dog - like("no dog.jpg") + mean(a, b)')
    assert without_negation(same) is same


def test_negation_is_told_and_applied_only_on_request(toy: cavewall.Wall) -> None:
    told = toy.search("dog without snow", 2)
    assert told.expression == "dog without snow"
    (sentence,) = told.advice
    assert "write `dog - snow`" in sentence
    applied = toy.search("dog without snow", 2, apply_negation=True)
    assert (applied.expression, applied.advice) == ("dog - snow", ())
    assert list(applied) == list(toy.search("dog - snow", 2))
    assert applied[0].image_id == "beach-dog.jpg"


def test_advice_is_a_list_of_every_answer(toy: cavewall.Wall) -> None:
    assert toy.search("dog").to_dict()["advice"] == []
    assert len(toy.search("dog without snow").to_dict()["advice"]) == 1


# What the wall has nothing of.

PLACES = ["sand", "snow", "grass", "street", "water"]
ACTORS = ["dog", "cat", "human", "horse", "bird"]


@pytest.fixture
def field(tmp_path: Path) -> cavewall.Wall:
    """Fifty pictures: every actor at every place, twice; one guitar at home."""
    wall = cavewall.open(tmp_path / "field", FakeEncoder(256))
    pictures = [
        Picture(f"{actor}-{place}-{n}", (f"{actor} {place}", f"{actor} {place} {n}"))
        for actor in ACTORS
        for place in PLACES
        for n in ("first", "second")
    ]
    wall.add([*pictures, Picture("guitar", ("guitar home",))], missing="keep")
    return wall


@pytest.mark.parametrize("rule", ["add", "words"])
@pytest.mark.parametrize("expression", ["dog", "dog snow", "dog + snow", "horse - grass", "guitar"])
def test_a_query_that_the_wall_answers_gets_no_advice(
    field: cavewall.Wall, rule: str, expression: str
) -> None:
    assert field.search(expression, rule=rule).advice == ()


@pytest.mark.parametrize("rule", ["add", "words"])
@pytest.mark.parametrize("expression", ["xyzzy", "dog + xyzzy", "dog - xyzzy", "3 * xyzzy + dog"])
def test_a_term_that_matches_nothing_is_named(
    field: cavewall.Wall, rule: str, expression: str
) -> None:
    told = [each for each in field.search(expression, rule=rule).advice if "nothing on" in each]
    assert len(told) == 1
    assert told[0].startswith("`xyzzy` matches nothing on this wall")
    assert "leave it out" in told[0]


@pytest.mark.parametrize("expression", ["night", "dog + night"])
def test_what_one_caption_of_many_says_is_not_missing(
    field: cavewall.Wall, expression: str
) -> None:
    said = (*(f"dog sand running {n} times" for n in range(9)), "a dog on the beach at night")
    field.add([Picture("late", said)], missing="keep")
    assert not [each for each in field.search(expression).advice if "nothing on" in each]


@pytest.mark.parametrize("rule", ["add", "words"])
def test_a_minus_that_cannot_bite_is_named(field: cavewall.Wall, rule: str) -> None:
    (sentence,) = field.search("dog - guitar", rule=rule).advice
    assert sentence.startswith("`- guitar` takes nothing away")


def test_a_minus_that_changes_the_first_ten_is_left_alone(field: cavewall.Wall) -> None:
    told = field.search("home - cat")
    assert {hit.image_id for hit in told} != {hit.image_id for hit in field.search("home")}
    assert told.advice == ()


def test_a_query_that_drifted_off_the_pictures_is_told(field: cavewall.Wall) -> None:
    (sentence,) = field.search("dog - 5 * snow - 5 * sand", rule="add").advice
    assert "drifted off the pictures" in sentence


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('dog + keyword("hors")', '`keyword("hors")`: no caption says `hors` (they have `horse`)'),
        ('keyword("dog hors xyz*")', "no caption says `hors` or `xyz*` (they have `horse`)"),
        ('dog + has("xyzzy")', '`has("xyzzy")`: no caption says `xyzzy`, and nothing answers'),
        ('dog - has("xyzzy")', "no caption says `xyzzy`, and it keeps nothing away"),
        ('dog + has("snow dog")', '`has("snow dog")`: no caption has these words one after anot'),
        ('bird + keyword("f* s*")', None),
        ('bird + keyword("first second")', None),
        ('bird - keyword("dog")', '`- keyword("dog")` takes nothing away'),
        ('dog + keyword("snow") - has("cat")', None),
    ],
)
def test_keywords_that_no_caption_has_are_named(
    field: cavewall.Wall, expression: str, told: str | None
) -> None:
    advice = field.search(expression).advice
    assert len(advice) == (told is not None)
    assert told is None or told in advice[0]


def test_keywords_that_most_pictures_have_tell_little(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "stop", FakeEncoder())
    wall.add([Picture(f"{n}", (f"the number {n} of",)) for n in range(30)], missing="keep")
    hits = wall.search('keyword("the of")')
    assert len(hits) == 10
    (sentence,) = hits.advice
    assert "tells pictures hardly apart: 100 % of them have it" in sentence
    assert wall.search('keyword("the 7")').advice == ()


def test_on_a_few_pictures_keywords_are_advised_on_too(toy: cavewall.Wall) -> None:
    (sentence,) = toy.search('keyword("dogg")').advice
    assert sentence == '`keyword("dogg")`: no caption says `dogg` (they have `dog`)'
    assert toy.search('keyword("a")').advice == ()


def test_a_picture_as_a_term_gets_no_advice(field: cavewall.Wall) -> None:
    assert field.search('like("guitar")').advice == ()


def test_few_pictures_have_no_background_to_speak_of(toy: cavewall.Wall) -> None:
    for expression in ("xyzzy", "dog - xyzzy"):
        assert toy.search(expression).advice == ()


def test_a_wall_without_captions_is_advised_too(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "none", FakeEncoder())
    wall.add([Picture(f"{n}", ("🦄",)) for n in range(30)], missing="keep")
    assert len(wall.search("dog").advice) == 1
    assert len(wall.search("dog - cat").advice) == 2


@pytest.mark.parametrize("expression", ["the of and", "🦄", "🦄 + dog"])
def test_stop_words_and_emoji_are_answered(field: cavewall.Wall, expression: str) -> None:
    hits = field.search(expression, 3)
    assert len(hits) == 3
    assert "matches nothing" in hits.advice[0]


def test_advice_on_a_query_without_keywords_reads_no_captions(toy: cavewall.Wall) -> None:
    """The index of captions takes seconds to make on a large wall: who asks for it pays."""
    derived = Path(toy.address, "derived", "captions-1")
    assert toy.search("dog - snow").advice is not None
    assert not derived.exists()
    assert toy.search('dog + has("snow")').advice == ()
    assert derived.is_dir()


def test_advice_is_of_the_best_picture_whichever_page_is_shown(field: cavewall.Wall) -> None:
    first = field.search("dog + sand", 5, "add", offset=0)
    later = field.search("dog + sand", 5, "add", offset=first.total - 5 if first.total else 0)
    assert len(later) == 5
    assert later[0].percentile is not None
    assert later[0].percentile < 75  # which would be called drifted, were it the best
    assert later.advice == first.advice
