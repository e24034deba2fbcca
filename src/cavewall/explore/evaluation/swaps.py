"""Evaluation of scoring rules on swap questions, compared with single-term baselines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.progress import CountProgress
from cavewall.encoders import CachedEncoder, Encoder
from cavewall.errors import ExpressionError, InputError
from cavewall.explore.evaluation.describe import CaptionMatcher
from cavewall.explore.evaluation.metrics import precision_at
from cavewall.explore.evaluation.questions import BASELINES, Forms, Question
from cavewall.explore.evaluation.report import Answer, SkippedQuestions, SwapReport
from cavewall.index.lexical import content_words
from cavewall.query import Expression
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import DEFAULT, RULES, rule
from cavewall.search.wall_version import WallVersion

__all__ = ["evaluate_swaps", "names_known"]


_FIRST = 10
# Twice the rounding error of float32 scores.
_NEAR = 2e-4


def names_known(names: Sequence[str]) -> None:
    """Raises InputError if a name is neither a rule nor a baseline."""
    known = [*sorted(RULES), *BASELINES]
    for name in names:
        if name not in known:
            raise InputError(f"there is no rule {name!r}: choose from {', '.join(known)}")


def _chosen(asked: Sequence[str], tasks: Sequence[_Task]) -> list[str]:
    """The default rule and those requested, or else `add` and the available baselines."""
    available = [
        name for name in BASELINES if any(task.question.asked(name) is not None for task in tasks)
    ]
    if not asked:
        return list(dict.fromkeys([DEFAULT, "add", *available]))
    for name in asked:
        if name in BASELINES and name not in available:
            raise InputError(f"no question has a {name}: leave out --rule {name}")
    return list(dict.fromkeys([DEFAULT, *asked]))


def evaluate_swaps(
    wall_version: WallVersion,
    encoder: Encoder,
    questions: Iterable[Question],
    names: Sequence[str] = (),
    progress: CountProgress | None = None,
) -> SwapReport:
    """Search every question with every rule and baseline, ranked as by `Wall.search`.

    `names` are rules and baselines (`none`, `plus`, `rewrite`, `retype`); by default the default
    rule, `add` and the baselines that the questions have texts for.

    Raises:
        InputError: an unknown name, or no question that this wall can answer.
    """
    names_known(names)
    wall = _Wall(wall_version, encoder)
    usable, left = _usable(questions, wall)
    chosen = _chosen(names, usable)
    wall.encode(usable)
    answers: dict[str, list[Answer]] = {name: [] for name in chosen}
    for done, task in enumerate(usable):
        for name in chosen:
            value = task.question.asked(name)
            if value is not None:
                answers[name].append(_answer(value, name, done, task, wall))
        if progress is not None:
            progress(done + 1, len(usable))
    slots = [task.question.slot for task in usable]
    wall_facts = (wall.encoder.name, wall_version.number)
    return SwapReport(answers, DEFAULT, slots, left, *wall_facts)


@dataclass(frozen=True)
class _Task:
    """A question with its pictures as positions in the snapshot."""

    question: Question
    relevant: frozenset[int]
    excluded: tuple[int, ...]


@dataclass
class _Wall:
    wall_version: WallVersion
    inner: Encoder
    encoder: CachedEncoder = field(init=False)
    positions: dict[str, int] = field(init=False)
    places: NDArray[np.uint64] = field(init=False)  # ranks of the ids
    _naming: CaptionMatcher | None = None

    def __post_init__(self) -> None:
        self.encoder = CachedEncoder(self.inner, most=sys.maxsize)
        ids = self.wall_version.pictures.ids
        self.positions = {image_id: at for at, image_id in enumerate(ids.to_pylist())}
        self.places = np.asarray(pc.rank(ids, tiebreaker="first"))

    @property
    def naming(self) -> CaptionMatcher:
        if self._naming is None:
            captions = self.wall_version.captions()
            self._naming = CaptionMatcher(captions)
        return self._naming

    def encode(self, tasks: Sequence[_Task]) -> None:
        """Encode all texts, and their words that are not in the wall's vocabulary, in one batch."""
        texts = list(dict.fromkeys(text for task in tasks for text in task.question.texts()))
        known = self.wall_version.caption.words.ids
        words = [word for text in texts for word in content_words(text) if word not in known]
        self.encoder.encode([*texts, *words])


def _usable(questions: Iterable[Question], wall: _Wall) -> tuple[list[_Task], SkippedQuestions]:
    left = SkippedQuestions()
    usable = []
    for question in questions:
        left.questions += 1
        if question.is_like and question.query not in wall.positions:
            left.unknown_like += 1
            continue
        own = [question.source] if question.source is not None else []
        own += [question.query] if question.is_like else []
        left.unknown_source += any(image_id not in wall.positions for image_id in own)
        excluded = {wall.positions[image_id] for image_id in own if image_id in wall.positions}
        there = [wall.positions[it] for it in question.relevant if it in wall.positions]
        left.unknown_relevant += len(question.relevant) - len(there)
        relevant = frozenset(there) - excluded
        if not relevant:
            left.no_relevant += 1
            continue
        usable.append(_Task(question, relevant, tuple(sorted(excluded))))
    if not usable:
        raise InputError(_why_none(left))
    return usable, left


def _why_none(left: SkippedQuestions) -> str:
    if not left.questions:
        return "there is no question: a file of questions holds one JSON object a line"
    return (
        f"none of the {left.questions:,} questions has a right answer on this wall: "
        "check --wall, and that the image_ids are those of the wall"
    )


def _answer(value: Expression, name: str, number: int, task: _Task, wall: _Wall) -> Answer:
    # A baseline is a single term, which every rule ranks by cosine.
    chosen = rule(name if name in RULES else None)
    try:
        asked = SingleSpaceRanking.ask(value, wall.wall_version.caption, wall.encoder, chosen)
    except ExpressionError:
        # The terms cancel out: a search raises an error, which counts as a miss.
        return Answer(number, 0.0, 0.0, None, cancels=True)
    found, place = _ranking(asked.excluding(task.excluded), task, wall)
    precision = precision_at(found, task.relevant, _FIRST)
    return Answer(number, precision, 1 / place, _held(found, task.question.forms, wall))


def _ranking(ranking: SingleSpaceRanking, task: _Task, wall: _Wall) -> tuple[list[int], int]:
    """The first ten hits, and the rank of the first relevant picture."""
    found = [one.position for one in ranking.top_k(_FIRST)]
    for place, at in enumerate(found, 1):
        if at in task.relevant:
            return found, place
    scores = np.nan_to_num(ranking.all_scores(), nan=-np.inf)
    best = scores[list(task.relevant)].max()
    # Scores so close that rounding may have swapped them are compared exactly.
    width = _NEAR * max(1.0, ranking.rule.lipschitz(ranking.terms))
    near = np.flatnonzero(np.abs(scores - best) <= width)
    totals = ranking.contributions_at(near).sum(axis=0)
    order = near[np.lexsort((wall.places[near], -totals))]
    first = next(place for place, at in enumerate(order) if int(at) in task.relevant)
    return found, int((scores > best + width).sum()) + first + 1


def _held(found: list[int], forms: Forms | None, wall: _Wall) -> tuple[float, float, float] | None:
    """Shares of the first ten with the kept concepts, the added one, and the subtracted one."""
    if forms is None:
        return None
    at = np.asarray(found)
    kept: NDArray[np.bool_] = np.ones(len(at), np.bool_)
    for words in forms.keep:
        kept &= wall.naming.holds(words)[at]
    gained = wall.naming.holds(forms.plus)[at]
    leaked = wall.naming.shows(forms.minus)[at]
    return float(kept.mean()), float(gained.mean()), float(leaked.mean())
