"""Results of swap evaluations, the source of tables, JSON and plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cavewall.explore.evaluation.metrics import Figure

__all__ = ["HELD", "Answer", "SkippedQuestions", "SwapReport"]

# Shares of the first ten hits, in the order of `Answer.held`.
HELD = ("keep", "gain", "leak")


@dataclass(frozen=True)
class Answer:
    """The metrics of one question (by its index) under one rule or baseline."""

    question: int
    p_at_10: float
    reciprocal_rank: float
    held: tuple[float, float, float] | None
    cancels: bool = False


@dataclass
class SkippedQuestions:
    """The number of questions, and of those that cannot be asked on this wall."""

    questions: int = 0
    no_relevant: int = 0
    unknown_like: int = 0
    unknown_relevant: int = 0
    unknown_source: int = 0

    def notes(self) -> list[str]:
        """One sentence for each count that is not 0."""
        sentences = [
            (self.no_relevant, "{} without any right answer on this wall: left out"),
            (self.unknown_like, "{} about a like picture that is not on this wall: left out"),
            (self.unknown_source, "{} with a source that is not on this wall"),
        ]
        notes = [
            form.format(f"{count:,} of {self.questions:,} questions")
            for count, form in sentences
            if count
        ]
        if self.unknown_relevant:
            notes.append(
                f"{self.unknown_relevant:,} right answers are not on this wall: not counted"
            )
        return notes


@dataclass(frozen=True)
class SwapReport:
    """Answers by rule or baseline; `slots` are the swapped slots of the questions asked."""

    answers: dict[str, list[Answer]]
    default_rule: str
    slots: Sequence[str | None]
    left: SkippedQuestions
    encoder: str
    version: int

    @property
    def notes(self) -> list[str]:
        cancelled = sum(a.cancels for answers in self.answers.values() for a in answers)
        notes = self.left.notes()
        if cancelled:
            notes.append(f"{cancelled:,} answers are misses because the query cancels out")
        return notes

    def p_at_10(self, name: str) -> Figure:
        return Figure.from_values([answer.p_at_10 for answer in self.answers[name]])

    def mrr(self, name: str) -> Figure:
        return Figure.from_values([answer.reciprocal_rank for answer in self.answers[name]])

    def held(self, name: str) -> tuple[float, float, float] | None:
        """Keep, gain and leak: means over the questions that have word forms."""
        found = [answer.held for answer in self.answers[name] if answer.held is not None]
        if not found:
            return None
        keep, gain, leak = np.mean(found, axis=0)
        return float(keep), float(gain), float(leak)

    def default_ahead(self, name: str) -> Figure:
        """The difference of P@10 of the default rule to another, on their common questions."""
        default = {answer.question: answer.p_at_10 for answer in self.answers[self.default_rule]}
        return Figure.from_values(
            [default[answer.question] - answer.p_at_10 for answer in self.answers[name]]
        )

    def slot_figures(self, name: str) -> dict[str, dict[str, float]]:
        """P@10, MRR and n by swapped slot, for questions with a slot."""
        groups: dict[str, list[Answer]] = {}
        for answer in self.answers[name]:
            slot = self.slots[answer.question]
            if slot is not None:
                groups.setdefault(slot, []).append(answer)
        return {slot: _figures(groups[slot]) for slot in sorted(groups)}

    def to_dict(self) -> dict[str, Any]:
        return {
            "rules": {name: self._rule(name) for name in self.answers},
            "default_rule": self.default_rule,
            "questions": self.left.questions,
            "asked": len(self.slots),
            "encoder": self.encoder,
            "version": self.version,
            "notes": self.notes,
        }

    def _rule(self, name: str) -> dict[str, Any]:
        p_at_10, mrr = self.p_at_10(name), self.mrr(name)
        found: dict[str, Any] = {"p_at_10": p_at_10.mean, "mrr": mrr.mean, "n": p_at_10.n}
        found |= p_at_10.to_dict("p_at_10") | mrr.to_dict("mrr")
        held = self.held(name)
        if held is not None:
            found |= dict(zip(HELD, held, strict=True))
        if name != self.default_rule:
            found["default_ahead"] = self.default_ahead(name).to_dict("p_at_10")
        slots = self.slot_figures(name)
        return found | ({"slots": slots} if slots else {})


def _figures(answers: Sequence[Answer]) -> dict[str, float]:
    return {
        "p_at_10": float(np.mean([answer.p_at_10 for answer in answers])),
        "mrr": float(np.mean([answer.reciprocal_rank for answer in answers])),
        "n": len(answers),
    }
