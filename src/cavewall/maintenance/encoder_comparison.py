"""Comparison of two encoders on the same wall: overlap of hits, and swap questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.explore.evaluation import Question, evaluate_swaps
from cavewall.search.wall_version import WallVersion

__all__ = ["Difference", "difference"]

_FIRST = 10
_QUERIES = 500


@dataclass(frozen=True)
class Difference:
    """The agreement of two encoders.

    Attributes:
        queries: the number of captions searched, each of another picture.
        overlap_at_10: the mean overlap of the first ten hits; None on a wall without captions.
        swaps: P@10 of the default rule on swap questions, by encoder; None without questions.
    """

    queries: int
    overlap_at_10: float | None
    swaps: dict[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def difference(
    serving: tuple[WallVersion, Encoder],
    standby: tuple[WallVersion, Encoder],
    questions: Iterable[Question] = (),
) -> Difference:
    """Compare the encoders on captions of the wall (fixed seed) and on swap questions."""
    first_captions = [texts[0] for texts in serving[0].captions() if texts]
    drawn = np.random.default_rng(0).permutation(len(first_captions))[:_QUERIES]
    texts = [first_captions[at] for at in sorted(drawn.tolist())]
    asked = list(questions)
    return Difference(
        len(texts),
        _overlap(_first(serving, texts), _first(standby, texts)) if texts else None,
        {each[1].name: _precision(each, asked) for each in (serving, standby)} if asked else None,
    )


def _first(space: tuple[WallVersion, Encoder], texts: list[str]) -> list[set[str]]:
    """The ids of the first ten pictures for each text."""
    snapshot, encoder = space[0].caption.snapshot, space[1]
    count = min(_FIRST, len(snapshot.vectors))
    scores: NDArray[np.float32] = encoder.encode(texts) @ snapshot.vectors.T
    best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    return [set(snapshot.ids.take(row).to_pylist()) for row in best]


def _overlap(a: list[set[str]], b: list[set[str]]) -> float:
    return float(np.mean([len(x & y) / max(1, len(x)) for x, y in zip(a, b, strict=True)]))


def _precision(space: tuple[WallVersion, Encoder], questions: list[Question]) -> float:
    report = evaluate_swaps(*space, questions).to_dict()
    return float(report["rules"][report["default_rule"]]["p_at_10"])
