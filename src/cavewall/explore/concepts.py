"""Which pictures show a concept: certainly, probably, possibly, or not.

The lexical evidence of a term, 0 to 1, is cut at three thresholds into grades 0 to 3. A condition,
`has()`, has grade 3 or 0. Several terms have the minimum of their grades; a minus term has the
complement, 3 minus its grade (Kleene's strong many-valued logic).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.tokenize import term_patterns, tokenize
from cavewall.errors import InputError
from cavewall.index.lexical import TermWords, evidence
from cavewall.query import Expression, Keyword, MustContain, Sum, TermRef, Text
from cavewall.query.negation import without_negation
from cavewall.query.printer import to_text
from cavewall.search.vector_space import VectorSpace

__all__ = ["PERHAPS", "SHOWN", "SURE", "THRESHOLDS", "Concept", "grade", "grade_text"]

Grades = NDArray[np.int8]

# The middle threshold minimises counting errors on one half of a lexicon's concepts on Flickr-8k;
# the outer ones make intervals that contain the true count of 95 of 100 cells
# (docs/decisions/0014). None equals a share of few captions: a fifth, a third, a half.
THRESHOLDS = (0.15, 0.35, 0.55)
PERHAPS, SHOWN, SURE = 1, 2, 3
# The same without captions, in deviations of a term's similarity from its mean over the wall: not
# measured, so that only the order of pictures is to be relied on.
_DEVIATIONS = (1.5, 2.0, 2.5)

_NUMBERS = {"no", "not", "one", "two", "three", "four", "five", "several", "many", "few"}


@dataclass(frozen=True)
class Concept:
    """A concept over the n pictures of a wall.

    Attributes:
        name: the expression as it prints between commas.
        grades: (n,) the grade of each picture, 0 to 3.
        vector: (d,) the sum of the plus texts' vectors, by which examples are ordered.
        unknown: messages about words that no caption contains; `grades` are then meaningless.
        notes: remarks on how it was interpreted.
    """

    name: str
    grades: Grades
    vector: NDArray[np.float32]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def grade(values: NDArray[np.floating]) -> Grades:
    """The grade of each value of evidence."""
    return np.searchsorted(THRESHOLDS, values, side="right").astype(np.int8)


def grade_text(expression: Expression, space: VectorSpace) -> Concept:
    """Grade the pictures of the wall by an expression of texts and `has()`.

    Raises:
        InputError: the expression has weights, functions, pictures or keywords, has a term both
            with plus and with minus, or is negated in words.
    """
    name = to_text(expression, in_function=True)
    terms = _terms(expression, name)
    snapshot, encoder = space.snapshot, space.texts
    grades = np.full(len(snapshot.ids), SURE, np.int8)
    vector = np.zeros(snapshot.vectors.shape[1], np.float32)
    unknown: list[str] = []
    notes: list[str] = []
    for term, sign in terms.items():
        if isinstance(term, MustContain):
            grades_of_term = space.inverted_index.match_phrase(term_patterns(term.text)) * np.int8(
                SURE
            )
        elif space.calibration is None:
            # Pixels have no words: a picture shows a term whose similarity is out of the ordinary.
            (query,) = encoder.encode([term.text])
            mean, deviation = space.background.of(query[None].astype(np.float64))
            zscores = (snapshot.vectors @ query - mean) / deviation
            grades_of_term = np.searchsorted(_DEVIATIONS, zscores, side="right").astype(np.int8)
            vector += query * (sign > 0)
        else:
            profile = TermWords.from_text(term.text, 1.0, space.words, encoder.encode)
            grades_of_term = grade(evidence([profile], space.words).values[0])
            unknown += _unknown(term, profile)
            notes += _notes(term, profile)
            vector += encoder.encode([term.text])[0] * (sign > 0)
        np.minimum(grades, grades_of_term if sign > 0 else SURE - grades_of_term, out=grades)
    return Concept(name, grades, vector, tuple(unknown), tuple(notes))


def _terms(expression: Expression, name: str) -> dict[Text | MustContain, float]:
    """The terms, each with 1 (shown) or -1 (not shown)."""
    terms: dict[Text | MustContain, float] = {}
    for sign, term in _flat(expression, 1.0, name):
        if terms.setdefault(term, sign) != sign:
            raise InputError(f"`{name}` asks for {term} with plus and with minus: drop one of them")
    return terms


def _flat(
    expression: Expression, sign: float, name: str
) -> Iterator[tuple[float, Text | MustContain]]:
    match expression:
        case Text():
            rewritten = without_negation(expression)
            if rewritten is not expression:
                raise InputError(
                    f"`{name}` says in words what should not be there: write `{rewritten}`"
                )
            yield sign, expression
        case MustContain():
            yield sign, expression
        case Sum(terms):
            for weight, part in terms:
                if abs(weight) != 1:
                    raise InputError(
                        f"`{name}` has a weight, and a picture shows a thing or not: write terms "
                        "with + and - alone"
                    )
                yield from _flat(part, sign * weight, name)
        case TermRef(_, meaning) if meaning is not None:
            yield from _flat(meaning, sign, name)
        case Keyword(text):
            raise InputError(
                f'{expression} scores pictures, and here they are counted: write has("{text}")'
            )
        case _:
            raise InputError(
                f"`{expression}` is no concept that captions name: write words, joined by + and -"
            )


def _unknown(term: Text, profile: TermWords) -> Iterator[str]:
    """Messages about words that no caption contains.

    They are not replaced by their nearest words: a giraffe would be counted as a horse.
    """
    index = profile.profile.index
    if not profile.words:
        yield f"`{term}` has no word that captions are read for"
    for at, word in enumerate(profile.words):
        if word not in index.ids:
            near = np.argsort(-profile.expansions[[at]].toarray()[0], kind="stable")[:2]
            names = " and ".join(f"`{index.words[each]}`" for each in near)
            yield f"no caption says `{word}`; the nearest words are {names}"


def _notes(term: Text, profile: TermWords) -> Iterator[str]:
    unread = [word for word in tokenize(term.text) if word in _NUMBERS]
    if unread and profile.words:
        yield f"`{term}` is counted as `{' '.join(profile.words)}`: numbers are not read"
