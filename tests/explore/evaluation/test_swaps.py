"""Swap questions on walls that are small enough to know the answers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.errors import InputError
from cavewall.explore.evaluation import BASELINES, Forms, Question, SwapReport
from cavewall.models import Picture
from cavewall.search.rules import DEFAULT, RULES
from cavewall.testing import FakeEncoder

SWAP = Question(
    1,
    "dog sand",
    False,
    "dog",
    "human",
    ("beach-human.jpg",),
    rewrite="human sand",
    retype="human sand",
    source="beach-dog.jpg",
    slot="subject",
    forms=Forms((("sand", "beach"),), ("human",), ("dog",)),
)


def ask(wall: cavewall.Wall, questions: Iterable[Question], *names: str) -> SwapReport:
    return wall.evaluation.swaps(questions, names)


def made(path: Path, captions: dict[str, tuple[str, ...]]) -> cavewall.Wall:
    wall = cavewall.open(path, FakeEncoder())
    wall.add((Picture(name, texts) for name, texts in captions.items()), missing="keep")
    return wall


def test_the_default_and_all_that_the_lines_allow_are_compared(toy: cavewall.Wall) -> None:
    report = ask(toy, [SWAP])
    assert list(report.answers) == list(dict.fromkeys([DEFAULT, "add", *BASELINES]))
    found = report.to_dict()
    assert found["default_rule"] == DEFAULT
    assert (found["questions"], found["asked"], found["notes"]) == (1, 1, [])
    for figures in found["rules"].values():
        assert {"p_at_10", "mrr", "n", "p_at_10_low", "p_at_10_high"} <= set(figures)
    # Six pictures: all that are ranked fit the first ten, so what is relevant is among them.
    assert [figures["p_at_10"] for figures in found["rules"].values()] == [1.0] * 6
    assert found["rules"][DEFAULT]["mrr"] == 1.0
    assert found["rules"]["retype"]["mrr"] == 1.0
    assert found["rules"]["retype"]["default_ahead"]["p_at_10"] == 0
    assert found["rules"]["add"]["slots"] == {"subject": {"p_at_10": 1.0, "mrr": 1.0, "n": 1}}


def test_keep_gain_and_leak_are_shares_of_the_first_ten(toy: cavewall.Wall) -> None:
    # Five of six pictures answer: one on sand (its captions say sand, beach), two with humans,
    # one with a dog.
    assert ask(toy, [SWAP]).held("add") == (1 / 5, 2 / 5, 1 / 5)


def test_names_that_no_line_has_words_for_are_left_out(toy: cavewall.Wall) -> None:
    bare = Question(1, "dog sand", False, "dog", "human", ("beach-human.jpg",))
    assert list(ask(toy, [bare]).answers) == [DEFAULT, "add", "none", "plus"]
    both = ask(toy, [SWAP, bare])
    assert [len(both.answers[name]) for name in ("add", "retype")] == [2, 1]
    assert both.default_ahead("retype").n == 1
    assert both.held("add") == ask(toy, [SWAP]).held("add")
    assert both.to_dict()["rules"]["add"]["slots"]["subject"]["n"] == 1
    assert "slots" not in ask(toy, [bare]).to_dict()["rules"]["add"]


def test_named_rules_have_the_default_beside_them(toy: cavewall.Wall) -> None:
    assert list(ask(toy, [SWAP], "mul", "retype", "mul").answers) == [DEFAULT, "mul", "retype"]
    assert list(ask(toy, [SWAP], DEFAULT).answers) == [DEFAULT]


def test_wrong_names_are_told(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match=r"no rule 'ad': choose from add, mul, .*, none, plus"):
        ask(toy, [SWAP], "ad")
    bare = Question(1, "dog", False, "dog", "human", ("beach-human.jpg",))
    with pytest.raises(InputError, match="no question has a rewrite"):
        ask(toy, [bare], "rewrite")


def test_the_first_relevant_is_placed_among_all(tmp_path: Path) -> None:
    # Forty-one pictures that say "cat" ever more faintly; the only right one stands 31st.
    captions: dict[str, tuple[str, ...]] = {
        f"{number:02}.jpg": ("cat " * (100 - number) + "dog " * number,) for number in range(41)
    }
    wall = made(tmp_path / "wall", captions)
    order = [hit.image_id for hit in wall.search("cat", k=41)]
    question = Question(1, "bus", False, "bus", "cat", (order[30], order[35]))
    report = ask(wall, [question], "plus")
    assert report.mrr("plus").mean == pytest.approx(1 / 31)
    assert report.p_at_10("plus").mean == 0
    # Whoever is left out takes no place.
    gone = Question(1, "bus", False, "bus", "cat", (order[30],), source=order[3])
    assert ask(wall, [gone], "plus").mrr("plus").mean == pytest.approx(1 / 30)


def test_ties_are_placed_by_id_as_in_a_search(tmp_path: Path) -> None:
    names = [f"{number:02}.jpg" for number in range(30)]
    shuffled = random.Random(3).sample(names, 30)
    wall = made(tmp_path / "wall", dict.fromkeys(shuffled, ("a dog",)))
    question = Question(1, "cat", False, "cat", "dog", ("20.jpg", "25.jpg"))
    for name in ("plus", "add", DEFAULT):
        report = ask(wall, [question], name)
        assert report.mrr(name).mean == pytest.approx(1 / 21)
        assert report.p_at_10(name).mean == 0


@pytest.mark.parametrize("name", [*RULES, *BASELINES])
def test_rankings_are_those_of_a_search(tmp_path: Path, name: str) -> None:
    random_ = random.Random(5)
    words = ["dog", "cat", "man", "bus", "sand", "snow", "runs", "sits", "red", "old"]
    captions = {
        f"{number:03}.jpg": tuple(" ".join(random_.sample(words, 4)) for _ in range(2))
        for number in range(200)
    }
    wall = made(tmp_path / "wall", captions)
    names = sorted(captions)
    for turn in range(12):
        minus, plus, kept = random_.sample(words, 3)
        picture = random_.choice(names)
        question = Question(
            1,
            picture if turn % 2 else f"{minus} {kept}",
            bool(turn % 2),
            minus,
            plus,
            tuple(random_.sample(names, 15)),
            rewrite=f"{plus} and {kept}",
            retype=f"{plus} {kept} hound",
            source=picture,
        )
        expression = question.asked(name)
        assert expression is not None
        hits = wall.search(expression, k=200, rule=name if name in RULES else None)
        order = [hit.image_id for hit in hits if hit.image_id != picture]
        relevant = set(question.relevant) - {picture}
        report = ask(wall, [question], name)
        expected = sum(one in relevant for one in order[:10]) / min(10, len(relevant))
        first = next(place for place, one in enumerate(order, 1) if one in relevant)
        assert report.p_at_10(name).mean == expected
        assert report.mrr(name).mean == pytest.approx(1 / first)


def test_what_is_not_on_the_wall_is_counted_and_told(toy: cavewall.Wall) -> None:
    questions = [
        SWAP,
        Question(2, "dog", False, "dog", "human", ("gone.jpg", "beach-human.jpg"), source="x.jpg"),
        Question(3, "dog", False, "dog", "human", ("gone.jpg",)),
        Question(4, "dog", False, "dog", "human", ()),
        Question(5, "lost.jpg", True, "dog", "human", ("beach-human.jpg",)),
        # Only the picture that is asked about is right: it is left out of its own answer.
        Question(6, "sea-boat.jpg", True, "boat", "bus", ("sea-boat.jpg",)),
    ]
    report = ask(toy, questions)
    assert report.p_at_10("add").n == 2
    assert report.notes == [
        "3 of 6 questions without any right answer on this wall: left out",
        "1 of 6 questions about a like picture that is not on this wall: left out",
        "1 of 6 questions with a source that is not on this wall",
        "2 right answers are not on this wall: not counted",
    ]
    assert report.to_dict()["notes"] == report.notes


def test_questions_that_this_wall_cannot_answer_at_all(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="there is no question"):
        ask(toy, [])
    lost = Question(1, "dog", False, "dog", "human", ("gone.jpg",))
    with pytest.raises(InputError, match="none of the 2 questions has a right answer"):
        ask(toy, [lost, lost])


class Hexagon(FakeEncoder):
    """Three texts that lie 60 degrees apart, so that `left - middle + right` is nothing."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().encode(texts)
        for place, text in enumerate(texts):
            if text in ("left", "middle", "right"):
                angle = np.pi / 3 * ("left", "middle", "right").index(text)
                vectors[place] = 0
                vectors[place, :2] = np.cos(angle), np.sin(angle)
        return vectors


def test_a_query_that_cancels_out_is_a_miss(toy: cavewall.Wall) -> None:
    wall = cavewall.open(toy.address, Hexagon())
    nothing = Question(1, "left", False, "middle", "right", ("beach-dog.jpg",))
    report = ask(wall, [nothing, SWAP], "add", "plus")
    assert [answer.p_at_10 for answer in report.answers["add"]] == [0.0, 1.0]
    assert [answer.reciprocal_rank > 0 for answer in report.answers["add"]] == [False, True]
    assert report.p_at_10("plus").mean == 1.0
    assert report.notes == ["2 answers are misses because the query cancels out"]


def test_a_query_that_is_all_taken_away_leaves_what_is_added(toy: cavewall.Wall) -> None:
    all_of_it = Question(1, "dog", False, "dog", "human", ("snow-human.jpg",))
    report = ask(toy, [all_of_it])
    assert report.mrr("add").mean == report.mrr("plus").mean
    assert report.notes == []


def test_all_texts_are_encoded_in_one_batch(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    wall = cavewall.open(tmp_path / "wall", encoder)
    wall.add([Picture("1", ("a dog",)), Picture("2", ("a cat",))], missing="keep")
    wall.search("dog - cat + bus")
    encoder.calls.clear()
    lines = [Question(at, f"dog number{at}", False, "dog", "zebra", ("2",)) for at in range(50)]
    ask(wall, lines)
    assert len(encoder.calls) == 1
    assert len(encoder.calls[0]) == 50 + 2 + 50  # texts, and the words that the wall has not


def test_progress_is_told(toy: cavewall.Wall) -> None:
    told: list[tuple[int, int]] = []
    toy.evaluation.swaps([SWAP, SWAP], (), lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
