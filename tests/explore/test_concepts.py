"""Which pictures show a concept: grades by hand, and what is no concept."""

from __future__ import annotations

import numpy as np
import pytest

import cavewall
from cavewall.errors import InputError
from cavewall.explore.concepts import THRESHOLDS, Concept, grade, grade_text
from cavewall.query import Expression, parse_list
from cavewall.search.vector_space import VectorSpace
from cavewall.testing import TOY_PICTURES


@pytest.fixture
def space(toy: cavewall.Wall) -> VectorSpace:
    return toy.connection.version().caption


def concept(source: str | Expression, space: VectorSpace) -> Concept:
    (value,) = parse_list(source) if isinstance(source, str) else (source,)
    return grade_text(value, space)


def shown(source: str | Expression, space: VectorSpace) -> set[str]:
    found = concept(source, space)
    return {name for name, grade in zip(TOY_PICTURES, found.grades, strict=True) if grade >= 2}


def test_evidence_is_cut_at_the_thresholds() -> None:
    values = np.array([0, 0.149, *THRESHOLDS, 0.54, 1])
    assert grade(values).tolist() == [0, 0, 1, 2, 3, 2, 3]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("dog", {"beach-dog.jpg", "snow-dog.jpg"}),
        ("dog + snow", {"snow-dog.jpg"}),
        ("dog - snow", {"beach-dog.jpg"}),
        ("dog - (snow + boat)", {"beach-dog.jpg"}),
        ('has("dog")', {"beach-dog.jpg", "snow-dog.jpg"}),
        ('dog - has("deep snow")', {"beach-dog.jpg"}),
        ("dog + (dog)", {"beach-dog.jpg", "snow-dog.jpg"}),
    ],
)
def test_all_plus_terms_and_no_minus_term(
    source: str, expected: set[str], space: VectorSpace
) -> None:
    assert shown(source, space) == expected


def test_a_minus_term_turns_its_grades_round(space: VectorSpace) -> None:
    there, away = concept("snow", space).grades, concept("- snow", space).grades
    assert (there + away == 3).all()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("2 * dog", "has a weight"),
        ("mean(dog, bus)", "no concept that captions name"),
        ('like("beach-dog.jpg")', "no concept that captions name"),
        ('keyword("dog")', r'write has\("dog"\)'),
        ("dog - dog", "with plus and with minus"),
        ("dog without a leash", "write `dog - leash`"),
    ],
)
def test_what_is_no_concept_is_refused(source: str, message: str, space: VectorSpace) -> None:
    with pytest.raises(InputError, match=message):
        concept(source, space)


def test_words_that_no_caption_says_are_told(space: VectorSpace) -> None:
    found = concept("brown quokka", space)
    assert len(found.unknown) == 1
    assert found.unknown[0].startswith("no caption says `quokka`; the nearest words are `")
    assert concept("the", space).unknown == ("`the` has no word that captions are read for",)
    assert concept("brown dog", space).unknown == ()


def test_numbers_are_told_to_go_unread(space: VectorSpace) -> None:
    assert concept("two boat", space).notes == (
        "`two boat` is counted as `boat`: numbers are not read",
    )
