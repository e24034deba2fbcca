"""Generation of swap questions from captions and a lexicon.

A question keeps one or two concepts of a picture and exchanges another of the same picture:
*dog on sand, minus dog, plus human*. Its source picture holds the kept and the removed concept and
does not show the added one. Relevant are the pictures that hold the kept and the added concepts
and do not show the removed one. *Holds* and *shows* are defined in
`cavewall.explore.evaluation.describe`.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall._internal.files import atomic_file
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import InputError
from cavewall.explore.evaluation.describe import CaptionMatcher
from cavewall.explore.evaluation.lexicon import Concept, Lexicon
from cavewall.explore.evaluation.questions import Forms
from cavewall.ingest.sources import open_source
from cavewall.models import Picture

__all__ = ["Ask", "SwapOptions", "captions_of", "make_swaps", "write_swaps"]

Ask = Literal["picture", "sentence", "brief"]

# The length of captions, in words, that say more than the two concepts, as typed sentences do.
_SENTENCE = range(10, 17)
_PER_TRIPLE, _PER_SWAP = 3, 12
# Limits how often one concept is kept: a frequent one (human) would be in half of all questions.
_KEPT_SHARE, _LEAST_KEPT = 1 / 8, 12
# Two concepts of one slot that share more of their pictures than this are not alternatives.
_MOST_SHARED = 0.35


@dataclass(frozen=True)
class SwapOptions:
    """The options of a question set. The same seed gives the same questions for each `ask`.

    Args:
        ask: query by the `picture` itself, by a `sentence` (a caption of it), or in `brief`.
        synonyms: name every concept by a rarer word of the lexicon (not in sentences).
        kept: the number of kept concepts, 1 or 2.
        least_relevant: the minimum number of relevant pictures of a question.
        least_sources: the minimum number of possible source pictures of a swap.
        limit: the maximum number of questions.
        seed: selects the random sample.
    """

    ask: Ask = "sentence"
    synonyms: bool = False
    kept: int = 1
    least_relevant: int = 5
    least_sources: int = 1
    limit: int = 1500
    seed: int = 0

    def name(self, concept: Concept) -> str:
        return concept.synonym if self.synonyms else concept.name


def captions_of(source: Any) -> tuple[list[str], list[tuple[str, ...]]]:
    """The ids and captions of a source's pictures; no image is read."""
    pictures = [item for item in open_source(source).pictures if isinstance(item, Picture)]
    return [item.image_id for item in pictures], [item.captions for item in pictures]


def make_swaps(
    ids: Sequence[str], captions: Sequence[Sequence[str]], lexicon: Lexicon, how: SwapOptions
) -> list[dict[str, Any]]:
    """Generate the lines of a question set, for `write_swaps`.

    Raises:
        InputError: too few concepts of the lexicon occur in the captions for a question.
    """
    pool = _Pool(CaptionMatcher(captions), lexicon)
    swaps = list(pool.swaps(how))
    random = Random(f"cavewall swaps {how.seed}")
    random.shuffle(swaps)
    lines: list[dict[str, Any]] = []
    balance = _Balance(max(_LEAST_KEPT, int(_KEPT_SHARE * how.limit)))
    used: set[tuple[_Swap, int]] = set()
    for _ in range(_PER_TRIPLE):
        for swap in swaps:
            if len(lines) >= how.limit:
                break
            if not balance.allows(swap):
                continue
            captions_of = pool.sources(swap)
            free = [source for source in sorted(captions_of) if (swap, source) not in used]
            if len(captions_of) < how.least_sources or not free:
                continue
            source = random.choice(free)
            caption = random.choice(captions_of[source])
            used.add((swap, source))
            balance.count(swap)
            lines.append(_line(swap, source, caption, ids, pool, how))
    if not lines:
        raise InputError(
            f"the captions allow no question with {how.least_relevant} right answers or more: "
            "lower --least-relevant, or give a lexicon of more common concepts"
        )
    return lines


def write_swaps(lines: Iterable[dict[str, Any]], path: str | os.PathLike[str]) -> None:
    """Write one line per question; an existing file is replaced once all are written."""
    target = Path(path)
    try:
        with atomic_file(target) as aside, aside.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as fault:
        raise InputError(f"{target} cannot be written: {os_error_text(fault)}") from fault


@dataclass(frozen=True)
class _Swap:
    """A swap of concepts, by their indices in the pool."""

    keep: tuple[int, ...]
    minus: int
    plus: int


class _Balance:
    """Limits the questions per exchange and per kept concept."""

    def __init__(self, most_kept: int) -> None:
        self._most_kept = most_kept
        self._exchanged: Counter[tuple[int, int]] = Counter()
        self._kept: Counter[int] = Counter()

    def allows(self, swap: _Swap) -> bool:
        fresh = self._exchanged[swap.minus, swap.plus] < _PER_SWAP
        return fresh and all(self._kept[at] < self._most_kept for at in swap.keep)

    def count(self, swap: _Swap) -> None:
        self._exchanged[swap.minus, swap.plus] += 1
        self._kept.update(swap.keep)


class _Pool:
    """The concepts that occur in the captions, and the pictures that hold and show them."""

    def __init__(self, naming: CaptionMatcher, lexicon: Lexicon) -> None:
        self.naming = naming
        found = [concept for concept in lexicon.concepts if naming.holds(concept.forms).any()]
        if len({concept.slot for concept in found}) < 2:
            raise InputError(
                f"the lexicon matches {'too little' if found else 'nothing'}: of its "
                f"{len(lexicon.concepts):,} concepts the captions of these pictures agree on "
                f"{len(found)}; a swap needs concepts of two slots"
            )
        self.concepts = found
        self.slots = lexicon.slots
        self.holds = np.stack([naming.holds(concept.forms) for concept in found])
        self.shows = np.stack([naming.shows(concept.forms) for concept in found])

    @cached_property
    def apart(self) -> NDArray[np.bool_]:
        """Which pairs of concepts are distinct: dog and cat are, person and man are not."""
        forms = [set(concept.forms) for concept in self.concepts]
        disjoint = np.array([[not a & b for b in forms] for a in forms])
        holds = self.holds.astype(np.float32)
        sizes = holds.sum(axis=1)
        shared = (holds @ holds.T) / np.minimum(sizes[:, None], sizes[None])
        result: NDArray[np.bool_] = disjoint & ((shared < _MOST_SHARED) | ~self.same_slot)
        return result

    @cached_property
    def same_slot(self) -> NDArray[np.bool_]:
        slots = np.array([self.slots.index(concept.slot) for concept in self.concepts])
        return np.asarray(slots[:, None] == slots[None], np.bool_)

    def swaps(self, how: SwapOptions) -> Iterator[_Swap]:
        """All swaps with enough relevant and source pictures."""
        for keep in combinations(range(len(self.concepts)), how.kept):
            if any(self.same_slot[a, b] or not self.apart[a, b] for a, b in combinations(keep, 2)):
                continue
            pictures = np.flatnonzero(self.holds[list(keep)].all(axis=0))
            if len(pictures) <= how.least_relevant:
                continue
            held = self.holds[:, pictures].astype(np.float32)
            # [a, b]: how many of the pictures hold a and do not show b.
            right = held @ (~self.shows[:, pictures]).astype(np.float32).T
            others = self.apart & ~self.same_slot
            free = np.asarray(others[list(keep)].all(axis=0), np.bool_).reshape(-1)
            fit = self.same_slot & self.apart & free[:, None] & free[None]
            enough = (right >= how.least_relevant) & (how.least_sources <= right.T)
            for plus, minus in np.argwhere(fit & enough):
                yield _Swap(keep, int(minus), int(plus))

    def relevant(self, swap: _Swap) -> NDArray[np.intp]:
        kept = self.holds[list(swap.keep)].all(axis=0)
        return np.flatnonzero(kept & self.holds[swap.plus] & ~self.shows[swap.minus])

    def sources(self, swap: _Swap) -> dict[int, list[int]]:
        """Source pictures, each with its captions that name the kept and the removed concepts."""
        kept = self.holds[list(swap.keep)].all(axis=0)
        allowed = kept & self.holds[swap.minus] & ~self.shows[swap.plus]
        naming = set.intersection(*(self._captions[at] for at in (*swap.keep, swap.minus)))
        found: dict[int, list[int]] = {}
        for caption in sorted(naming):
            owner = self.naming.owner(caption)
            if allowed[owner]:
                found.setdefault(owner, []).append(caption)
        full = {
            owner: fitting
            for owner, captions in found.items()
            if (fitting := [c for c in captions if self.naming.length(c) in _SENTENCE])
        }
        return full or found

    @cached_property
    def _captions(self) -> list[set[int]]:
        return [self.naming.captions(concept.forms) for concept in self.concepts]


def _line(
    swap: _Swap, source: int, caption: int, ids: Sequence[str], pool: _Pool, how: SwapOptions
) -> dict[str, Any]:
    minus, plus = pool.concepts[swap.minus], pool.concepts[swap.plus]
    keep = [pool.concepts[at] for at in swap.keep]
    line: dict[str, Any] = {}
    sentence = pool.naming.texts[caption].strip().rstrip(" .")
    if how.ask == "picture":
        line["like"] = ids[source]
    else:
        line["query"] = sentence if how.ask == "sentence" else _brief([*keep, minus], pool, how)
    line |= {"minus": how.name(minus), "plus": how.name(plus)}
    if how.ask == "sentence":
        line["rewrite"] = _rewritten(sentence, minus, how.name(plus))
    forms = Forms(tuple(concept.forms for concept in keep), plus.forms, minus.forms)
    return line | {
        "retype": _brief([*keep, plus], pool, how),
        "source": ids[source],
        "slot": minus.slot,
        "keep": [concept.name for concept in keep],
        "relevant": [ids[at] for at in pool.relevant(swap)],
        "forms": forms.to_json(),
    }


def _brief(concepts: list[Concept], pool: _Pool, how: SwapOptions) -> str:
    """The concepts' names in the order of the lexicon's slots."""
    ordered = sorted(concepts, key=lambda concept: pool.slots.index(concept.slot))
    return " ".join(how.name(concept) for concept in ordered)


def _rewritten(sentence: str, minus: Concept, plus: str) -> str:
    """The sentence with every form of a concept replaced by the name of another."""
    forms = sorted(minus.forms, key=len, reverse=True)
    pattern = "|".join(re.escape(form) for form in forms)
    return re.sub(rf"(?<![\w-])(?:{pattern})(?![\w-])", lambda _: plus, sentence, flags=re.I)
