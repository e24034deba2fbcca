"""Rules, by hand in two dimensions and against the cosine with the normalised sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.index.lexical import Evidence
from cavewall.query import LinearCombination, text, to_linear_combination
from cavewall.query.values import weighted_sum
from cavewall.search.keyword_scores import Cosines
from cavewall.search.rules import DEFAULT, RULES, Rule, TermBackground, Terms, rule, total_scores
from tests.profile import scaled

PICTURES = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])
E, N, U = PICTURES[:3]
EAST_AND_NORTH = np.stack([E, N])

every_rule = pytest.mark.parametrize("known", RULES.values(), ids=RULES)


@dataclass
class Wall:
    """What a rule may ask of a wall, made up for the test, and what it did ask."""

    background: TermBackground
    evidence: Evidence
    asked: list[str] = field(default_factory=list)

    def terms(self, of: LinearCombination) -> Terms:
        return Terms(of, self._background, self._evidence)

    def _background(self) -> TermBackground:
        self.asked.append("background")
        return self.background

    def _evidence(self) -> Evidence:
        self.asked.append("evidence")
        return self.evidence


def told(
    mean: Sequence[float],
    deviation: Sequence[float],
    values: Sequence[Sequence[float]],
    certainty: Sequence[float],
) -> Wall:
    return Wall(
        TermBackground(np.asarray(mean, np.float64), np.asarray(deviation, np.float64)),
        Evidence.from_values(np.asarray(values), np.asarray(certainty, np.float32)),
    )


def random_wall(seed: int, terms: int, pictures: int) -> Wall:
    random = np.random.default_rng(seed)
    return told(
        random.uniform(-0.2, 0.3, terms).tolist(),
        random.uniform(0.05, 0.2, terms).tolist(),
        random.uniform(0, 1, (terms, pictures)).tolist(),
        random.choice([0, 0.3, 0.8, 1], terms).tolist(),
    )


def plain(terms: int) -> Wall:
    """Cosines are standardised already, and no caption says anything."""
    return told([0] * terms, [1] * terms, np.zeros((terms, len(PICTURES))).tolist(), [1] * terms)


def query(weights: Sequence[float], terms: NDArray[np.float64]) -> LinearCombination:
    pairs = [(weight, text(f"leaf{number}")) for number, weight in enumerate(weights)]
    return to_linear_combination(weighted_sum(pairs), terms @ terms.T)


def units(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


# Add.


@pytest.mark.parametrize(
    ("weights", "terms", "parts"),
    [
        ([1], [E], [[1, 0, 0.6, -1]]),
        ([-1], [E], [[-1, 0, -0.6, 1]]),
        ([3, 4], [E, N], [[0.6, 0, 0.36, -0.6], [0, 0.8, 0.64, 0]]),
        ([3, -4], [E, N], [[0.6, 0, 0.36, -0.6], [0, -0.8, -0.64, 0]]),
        ([0, 2], [E, N], [[0, 0, 0, 0], [0, 1, 0.8, 0]]),
        ([1, 1], [E, E], [[0.5, 0, 0.3, -0.5], [0.5, 0, 0.3, -0.5]]),
    ],
)
def test_add_by_hand(
    weights: list[float], terms: list[NDArray[np.float64]], parts: list[list[float]]
) -> None:
    rows = np.stack(terms)
    asked = plain(len(rows)).terms(query(weights, rows))
    found = rule("add").contributions(asked, rows @ PICTURES.T)
    np.testing.assert_allclose(found, parts, atol=1e-15)


@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=6),
    st.integers(2, 64),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=scaled(150))
def test_add_is_the_cosine_with_the_normalised_sum(
    weights: list[float], dimension: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    terms = units(random.normal(size=(len(weights), dimension)))
    pictures = units(random.normal(size=(20, dimension)))
    largest = max(np.abs(weights))
    assume(largest >= 1e-300)
    shares = np.asarray(weights) / largest
    total = shares @ terms
    assume(np.linalg.norm(total) > 0.1 * np.abs(shares).sum())
    asked = plain(len(weights)).terms(query(weights, terms))
    scores = rule("add").contributions(asked, terms @ pictures.T).sum(axis=0)
    np.testing.assert_allclose(scores, pictures @ total / np.linalg.norm(total), atol=1e-12)


def test_contributions_of_add_sum_to_the_score() -> None:
    asked = plain(2).terms(query([1, 1], EAST_AND_NORTH))
    parts = rule("add").contributions(asked, EAST_AND_NORTH @ U[:, None])
    assert parts.sum() == pytest.approx(1.4 / math.sqrt(2), abs=1e-15)


# The others, by hand: pictures to the east, north, at (3, 4)/5, and west.


def shifted(cosine: float) -> float:
    return math.log((1 + cosine) / 2 + 0.001)


@pytest.mark.parametrize("weights", [[1.0, 1.0], [1, -1], [2, -0.5], [0, -2], [-1, -2]])
def test_mul_by_hand(weights: list[float]) -> None:
    asked = plain(2).terms(query(weights, EAST_AND_NORTH))
    found = rule("mul").contributions(asked, EAST_AND_NORTH @ PICTURES.T)
    parts = [
        [weights[0] * shifted(cosine) for cosine in (1, 0, 0.6, -1)],
        [weights[1] * shifted(cosine) for cosine in (0, 1, 0.8, 0)],
    ]
    np.testing.assert_allclose(found, parts, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        ([1, 1], [[9, -1, 5, -11], [-0.4, 1.6, 1.2, -0.4]]),
        ([1, -1], [[9, -1, 5, -11], [0.4, -1.6, -1.2, 0.4]]),
        ([2, -0.5], [[18, -2, 10, -22], [0.2, -0.8, -0.6, 0.2]]),
        ([0, -2], [[0, 0, 0, 0], [0.8, -3.2, -2.4, 0.8]]),
        ([-1, -1], [[-9, 1, -5, 11], [0.4, -1.6, -1.2, 0.4]]),
    ],
)
def test_standardised_by_hand(weights: list[float], parts: list[list[float]]) -> None:
    wall = told([0.1, 0.2], [0.1, 0.5], np.zeros((2, 4)).tolist(), [0, 0])
    asked = wall.terms(query(weights, EAST_AND_NORTH))
    found = rule("standardised").contributions(asked, EAST_AND_NORTH @ PICTURES.T)
    np.testing.assert_allclose(found, parts, rtol=0, atol=1e-12)


@pytest.mark.parametrize("weights", [[1, 1], [2, -0.5], [-1, 3]])
def test_product_by_hand(weights: list[float]) -> None:
    wall = told([0.1, 0.2], [0.1, 0.5], np.zeros((2, 4)).tolist(), [0, 0])
    asked = wall.terms(query(weights, EAST_AND_NORTH))
    found = rule("product").contributions(asked, EAST_AND_NORTH @ PICTURES.T)
    for row, weight, standard in zip(found, weights, Z, strict=True):
        for part, z in zip(row, standard, strict=True):
            soft = math.log(1 + math.exp(z))
            expected = math.log(soft) if weight > 0 else math.log(1 + soft)
            assert part == pytest.approx(weight * expected, abs=1e-9)


def test_product_of_what_is_far_off_is_finite_and_of_what_is_near_grows() -> None:
    wall = told([0, 0], [1e-3, 1e-3], np.zeros((2, 4)).tolist(), [0, 0])
    asked = wall.terms(query([1, -1], EAST_AND_NORTH))
    similarities = np.array([[-1, 0, 0.5, 1], [-1, 0, 0.5, 1]], np.float32)
    found = rule("product").contributions(asked, similarities)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (np.diff(found[0]) > 0).all()
    assert found[1, 0] == 0
    assert (np.diff(found[1]) < 0).all()


SAID = ((0.5, 0, 0.25, 1), (0, 1, 0.125, 0))
Z = ((9, -1, 5, -11), (-0.4, 1.6, 1.2, -0.4))


Formula = Callable[[float, float, float], float]


def plus(evidence: float, z: float, certainty: float) -> float:
    beside = 0.2 + 0.5 * (1 - certainty)
    return certainty * math.log(1 + evidence / 0.003) + beside * z


def minus(evidence: float, z: float, certainty: float) -> float:
    beside = 0.2 + 0.5 * (1 - certainty)
    return 0.7 * certainty * math.log(1 + evidence / 0.03) + beside * z


def plus_alone(evidence: float, z: float, certainty: float) -> float:
    return 0.5 * z


def minus_alone(evidence: float, z: float, certainty: float) -> float:
    return 0.5 * 0.7 * z


@pytest.mark.parametrize(
    ("weights", "certainty", "terms"),
    [
        ([1, 1], [1, 1], [plus, plus]),
        ([1, -1], [1, 1], [plus, minus]),
        ([2, -0.5], [1, 0.5], [plus, minus]),
        ([0.5, -2], [0.25, 0.75], [plus, minus]),
        ([0.5, 2], [0, 0.5], [plus_alone, plus]),
        ([1, -2], [1, 0], [plus, minus_alone]),
        ([1, -2], [0, 0.0078125], [plus_alone, minus_alone]),
        ([-1, -1], [0.5, 1], [minus, minus]),
        ([0, -1], [1, 1], [minus, minus]),
    ],
)
def test_words_by_hand(weights: list[float], certainty: list[float], terms: list[Formula]) -> None:
    wall = told([0.1, 0.2], [0.1, 0.5], SAID, certainty)
    asked = wall.terms(query(weights, EAST_AND_NORTH))
    found = rule("words").contributions(asked, EAST_AND_NORTH @ PICTURES.T)
    parts = [
        [weight * term(said, z, known) for said, z in zip(SAID[at], Z[at], strict=True)]
        for at, (weight, term, known) in enumerate(zip(weights, terms, certainty, strict=True))
    ]
    np.testing.assert_allclose(found, parts, rtol=0, atol=1e-12)


# What holds for every rule.


@every_rule
@pytest.mark.parametrize("weight", [1e-300, 1e-6, 0.3, 1.0, 2.0, 7.0, 1e6])
def test_one_positive_term_scores_by_its_cosine(known: Rule, weight: float) -> None:
    cosines = U[None] @ PICTURES.T
    wall = random_wall(1, 1, 4)
    found = known.contributions(wall.terms(query([weight], U[None])), cosines)
    np.testing.assert_allclose(found, cosines, rtol=0, atol=1e-12)
    assert wall.asked == []


@every_rule
@pytest.mark.parametrize("weights", [[1.0, 0.0], [0, 2], [0.5, -0.0, 0]])
def test_terms_of_weight_zero_leave_the_other_its_cosine(known: Rule, weights: list[float]) -> None:
    rows = np.stack([U, E, N])[: len(weights)]
    asked = random_wall(2, len(rows), 4).terms(query(weights, rows))
    found = known.contributions(asked, rows @ PICTURES.T)
    expected = np.where(np.asarray(weights)[:, None] > 0, rows @ PICTURES.T, 0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@every_rule
@pytest.mark.parametrize("weights", [[1.0, 1.0, 0.0], [1, -1, 0], [-1, 0, 0]])
def test_a_term_of_weight_zero_adds_nothing(known: Rule, weights: list[float]) -> None:
    rows = np.stack([E, N, U])
    asked = random_wall(3, 3, 4).terms(query(weights, rows))
    found = known.contributions(asked, rows @ PICTURES.T)
    np.testing.assert_array_equal(found[np.asarray(weights) == 0], 0)
    assert np.all(np.isfinite(found))


@every_rule
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("weights", [[1, -0.5], [-1, 0], [1e6, -1e6], [1e-300, 1e-300]])
def test_contributions_have_the_shape_and_precision_of_the_similarities(
    known: Rule, kind: type[np.floating], weights: list[float]
) -> None:
    rows = np.stack([E, U])
    asked = random_wall(4, 2, 4).terms(query(weights, rows))
    found = known.contributions(asked, (rows @ PICTURES.T).astype(kind))
    assert found.shape == (2, len(PICTURES))
    assert found.dtype == kind
    assert np.all(np.isfinite(found))


@every_rule
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
@settings(max_examples=scaled(60))
def test_scores_are_the_sums_of_the_contributions(
    known: Rule, weights: list[float], seed: int
) -> None:
    """To within what the shortlist of `rank` allows for single precision, and far less."""
    random = np.random.default_rng(seed)
    rows = units(random.normal(size=(len(weights), 64)))
    pictures = units(random.normal(size=(50, 64)))
    assume(max(np.abs(weights)) > 1e-3)
    asked = random_wall(seed, len(weights), 50).terms(query(weights, rows))
    expected = known.contributions(asked, rows @ pictures.T).sum(axis=0)
    found = total_scores(known, asked, Cosines(rows, pictures.astype(np.float32)))
    assert found.shape == (50,)
    allowed = 2e-6 * max(known.lipschitz(asked), float(np.abs(weights).sum()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=allowed)


@pytest.mark.parametrize(("name", "passes"), [("add", 1), ("standardised", 1), ("words", 1)])
def test_terms_are_scored_in_one_pass_over_the_pictures(name: str, passes: int) -> None:
    pictures = Counted(PICTURES.astype(np.float32))
    cosines = Cosines(EAST_AND_NORTH, cast(Any, pictures))
    total_scores(rule(name), random_wall(8, 2, 4).terms(query([1, -1], EAST_AND_NORTH)), cosines)
    assert pictures.columns == passes


class Counted:
    """Vectors that count with how many others they were multiplied."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = vectors
        self.nbytes = vectors.nbytes
        self.columns = 0

    def __matmul__(self, others: NDArray[np.float32]) -> NDArray[np.float32]:
        self.columns += 1 if others.ndim == 1 else others.shape[1]
        product: NDArray[np.float32] = self.vectors @ others
        return product


@every_rule
def test_similarities_are_left_as_they_were(known: Rule) -> None:
    rows = np.stack([E, U])
    similarities = rows @ PICTURES.T
    before = similarities.copy()
    known.contributions(random_wall(5, 2, 4).terms(query([1, -0.5], rows)), similarities)
    np.testing.assert_array_equal(similarities, before)


@every_rule
@pytest.mark.parametrize("weight", [-0.5, -1, -2])
def test_minus_lowers_what_it_names(known: Rule, weight: float) -> None:
    """Two pictures alike but for the subtracted term: cosine and captions name it in one."""
    similarities = np.array([[0.5, 0.5], [0.1, 0.6]])
    wall = told([0, 0], [0.1, 0.1], [[0.5, 0.5], [0, 0.8]], [1, 1])
    asked = wall.terms(query([1, weight], EAST_AND_NORTH))
    without, names_it = known.contributions(asked, similarities).sum(axis=0)
    assert names_it < without


@every_rule
@pytest.mark.parametrize("weights", [[-1.0], [-2, 0], [-1, -0.5]])
def test_a_query_of_only_minus_terms_prefers_what_they_do_not_name(
    known: Rule, weights: list[float]
) -> None:
    rows = EAST_AND_NORTH[: len(weights)]
    values = np.maximum(rows @ PICTURES.T, 0).tolist()
    wall = told([0] * len(rows), [0.5] * len(rows), values, [1] * len(rows))
    scores = known.contributions(wall.terms(query(weights, rows)), rows @ PICTURES.T).sum(axis=0)
    assert scores.argmax() == 3
    assert scores[0] < scores[3]


@every_rule
@pytest.mark.parametrize("weights", [[1, -1, 0.5], [2, 1, 1], [-1, -2, -0.5], [1, 0, 0]])
def test_fewer_pictures_get_what_they_got_among_all(known: Rule, weights: list[float]) -> None:
    rows = units(np.array([[1.0, 0.2], [0.1, 1], [3, -4]]))
    asked = random_wall(6, 3, 4).terms(query(weights, rows))
    everyone = known.contributions(asked, rows @ PICTURES.T)
    some = np.array([2, 0])
    found = known.contributions(asked.at(some), (rows @ PICTURES.T)[:, some])
    np.testing.assert_array_equal(found, everyone[:, some])


@every_rule
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
@settings(max_examples=scaled(60))
def test_no_score_moves_faster_than_the_lipschitz(
    known: Rule, weights: list[float], seed: int
) -> None:
    """What the shortlist of `rank` leans on: the numeric derivative, every cosine at its worst."""
    random = np.random.default_rng(seed)
    rows = units(random.normal(size=(len(weights), 64)))
    assume(max(np.abs(weights)) > 1e-3)
    asked = random_wall(seed, len(weights), 50).terms(query(weights, rows))
    cosines = random.uniform(-0.7, 1, (len(weights), 50))
    step = 1e-6
    there, back = (known.contributions(asked, cosines + side) for side in (step, -step))
    moved = np.abs(there - back).sum(axis=0) / (2 * step)
    assert moved.max() <= known.lipschitz(asked) * (1 + 1e-5) + 1e-6


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("add", set()),
        ("mul", set()),
        ("standardised", {"background"}),
        ("words", {"background", "evidence"}),
    ],
)
def test_rules_ask_only_for_what_they_need_and_once(name: str, asked: set[str]) -> None:
    wall = random_wall(7, 2, 4)
    terms = wall.terms(query([1, -1], EAST_AND_NORTH))
    for each in (terms, terms, terms.at(np.array([1, 2]))):
        pictures = PICTURES if each is terms else PICTURES[1:3]
        rule(name).contributions(each, EAST_AND_NORTH @ pictures.T)
        rule(name).lipschitz(each)
    assert sorted(wall.asked) == sorted(asked)


# Names.


@every_rule
def test_a_rule_is_chosen_by_its_name(known: Rule) -> None:
    assert rule(known.name) is known


def test_no_name_is_the_default() -> None:
    assert rule() is rule(None) is RULES[DEFAULT]


def test_the_rules_are_these() -> None:
    assert sorted(RULES) == ["add", "mul", "product", "standardised", "words"]
    assert DEFAULT == "words"


@pytest.mark.parametrize("name", ["Add", "cosine", "add ", ""])
def test_an_unknown_rule_lists_those_there_are(name: str) -> None:
    with pytest.raises(InputError) as caught:
        rule(name)
    message = f"there is no rule {name!r}: choose one of {', '.join(sorted(RULES))}"
    assert str(caught.value) == message
