"""Why an answer is what it is, as frozen values that print to JSON and show themselves as bars."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Change",
    "Comparison",
    "Explanation",
    "HitExplanation",
    "RankChange",
    "TermReason",
    "WithoutTerm",
    "WordMatch",
]

_GREEN, _RED = "#2e7d4f", "#b4432a"


@dataclass(frozen=True)
class WordMatch:
    """A caption's word, the word of the term that it says, and the chance that it does, 0 to 1."""

    word: str
    says: str
    chance: float

    def to_dict(self) -> dict[str, Any]:
        return {"word": self.word, "says": self.says, "chance": self.chance}


@dataclass(frozen=True)
class TermReason:
    """What one term brought to one hit, and the caption that matches the term best.

    `match` tells how well: under rule `words` the share of the term's words, each by its rarity,
    that the caption says (0 to 1); under other rules the cosine of caption and term; for a keyword
    the share of its words that the caption holds. None and no words where no caption matches.
    `space` is that of the contribution, where both were asked.
    """

    term: str
    weight: float
    contribution: float
    caption: str | None = None
    match: float | None = None
    words: tuple[WordMatch, ...] = ()
    space: str | None = None

    def to_dict(self) -> dict[str, Any]:
        told = {
            "term": self.term,
            "weight": self.weight,
            "contribution": self.contribution,
            "caption": self.caption,
            "match": self.match,
            "words": [word.to_dict() for word in self.words],
        }
        return told if self.space is None else {**told, "space": self.space}


@dataclass(frozen=True)
class HitExplanation:
    """The reasons of one hit; their contributions sum to its score."""

    image_id: str
    score: float
    reasons: tuple[TermReason, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "image_id": self.image_id,
            "score": self.score,
            "terms": [reason.to_dict() for reason in self.reasons],
        }

    def _repr_html_(self) -> str:
        return _frame(f"<b>{html.escape(self.image_id)}</b>", _hit_bars(self, _largest([self])))


@dataclass(frozen=True)
class RankChange:
    """A picture's rank before and after, from 1."""

    image_id: str
    before: int
    after: int

    def to_dict(self) -> dict[str, Any]:
        return {"image_id": self.image_id, "from": self.before, "to": self.after}


@dataclass(frozen=True)
class WithoutTerm:
    """The first k without one term: its weight at 0, the other weights and the inputs kept.

    `moved` has every shown picture whose rank changes, those that leave too. `cancels`: the
    query is nothing without the term, so nothing can be said.
    """

    term: str
    weight: float
    cancels: bool = False
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    moved: tuple[RankChange, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "term": self.term,
            "weight": self.weight,
            "cancels": self.cancels,
            "entered": list(self.entered),
            "left": list(self.left),
            "moved": [move.to_dict() for move in self.moved],
        }


@dataclass(frozen=True)
class Explanation:
    """The reasons of every hit of an answer, and what the answer is without each term."""

    expression: str
    rule: str
    hits: tuple[HitExplanation, ...]
    without: tuple[WithoutTerm, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "hits": [hit.to_dict() for hit in self.hits],
            "without": [term.to_dict() for term in self.without],
        }

    def _repr_html_(self) -> str:
        largest = _largest(self.hits)
        blocks = "".join(
            f"<h4>{place}. {html.escape(hit.image_id)} · {hit.score:.3f}</h4>"
            f"{_hit_bars(hit, largest)}"
            for place, hit in enumerate(self.hits, 1)
        )
        terms = "".join(f"<li>{html.escape(summarize(term))}</li>" for term in self.without)
        title = f"<b>{html.escape(self.expression)}</b> · rule {html.escape(self.rule)}"
        return _frame(title, f"{blocks}<ul>{terms}</ul>" if terms else blocks)


@dataclass(frozen=True)
class Change:
    """How one picture's rank differs between two answers, and the term responsible.

    A rank is None where the picture is not among the first k. `difference` is what the term's
    contribution changed by, against the mean change over the pictures of both answers; 0 where a
    condition, `+ has("…")` or `- has("…")`, is responsible.
    """

    image_id: str
    before: int | None
    after: int | None
    term: str
    difference: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "image_id": self.image_id,
            "from": self.before,
            "to": self.after,
            "term": self.term,
            "difference": self.difference,
        }


@dataclass(frozen=True)
class Comparison:
    """What changed from the first k of one expression to those of another."""

    before: str
    after: str
    rule: str
    k: int
    entered: tuple[Change, ...]
    left: tuple[Change, ...]
    moved: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "rule": self.rule,
            "k": self.k,
            "entered": [change.to_dict() for change in self.entered],
            "left": [change.to_dict() for change in self.left],
            "moved": [change.to_dict() for change in self.moved],
        }


def summarize(without: WithoutTerm) -> str:
    """What leaving out a term does, in one line."""
    sign = "− " if without.weight < 0 else ""
    lead = f"without {sign}{without.term}: "
    if without.cancels:
        return lead + "nothing is left to search for"
    parts = []
    if without.entered:
        parts.append(f"{len(without.entered)} enter ({', '.join(without.entered)})")
    if without.left:
        parts.append(f"{len(without.left)} leave ({', '.join(without.left)})")
    stay = [move for move in without.moved if move.image_id not in without.left]
    if stay:
        parts.append(f"{len(stay)} only move")
    return lead + ("; ".join(parts) or "the same answer")


def _largest(hits: Sequence[HitExplanation]) -> float:
    parts = [abs(reason.contribution) for hit in hits for reason in hit.reasons]
    return max(parts, default=0.0) or 1.0


def _frame(title: str, body: str) -> str:
    return f'<div style="font-family:sans-serif;font-size:13px"><p>{title}</p>{body}</div>'


def _hit_bars(hit: HitExplanation, largest: float) -> str:
    return "".join(_bar(reason, largest) for reason in hit.reasons)


def _bar(reason: TermReason, largest: float) -> str:
    width = 120 * abs(reason.contribution) / largest
    negative = reason.contribution < 0
    left = 120 - width if negative else 120.0
    bar = (
        '<span style="display:inline-block;position:relative;width:240px;height:12px;'
        'background:linear-gradient(#8886,#8886) center/1px 100% no-repeat">'
        f'<span style="position:absolute;left:{left:.1f}px;width:{width:.1f}px;height:12px;'
        f'background:{_RED if negative else _GREEN}"></span></span>'
    )
    sign = "− " if reason.weight < 0 else ""
    said = "" if reason.caption is None else f" · {_marked(reason)}"
    value = f"{reason.contribution:+.3f}".replace("-", "−")
    return f"<div>{bar} {value} <b>{sign}{html.escape(reason.term)}</b>{said}</div>"


def _marked(reason: TermReason) -> str:
    words = ", ".join(
        f"{word.word} → {word.says} {word.chance:.2f}"
        if word.word != word.says
        else f"{word.word} {word.chance:.2f}"
        for word in reason.words
    )
    caption = html.escape(reason.caption or "")
    return f"<i>{caption}</i>" + (f" ({html.escape(words)})" if words else "")
