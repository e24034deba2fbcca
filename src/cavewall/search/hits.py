"""What a wall can be asked: an answer with its reasons and advice, and a path."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.models import Hit, Hits
from cavewall.query import Expression, Like, slerp
from cavewall.query.filters import Filter
from cavewall.search.advice import advise
from cavewall.search.compile import ScoredRow
from cavewall.search.diversify import Selection, diversify
from cavewall.search.explain import explain
from cavewall.search.explanation import Explanation, HitExplanation
from cavewall.search.hybrid import HybridRanking
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import rule
from cavewall.search.wall_version import WallVersion

__all__ = ["build_hits", "interpolate", "path", "path_hits", "pick_along_path"]

MAX_STEPS = 1000


def build_hits(
    inquiry: SingleSpaceRanking | HybridRanking,
    selection: Selection,
    start: float,
    min_percentile: float | None = None,
    with_explanation: bool = False,
    where: Filter | None = None,
    thumbnails: bool = True,
) -> Hits:
    """The pictures selected, without those below a percentile; with their thumbnails, or not.

    `start` is when the search began, by `time.perf_counter`; `where` is the filter that decided who
    may answer the inquiry.

    Raises:
        InputError: a percentile outside 0 to 100, or an unknown field to group by.
    """
    if min_percentile is not None and not 0 <= min_percentile <= 100:
        raise InputError(f"the least percentile goes from 0 to 100, not to {min_percentile}")
    ranked = diversify(inquiry, selection)
    shares = inquiry.percentiles(np.array([place.score for place in ranked]))
    if min_percentile is not None and inquiry.space_weights not in (None, {"caption": 1.0}):
        raise InputError(
            "what is among the best is only known of the caption space: say space caption, or "
            "leave the least percentile out"
        )
    known: list[float | None] = [None] * len(ranked) if shares is None else shares.tolist()
    least = -math.inf if min_percentile is None else min_percentile
    kept = [at for at, share in enumerate(known) if share is None or share >= least]
    reasons = _Reasons(inquiry)
    hits = _hits(
        inquiry, [ranked[at] for at in kept], [known[at] for at in kept], reasons, thumbnails
    )
    return Hits(
        hits,
        str(inquiry.expression),
        inquiry.rule.name,
        inquiry.encoder_name,
        inquiry.version.version,
        (time.perf_counter() - start) * 1000,
        reasons.all() if with_explanation else None,
        reasons.all,
        lambda: advise(inquiry, known[0] if known else None),
        None if where is None else str(where),
        selection.first,
        inquiry.candidate_count,
        len(inquiry.version.snapshot.ids),
        inquiry.space_weights,
    )


class _Reasons:
    """The explanation of an answer, found once, when it is first asked for."""

    def __init__(self, inquiry: SingleSpaceRanking | HybridRanking) -> None:
        self._question = inquiry
        self._hits: tuple[Hit, ...] = ()
        self._lock = threading.Lock()
        self._found: Explanation | None = None

    def give(self, hits: tuple[Hit, ...]) -> None:
        """The hits whose reasons these are, which hold them already."""
        self._hits = hits

    def all(self) -> Explanation:
        with self._lock:
            if self._found is None:
                self._found = explain(self._question, self._hits)
            return self._found

    def of(self, place: int) -> Callable[[], HitExplanation]:
        return lambda: self.all().hits[place]


def interpolate(a: Expression, b: Expression, steps: int = 5) -> tuple[Expression, ...]:
    """Expressions at even steps along the arc from `a` to `b`, both ends among them.

    Raises:
        InputError: fewer than 2 steps, or more than 1,000.
    """
    if not 2 <= steps <= MAX_STEPS:
        raise InputError(f"a path has 2 to {MAX_STEPS:,} steps, not {steps}")
    between = (slerp(a, b, step / (steps - 1)) for step in range(1, steps - 1))
    return (a, *between, b)


def path(points: tuple[Expression, ...], searchable: WallVersion, encoder: Encoder) -> Hits:
    """One picture for each way-point, all different, in the order of the way-points.

    Each is the nearest by cosine that is not taken yet: the ends choose first, the middle last.
    Pictures that are terms of the ends are left out. On a wall of fewer pictures than way-points
    the middle goes without.
    """
    start = time.perf_counter()
    chosen: dict[int, Hit] = {}
    for place, (inquiry, ranked) in path_hits(points, searchable, encoder).items():
        shares = inquiry.percentiles(np.array([ranked.score]))
        known = [None] if shares is None else shares.tolist()
        (chosen[place],) = _hits(inquiry, [ranked], known, _Reasons(inquiry))
    return Hits(
        tuple(chosen[place] for place in sorted(chosen)),
        f"path from {points[0]} to {points[-1]}",
        "add",
        encoder.name,
        searchable.version,
        (time.perf_counter() - start) * 1000,
    )


def path_hits(
    points: tuple[Expression, ...], searchable: WallVersion, encoder: Encoder
) -> dict[int, tuple[SingleSpaceRanking, ScoredRow]]:
    """What was asked and the picture found, by the number of the way-point: see `path`."""
    inquiries = [
        SingleSpaceRanking.ask(point, searchable, encoder, rule("add")) for point in points
    ]
    leaves = {leaf for inquiry in inquiries for leaf in inquiry.query.leaves}
    inputs = [leaf.image_id for leaf in leaves if isinstance(leaf, Like)]
    taken = {searchable.snapshot.position(image_id) for image_id in inputs}
    found: dict[int, tuple[SingleSpaceRanking, ScoredRow]] = {}
    for place in _turns(len(points)):
        inquiry = replace(inquiries[place], excluded=tuple(sorted(taken)))
        for ranked in inquiry.top_k(1):
            taken.add(ranked.position)
            found[place] = (inquiry, ranked)
    return found


def pick_along_path(points: int, pictures: int) -> list[int]:
    """The way-points, from 0, that the pictures of a path are of: the middle may go without."""
    return sorted(_turns(points)[:pictures])


def _turns(points: int) -> list[int]:
    """In which order way-points choose: the ends first."""
    return sorted(range(points), key=lambda at: min(at, points - 1 - at))


def _hits(
    inquiry: SingleSpaceRanking | HybridRanking,
    ranked: list[ScoredRow],
    percentiles: list[float | None],
    reasons: _Reasons,
    thumbnails: bool = True,
) -> tuple[Hit, ...]:
    if not ranked:
        return ()
    searchable = inquiry.version
    positions = [place.position for place in ranked]
    ids = searchable.snapshot.ids.take(positions).to_pylist()
    details = searchable.details_of(positions)
    looks = searchable.take(positions, ["thumbnail"]) if thumbnails else [{}] * len(positions)
    hits = tuple(
        Hit(
            image_id,
            place.score,
            tuple(said["captions"] or ()),
            said["path"],
            place.terms,
            look.get("thumbnail"),
            percentile,
            reasons.of(at),
            said["width"],
            said["height"],
            said["source"],
        )
        for at, (image_id, said, look, place, percentile) in enumerate(
            zip(ids, details, looks, ranked, percentiles, strict=True)
        )
    )
    reasons.give(hits)
    return hits
