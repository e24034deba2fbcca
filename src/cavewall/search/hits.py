"""From a ranking to the hits of an answer, with their reasons and advice on the query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from cavewall.errors import InputError
from cavewall.models import Hit, Hits
from cavewall.search.advice import advise
from cavewall.search.compile import ScoredRow
from cavewall.search.diversify import diversify
from cavewall.search.explain import explain
from cavewall.search.explanation import Explanation, HitExplanation
from cavewall.search.ranking import Ranking
from cavewall.search.request import SearchRequest

__all__ = ["build_hits", "hits_of"]


def build_hits(ranking: Ranking, request: SearchRequest, start: float) -> Hits:
    """The hits of a request; `start` is when the search began, by `time.perf_counter`.

    Raises:
        InputError: a least percentile where none is known, or an unknown field to group by.
    """
    rows = diversify(ranking, request)
    percentiles = _percentiles(ranking, rows)
    if request.min_percentile is not None:
        if ranking.space_weights not in (None, {"caption": 1.0}):
            raise InputError(
                "what is among the best is only known of the caption space: say space caption, or "
                "leave the least percentile out"
            )
        least = request.min_percentile
        kept = [at for at, each in enumerate(percentiles) if each is None or each >= least]
        rows, percentiles = [rows[at] for at in kept], [percentiles[at] for at in kept]
    reasons = _Reasons(ranking, request)
    return Hits(
        hits_of(ranking, rows, percentiles, reasons, request.thumbnails),
        str(ranking.expression),
        ranking.rule.name,
        ranking.encoder_name,
        ranking.version.number,
        (time.perf_counter() - start) * 1000,
        reasons.all() if request.explain else None,
        reasons.all,
        lambda: advise(ranking),
        None if request.where is None else str(request.where),
        request.first,
        ranking.candidate_count,
        ranking.picture_count,
        ranking.space_weights,
        request.area,
    )


def _percentiles(ranking: Ranking, rows: Sequence[ScoredRow]) -> list[float | None]:
    found = ranking.percentiles(np.array([row.score for row in rows]))
    return [None] * len(rows) if found is None else found.tolist()


class _Reasons:
    """The explanation of an answer, made once, when it is first asked for."""

    def __init__(self, ranking: Ranking, request: SearchRequest) -> None:
        self._ranking = ranking
        self._request = request
        self._hits: tuple[Hit, ...] = ()
        self._lock = threading.Lock()
        self._found: Explanation | None = None

    def give(self, hits: tuple[Hit, ...]) -> None:
        """Set the hits to explain, which refer to this object already."""
        self._hits = hits

    def all(self) -> Explanation:
        with self._lock:
            if self._found is None:
                self._found = explain(self._ranking, self._request, self._hits)
            return self._found

    def of(self, place: int) -> Callable[[], HitExplanation]:
        return lambda: self.all().hits[place]


def hits_of(
    ranking: Ranking,
    rows: Sequence[ScoredRow],
    percentiles: Sequence[float | None] | None = None,
    reasons: _Reasons | None = None,
    thumbnails: bool = True,
) -> tuple[Hit, ...]:
    """Ranked rows with what the wall knows of their pictures."""
    if not rows:
        return ()
    if percentiles is None:
        percentiles = _percentiles(ranking, rows)
    if reasons is None:
        reasons = _Reasons(ranking, SearchRequest(ranking.expression, len(rows)))
    version = ranking.version
    positions = [row.position for row in rows]
    ids = version.pictures.ids.take(positions).to_pylist()
    details = version.details_of(positions)
    looks = version.take(positions, ["thumbnail"]) if thumbnails else [{}] * len(positions)
    hits = tuple(
        Hit(
            image_id,
            row.score,
            tuple(detail["captions"] or ()),
            detail["path"],
            row.terms,
            look.get("thumbnail"),
            percentile,
            reasons.of(at),
            detail["width"],
            detail["height"],
            detail["source"],
        )
        for at, (image_id, detail, look, row, percentile) in enumerate(
            zip(ids, details, looks, rows, percentiles, strict=True)
        )
    )
    reasons.give(hits)
    return hits
