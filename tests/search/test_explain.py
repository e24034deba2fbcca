"""Reasons, comparisons, percentiles and paths on small walls, checked by hand or brute force."""

from __future__ import annotations

import json
import pickle
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cavewall
from cavewall.errors import ExpressionError, InputError
from cavewall.index.background import Background
from cavewall.models import Picture
from cavewall.query import like, parse, text
from cavewall.search.calibration import Calibration
from cavewall.search.explanation import (
    Explanation,
    HitExplanation,
    TermReason,
    WithoutTerm,
    WordMatch,
)
from cavewall.search.path import interpolate, pick_along_path
from cavewall.search.rules import rule as cavewall_rule
from cavewall.search.wall_version import WallVersion
from cavewall.storage import open_store
from cavewall.testing import TOY_PICTURES, FakeEncoder

RULES = ["add", "mul", "standardised", "words"]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


# The reasons of a hit.


@pytest.mark.parametrize("rule", RULES)
def test_reasons_are_those_of_the_answer_and_sum_to_the_score(
    toy: cavewall.Wall, rule: str
) -> None:
    hits = toy.search("dog + snow - 0.5 * human", 4, rule, explain=True)
    found = hits.explanation
    assert found is not None
    assert (found.expression, found.rule) == ("dog + snow - 0.5 * human", rule)
    assert [hit.image_id for hit in found.hits] == ids(hits)
    for hit, why in zip(hits, found.hits, strict=True):
        assert why.score == hit.score
        assert sum(reason.contribution for reason in why.reasons) == pytest.approx(hit.score)
        for term, reason in zip(hit.terms, why.reasons, strict=True):
            assert (reason.term, reason.weight) == (term.term, term.weight)
            assert reason.contribution == term.contribution


def test_under_rule_words_the_caption_is_the_one_whose_words_say_the_term(
    toy: cavewall.Wall,
) -> None:
    hits = toy.search("deep snow + dog - bus", 1)
    assert ids(hits) == ["snow-dog.jpg"]
    snow, dog, bus = hits[0].explain().reasons
    assert snow.caption == "a dog in deep snow"
    assert {(match.word, match.says) for match in snow.words} >= {("deep", "deep")}
    assert snow.match == pytest.approx(1.0)
    assert (dog.words[0].word, dog.words[0].says, dog.words[0].chance) == ("dog", "dog", 1.0)
    assert bus.match is None or bus.match < 0.5


@pytest.mark.parametrize("expression", ["a dog in deep snow", "a dog in deep snow - bus"])
def test_under_other_rules_the_caption_is_the_nearest(toy: cavewall.Wall, expression: str) -> None:
    hits = toy.search(expression, 1, "add")
    reason = hits[0].explain().reasons[0]
    assert reason.caption == "a dog in deep snow"
    assert reason.match == pytest.approx(1.0, abs=1e-6)
    assert reason.words == tuple(WordMatch(word, word, 1.0) for word in ("dog", "deep", "snow"))


def test_a_picture_is_matched_by_the_words_of_its_captions(toy: cavewall.Wall) -> None:
    hits = toy.search('like("beach-dog.jpg")', 1)
    (reason,) = hits[0].explain().reasons
    assert ids(hits) == ["beach-human.jpg"]
    assert {match.word for match in reason.words} <= {"runs", "sand", "beach"}
    assert reason.words


def test_a_picture_without_captions_that_match_has_no_words() -> None:
    reason = TermReason("dog", 1.0, 0.5)
    assert reason.to_dict() == {
        "term": "dog",
        "weight": 1.0,
        "contribution": 0.5,
        "caption": None,
        "match": None,
        "words": [],
    }


# Leaving out.


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("left_out", "rest"), [(0, "snow - human"), (2, "dog + snow")])
def test_leaving_a_term_out_is_searching_for_the_rest(
    toy: cavewall.Wall, rule: str, left_out: int, rest: str
) -> None:
    shown = toy.search("dog + snow - human", 3, rule, explain=True)
    assert shown.explanation is not None
    without = shown.explanation.without[left_out]
    everyone = ids(toy.search(rest, 6, rule))
    assert not without.cancels
    assert without.entered == tuple(name for name in everyone[:3] if name not in ids(shown))
    assert without.left == tuple(name for name in ids(shown) if name not in everyone[:3])
    assert [(move.image_id, move.before, move.after) for move in without.moved] == [
        (name, place, everyone.index(name) + 1)
        for place, name in enumerate(ids(shown), 1)
        if everyone.index(name) + 1 != place
    ]


@pytest.mark.parametrize("expression", ["dog", "2 * dog + dog"])
def test_leaving_the_only_term_out_cancels_the_query(toy: cavewall.Wall, expression: str) -> None:
    (without,) = toy.search(expression, 2).explain().without
    assert without.cancels
    assert (without.entered, without.left, without.moved) == ((), (), ())


def test_what_is_left_may_cancel_though_there_are_terms(toy: cavewall.Wall) -> None:
    found = toy.search('dog + snow - "Snow"', 2, "add").explain()
    assert [without.cancels for without in found.without] == [True, False, False]


def test_at_most_the_32_heaviest_terms_are_left_out(toy: cavewall.Wall) -> None:
    expression = " + ".join(f"{number + 1} * word{number}" for number in range(200))
    found = toy.search(expression, 2, "add").explain()
    assert [without.weight for without in found.without] == [float(n) for n in range(169, 201)]


def test_an_input_stays_left_out(toy: cavewall.Wall) -> None:
    found = toy.search('like("beach-dog.jpg") + snow', 5).explain()
    entered = {name for without in found.without for name in without.entered}
    assert "beach-dog.jpg" not in entered


# How the reasons reach who asks.


def test_reasons_are_found_when_asked_for_and_the_same(toy: cavewall.Wall) -> None:
    hits = toy.search("dog + snow", 3)
    assert hits.explanation is None
    assert "explanation" not in hits.to_dict()
    found = hits.explain()
    assert [hit.explain() for hit in hits] == list(found.hits)
    assert toy.search("dog + snow", 3, explain=True).explanation == found


def test_reasons_are_no_part_of_what_a_hit_is(toy: cavewall.Wall) -> None:
    first, second = toy.search("dog"), toy.search("dog")
    assert list(first) == list(second)
    assert "reasons" not in repr(first)
    copy = pickle.loads(pickle.dumps(first))
    assert copy == first
    for lost in (copy.explain, copy[0].explain):
        with pytest.raises(InputError, match="search for it again"):
            lost()
    explained = toy.search("dog", explain=True)
    assert pickle.loads(pickle.dumps(explained)).explain() == explained.explain()


def test_the_wall_may_change_between_answer_and_reasons(toy: cavewall.Wall) -> None:
    hits = toy.search("dog + snow", 3)
    toy.add([Picture("new.jpg", ("a dog in the snow",))], missing="keep")
    found = hits.explain()
    assert "new.jpg" not in {name for without in found.without for name in without.entered}


def test_an_explanation_as_a_dict(toy: cavewall.Wall) -> None:
    answer = toy.search("dog - snow", 2, explain=True).to_dict()
    assert list(answer)[-1] == "explanation"
    found = answer["explanation"]
    assert list(found) == ["hits", "without"]
    assert list(found["hits"][0]) == ["image_id", "score", "terms"]
    keys = ["term", "weight", "contribution", "caption", "match", "words"]
    assert list(found["hits"][0]["terms"][0]) == keys
    keys = ["term", "weight", "cancels", "entered", "left", "moved"]
    assert list(found["without"][0]) == keys
    assert all(list(move) == ["image_id", "from", "to"] for move in found["without"][1]["moved"])
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


# In a notebook.


class Page(HTMLParser):
    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name == "style" for name, _ in attrs)
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_notebook_never_runs_what_strangers_wrote() -> None:
    match = WordMatch(HOSTILE, HOSTILE + "!", 0.5)
    reasons = (
        TermReason(HOSTILE, -1.0, -0.5, HOSTILE, 0.5, (match,)),
        TermReason("dog", 1.0, 0.25),
    )
    hit = HitExplanation(HOSTILE, -0.25, reasons)
    without = WithoutTerm(HOSTILE, -1.0, False, (HOSTILE,), (HOSTILE,))
    for shown in (hit, Explanation(HOSTILE, HOSTILE, (hit,), (without,))):
        page = Page(shown._repr_html_())
        assert page.open == []
        assert set(page.tags) <= {"div", "p", "b", "i", "h4", "ul", "li", "span"}
        assert page.text.count(HOSTILE) >= 4
        assert "−0.500" in page.text
        assert "+0.250" in page.text


def test_bars_are_as_long_as_the_contributions_and_on_their_side() -> None:
    hit = HitExplanation("a", 0.25, (TermReason("b", -1.0, -0.5), TermReason("c", 1.0, 0.25)))
    shown = hit._repr_html_()
    assert "left:0.0px;width:120.0px" in shown
    assert "left:120.0px;width:60.0px" in shown


def test_an_explanation_of_nothing_shows_itself() -> None:
    assert Page(Explanation("dog", "add", (), ())._repr_html_()).text == "dog · rule add"


# What changed.


def test_what_changed_and_the_term_responsible(toy: cavewall.Wall) -> None:
    before, after = ids(toy.search("dog", 3)), ids(toy.search("dog + snow", 3))
    found = toy.compare("dog", "dog + snow", 3)
    assert (found.before, found.after, found.rule, found.k) == ("dog", "dog + snow", "words", 3)
    assert [change.image_id for change in found.entered] == [
        name for name in after if name not in before
    ]
    assert [change.image_id for change in found.left] == [
        name for name in before if name not in after
    ]
    for change in (*found.entered, *found.left, *found.moved):
        assert change.before == (before.index(change.image_id) + 1 if change.before else None)
        assert change.after == (after.index(change.image_id) + 1 if change.after else None)
        assert change.before != change.after
    snowy = [change for change in found.entered if change.image_id == "snow-human.jpg"]
    assert [change.term for change in snowy] == ["snow"]
    assert all(change.difference > 0 for change in found.entered)
    assert all(change.difference < 0 for change in found.left)


def test_differences_are_of_contributions_against_their_mean(toy: cavewall.Wall) -> None:
    found = toy.compare("dog + boat", "dog + snow", 2, "standardised")
    answers = [toy.search(each, 6, "standardised") for each in ("dog + boat", "dog + snow")]
    parts = [
        {hit.image_id: {term.term: term.contribution for term in hit.terms} for hit in answer}
        for answer in answers
    ]
    union = {name for answer in answers for name in ids(answer)[:2]}
    for change in found.entered:
        grown = {
            name: parts[1][name].get(change.term, 0) - parts[0][name].get(change.term, 0)
            for name in union
        }
        mean = sum(grown.values()) / len(grown)
        assert change.difference == pytest.approx(grown[change.image_id] - mean)


def test_the_same_answer_changes_nothing(toy: cavewall.Wall) -> None:
    found = toy.compare("dog", "2 * dog")
    assert (found.entered, found.left, found.moved) == ((), (), ())


def test_who_may_answer_and_of_which_version_is_compared(toy: cavewall.Wall) -> None:
    where = 'not has("snow")'
    found = toy.compare("dog", "human", 1, where=where, version=2)
    assert [change.image_id for change in found.entered] == ids(toy.search("human", 1, where=where))
    assert [change.image_id for change in found.left] == ["beach-dog.jpg"]
    toy.versions.tag("before")
    toy.maintenance.delete(["beach-human.jpg"])
    assert toy.compare("dog", "human", 1, where=where, version=2) == found
    assert toy.compare("dog", "human", 1, where=where).entered != found.entered


def test_an_expression_is_not_compared_with_itself(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="`dog` is compared with itself"):
        toy.compare("dog", text("dog"))


def test_a_comparison_as_a_dict(toy: cavewall.Wall) -> None:
    found = toy.compare("dog", "snow", 2).to_dict()
    assert list(found) == ["before", "after", "rule", "k", "entered", "left", "moved"]
    assert list(found["entered"][0]) == ["image_id", "from", "to", "term", "difference"]
    assert found["entered"][0]["from"] is None
    assert found["left"][0]["to"] is None
    json.dumps(found, allow_nan=False)


# What a score is worth.


def test_a_cosine_is_worth_the_share_of_pairs_below_it(toy: cavewall.Wall) -> None:
    vectors = np.stack([toy.vector(like(name)) for name in TOY_PICTURES])
    pairs = [vectors[a] @ vectors[b] for a in range(6) for b in range(a)]
    for hit in toy.search("a dog in deep snow", 6):
        assert hit.percentile == pytest.approx(100 * np.mean([hit.score > pair for pair in pairs]))


def test_pairs_have_the_mean_and_deviation_that_the_background_tells() -> None:
    vectors = FakeEncoder(16).encode([f"word{n} word{n % 7} same" for n in range(800)])
    background = Background.from_vectors(vectors)
    pairs = Calibration(vectors, lambda: background, lambda: pytest.fail("no words")).pairs
    assert len(pairs) == 800 * 799 // 2
    assert (np.diff(pairs) >= 0).all()
    mean, deviation = background.between_pictures
    assert pairs.mean() == pytest.approx(mean, abs=0.01)
    assert pairs.std() == pytest.approx(deviation, abs=0.01)


@pytest.mark.parametrize("name", ["mul", "words"])
def test_other_scores_are_worth_the_share_of_random_words_and_pictures_below_them(
    toy: cavewall.Wall, name: str
) -> None:
    space = WallVersion(open_store(toy.address), lambda: toy.encoder).caption
    calibration, ruled = space.calibration, cavewall_rule(name)
    assert calibration is not None
    plus, minus = calibration._draws(ruled)
    # Every word as a plus term with every word as half a minus term, on every picture.
    totals = (plus[:, None] + 0.5 * minus[None]).ravel()
    scores = np.quantile(totals, [0.05, 0.3, 0.5, 0.8, 0.99]) + 1e-6
    exact = [100 * (totals < score).mean() for score in scores]
    found = calibration.of_scores(scores, ruled, np.array([1.0, -0.5, 0.0]))
    assert found == pytest.approx(exact, abs=1)


@pytest.mark.parametrize("rule", RULES)
def test_percentiles_fall_with_the_score_and_are_the_same_each_time(
    toy: cavewall.Wall, rule: str
) -> None:
    shares = [
        [hit.percentile or 0.0 for hit in toy.search("dog + snow - bus", 6, rule)] for _ in range(2)
    ]
    assert shares[0] == shares[1]
    assert shares[0] == sorted(shares[0], reverse=True)
    assert all(0 <= share <= 100 for share in shares[0])


def test_the_least_percentile_cuts_the_tail(toy: cavewall.Wall) -> None:
    whole = toy.search("a dog in deep snow", 6)
    least = whole[2].percentile or 0.0
    cut = toy.search("a dog in deep snow", 6, min_percentile=least, explain=True)
    assert list(cut) == [hit for hit in whole if (hit.percentile or 0.0) >= least]
    assert len(toy.search("a dog in deep snow", min_percentile=0)) == 6
    assert cut.explanation is not None
    assert len(cut.explanation.hits) == len(cut)
    empty = toy.search("a red dog", min_percentile=100, explain=True)
    assert list(empty) == []
    assert empty.explanation == Explanation("a red dog", "words", (), ())


@pytest.mark.parametrize("least", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_percentile_out_of_range_is_an_error(toy: cavewall.Wall, least: float) -> None:
    with pytest.raises(InputError, match="0 to 100"):
        toy.search("dog", min_percentile=least)


def test_one_picture_has_no_background(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "one", FakeEncoder())
    wall.add([Picture("a.jpg", ("a dog",))], missing="keep")
    for expression in ("dog", "dog - cat"):
        (hit,) = wall.search(expression, min_percentile=99)
        assert hit.percentile is None
        assert hit.to_dict()["percentile"] is None


# Paths.


def test_way_points_are_even_steps_with_both_ends() -> None:
    assert [str(point) for point in interpolate(text("a"), text("b"), 5)] == [
        "a",
        "slerp(a, b, 0.25)",
        "slerp(a, b, 0.5)",
        "slerp(a, b, 0.75)",
        "b",
    ]
    assert cavewall.path(text("a"), text("b"), 2) == (text("a"), text("b"))


@pytest.mark.parametrize("steps", [-1, 0, 1, 1001])
def test_a_path_of_one_step_is_none(toy: cavewall.Wall, steps: int) -> None:
    with pytest.raises(InputError, match=f"not {steps}"):
        toy.path("dog", "boat", steps)


@pytest.mark.parametrize("steps", [2, 3, 6, 50])
def test_the_pictures_of_a_path_are_different_and_begin_and_end_with_the_best(
    toy: cavewall.Wall, steps: int
) -> None:
    strip = toy.path("a dog on the beach", "a human in deep snow", steps)
    assert len(strip) == len(set(ids(strip))) == min(steps, 6)
    assert strip[0].image_id == ids(toy.search("a dog on the beach"))[0]
    assert strip[-1].image_id == ids(toy.search("a human in deep snow"))[0]
    assert strip.rule == "add"
    assert all(
        sum(term.contribution for term in hit.terms) == pytest.approx(hit.score) for hit in strip
    )


def test_a_path_of_a_version_that_was(toy: cavewall.Wall) -> None:
    before = ids(toy.path("dog", "boat", 4))
    toy.versions.tag("before")
    toy.maintenance.delete([before[0]])
    assert ids(toy.path("dog", "boat", 4, version=2)) == before
    assert before[0] not in ids(toy.path("dog", "boat", 4))


@pytest.mark.parametrize(
    ("points", "pictures", "places"),
    [
        (5, 5, [0, 1, 2, 3, 4]),
        (5, 4, [0, 1, 3, 4]),
        (5, 3, [0, 1, 4]),
        (5, 1, [0]),
        (2, 2, [0, 1]),
        (6, 0, []),
    ],
)
def test_the_middle_of_a_path_goes_without(points: int, pictures: int, places: list[int]) -> None:
    assert pick_along_path(points, pictures) == places


def test_the_ends_of_a_path_are_no_pictures_of_it(toy: cavewall.Wall) -> None:
    strip = toy.path('like("beach-dog.jpg")', 'like("sea-boat.jpg")', 6)
    assert sorted(ids(strip)) == sorted(set(TOY_PICTURES) - {"beach-dog.jpg", "sea-boat.jpg"})
    assert strip[0].explain().image_id == strip[0].image_id


def test_opposite_ends_have_no_way_between_them(toy: cavewall.Wall) -> None:
    with pytest.raises(ExpressionError, match="opposite ends"):
        toy.path("dog", "- dog", 3)


def test_an_analogy_leaves_its_pictures_out(toy: cavewall.Wall) -> None:
    names = ["beach-dog.jpg", "beach-human.jpg", "snow-dog.jpg"]
    hits = toy.search(parse("analogy({}, {}, {})".format(*(f'like("{name}")' for name in names))))
    assert ids(hits)[0] == "snow-human.jpg"
    assert not set(names) & set(ids(hits))


@pytest.mark.parametrize("rule", ["add", "words"])
@pytest.mark.parametrize(
    "page",
    [
        {"offset": 2},
        {"diverse": 0.9},
        {"diverse": 0.9, "offset": 1},
        {"dedupe": True, "offset": 1},
        {"group_by": "image_id", "offset": 1},
    ],
)
def test_a_term_of_no_weight_changes_no_page(
    toy: cavewall.Wall, rule: str, page: dict[str, Any]
) -> None:
    hits = toy.search("dog + 0 * cat + sand", 2, rule, explain=True, **page)
    assert hits.explanation is not None
    (without,) = (each for each in hits.explanation.without if each.term == "cat")
    assert (without.entered, without.left, without.moved) == ((), (), ())


def test_ranks_of_a_later_page_begin_at_its_offset(toy: cavewall.Wall) -> None:
    whole = toy.search("dog + sand", 6, "add", offset=0)
    page = toy.search("dog + sand", 2, "add", offset=2, explain=True)
    assert ids(page) == ids(whole)[2:4]
    assert page.explanation is not None
    for left_out, rest in zip(page.explanation.without, ("sand", "dog"), strict=True):
        ranking = ids(toy.search(rest, 6, "add", offset=0))
        assert set(left_out.entered) == set(ranking[2:4]) - set(ids(page))
        assert set(left_out.left) == set(ids(page)) - set(ranking[2:4])
        for moved in left_out.moved:
            assert moved.before == 1 + ids(whole).index(moved.image_id)
            if moved.image_id not in left_out.left:
                assert moved.after == 1 + ranking.index(moved.image_id)
