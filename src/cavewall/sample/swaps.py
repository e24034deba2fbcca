"""Swap queries with their relevant pictures: subtract one concept of a picture and add another.

A swap exchanges one concept of a picture (its subject, action or place) for another one and keeps
the rest.  Both other concepts are kept if at least three pictures hold them with the new one,
otherwise only one of them (the place if the subject is swapped, else the subject).  Light and
colours are free.  Relevant are all pictures that hold the kept and the added concepts and not the
removed one, except the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from cavewall.sample.scenes import Scene

FEWEST_ANSWERS = 3
SLOTS = ("subject", "place", "action")
_FALLBACK = {"subject": "place", "place": "subject", "action": "subject"}
_LIKE_EVERY = 4
_PHRASE_EVERY = 3

_MOVEMENTS = {"running", "walking", "swimming", "driving", "riding", "flying"}
_SOFT_GROUNDS = {"sand", "snow", "grass"}
_PERSON = (
    r"(?:human child|human|man|woman|person|guy|lady|(?:little |young )?(?:boy|girl)|child|kid)"
)
_LOOKS = re.compile(
    r"wearing|haired|bearded| (?:in|with) an? [\w ]*(?:shirt|dress|cap|braid|tail)|hair"
)
_AFTER_ACTION = (
    r"(?= (?:in|on|at|through|across|along|over|past|by|under|below|between|among|near)\b)"
)


@dataclass(frozen=True)
class Swap:
    """One exchange of a concept in one picture."""

    source: Scene
    slot: str
    minus: str
    plus: str
    keep: tuple[str, ...]
    relevant: tuple[str, ...]

    @property
    def retype(self) -> str:
        """What somebody would type instead, in a hurry."""
        held = {self.slot: self.plus}
        for slot in SLOTS:
            if getattr(self.source, slot) in self.keep:
                held[slot] = getattr(self.source, slot)
        return " ".join(held[slot] for slot in ("subject", "action", "place") if slot in held)


def find_swap(source: Scene, slot: str, plus: str, scenes: Sequence[Scene]) -> Swap | None:
    """The swap of one concept of a picture, if the collection can answer it."""
    minus: str = getattr(source, slot)
    if plus in source.concepts:
        return None
    both = tuple(getattr(source, other) for other in SLOTS if other != slot)
    for keep in (both, (getattr(source, _FALLBACK[slot]),)):
        wanted = {*keep, plus}
        relevant = tuple(
            scene.name
            for scene in scenes
            if wanted <= scene.concepts and minus not in scene.concepts and scene is not source
        )
        if len(relevant) >= FEWEST_ANSWERS:
            return Swap(source, slot, minus, plus, keep, relevant)
    return None


def plan_swaps(
    scenes: Sequence[Scene], captions: Mapping[str, Sequence[str]], seed: int
) -> list[dict[str, Any]]:
    """The lines of ``swaps.jsonl``: a swap for most pictures, its slots taken in turn."""
    rng = Random(f"cavewall sample {seed} swaps")
    words = {slot: sorted({getattr(scene, slot) for scene in scenes}) for slot in SLOTS}
    lines: list[dict[str, Any]] = []
    for scene in scenes:
        slot = SLOTS[len(lines) % len(SLOTS)]
        found = [find_swap(scene, slot, plus, scenes) for plus in words[slot]]
        swaps = [swap for swap in found if swap is not None]
        full = [swap for swap in swaps if len(swap.keep) == len(SLOTS) - 1]
        if not swaps or rng.random() < 0.2:
            continue
        swap = rng.choice(full or swaps)
        lines.append(_line(swap, captions[scene.name], rng, len(lines)))
    return lines


def _line(swap: Swap, captions: Sequence[str], rng: Random, number: int) -> dict[str, Any]:
    line: dict[str, Any] = {}
    if number % _LIKE_EVERY == _LIKE_EVERY - 1:
        line["like"] = swap.source.name
        line |= {"minus": swap.minus, "plus": swap.plus}
    else:
        query, rewrite = _question(swap, captions, rng, phrase=number % _PHRASE_EVERY == 0)
        line |= {"query": query, "minus": swap.minus, "plus": swap.plus}
        if rewrite is not None:
            line["rewrite"] = rewrite
    return line | {
        "retype": swap.retype,
        "source": swap.source.name,
        "keep": list(swap.keep),
        "relevant": list(swap.relevant),
    }


def _question(
    swap: Swap, captions: Sequence[str], rng: Random, phrase: bool
) -> tuple[str, str | None]:
    """A caption of the source that tells of what is taken away, or a phrase; and its rewrite."""
    telling = [caption for caption in captions if _tells(caption, swap.minus)]
    if phrase or not telling:
        ask = _phrase(swap)
        return ask, re.sub(rf"\b{swap.minus}\b", swap.plus, ask, count=1)
    pairs = [(caption, rewrite_caption(caption, swap)) for caption in telling]
    exact = [pair for pair in pairs if pair[1] is not None]
    return rng.choice(exact or pairs)


def _phrase(swap: Swap) -> str:
    """A short query of what is swapped and what is kept, such as ``dog running in the sand``."""
    shown = {swap.minus, *swap.keep}
    scene = swap.source
    words = [word for word in (scene.subject, scene.action) if word in shown]
    return " ".join([*words, f"in the {scene.place}"] if scene.place in shown else words)


def _tells(caption: str, word: str) -> bool:
    pattern = _PERSON if word == "human" else rf"{word}s?"
    return re.search(rf"\b{pattern}\b", caption) is not None


def rewrite_caption(caption: str, swap: Swap) -> str | None:
    """The caption with the word swapped, or None where that would not be a sensible sentence.

    Where action or place is free, a caption would still insist on it: there is no rewrite then.
    """
    if swap.source.count > 1 or len(swap.keep) < len(SLOTS) - 1:
        return None
    if swap.slot == "subject":
        return _swap_subject(caption, swap)
    if swap.slot == "action":
        if (swap.minus in _MOVEMENTS) != (swap.plus in _MOVEMENTS):
            return None
        return _changed(caption, re.sub(rf"\b{swap.minus}\b{_AFTER_ACTION}", swap.plus, caption))
    grounds = {swap.minus, swap.plus} <= _SOFT_GROUNDS
    before = r"(in|on|through|across) the " if grounds else r"(in|through) the "
    pattern = rf"\b{before}{swap.minus}\b(?! (?:sand|by|at|shore|floor))"
    return _changed(caption, re.sub(pattern, rf"\1 the {swap.plus}", caption))


def _swap_subject(caption: str, swap: Swap) -> str | None:
    if re.search(r"\bits\b|\bhuman child\b(?= with)", caption) and swap.plus == "human":
        return None
    if swap.minus == "human" and _LOOKS.search(caption):
        return None
    noun = _PERSON if swap.minus == "human" else re.escape(swap.minus)
    article = "an" if swap.plus[0] in "aeiou" else "a"

    def swapped(match: re.Match[str]) -> str:
        first = article.capitalize() if match[1][0].isupper() else article
        return f"{first} {swap.plus}"

    return _changed(caption, re.sub(rf"\b([Aa]n?) {noun}\b(?![-'])", swapped, caption, count=1))


def _changed(before: str, after: str) -> str | None:
    return after if after != before else None
