"""Building the artifacts that searches need ahead of time, and measuring the IVF index."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cavewall._internal.progress import ShareProgress, StageProgress
from cavewall.encoders import Encoder
from cavewall.index.ivf import MIN_ROWS, Placing
from cavewall.query import text
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import rule
from cavewall.search.vector_space import VectorSpace

__all__ = ["IndexCheck", "IndexReport", "check_index", "make_index"]


_FIRST = 10
_QUERIES = 200


@dataclass(frozen=True)
class IndexCheck:
    """The index compared with exact search, on captions of the wall.

    Attributes:
        queries: the number of captions searched, each of another picture.
        recall_at_10: the mean share of the true first ten that the index finds, for one caption.
        recall_of_rule: the same for a caption minus another one plus a third, by the default rule.
        ms, ms_everyone: the median time of a search for one caption, with and without the index.
    """

    queries: int
    recall_at_10: float
    recall_of_rule: float
    ms: float
    ms_everyone: float


@dataclass(frozen=True)
class IndexReport:
    """The result of `Wall.index`: the number of IVF partitions (`neighbourhoods`) of a version.

    Below 50,000 pictures it is 0: searches are exact.
    """

    pictures: int
    neighbourhoods: int
    seconds: float
    version: int
    check: IndexCheck | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def make_index(
    space: VectorSpace,
    encoder: Encoder,
    check: bool,
    progress: StageProgress | None = None,
    placing: Placing | None = None,
) -> IndexReport:
    """Build what searches need. With `check`, compare searches with and without the index.

    `placing` assigns vectors to partitions elsewhere, such as on a cluster.
    """
    start = time.perf_counter()

    def told(what: str) -> ShareProgress:
        return lambda share: None if progress is None else progress(what, share)

    told("reading vectors")(0.0)
    pictures = len(space.snapshot.ids)
    told("reading captions")(0.0)
    _ = space.background, space.words, space.inverted_index
    # Whoever asks has it made anew, though one of an older version would do.
    index = space.build_index(told("neighbourhoods"), placing) if pictures >= MIN_ROWS else None
    seconds = time.perf_counter() - start
    if index is None:
        return IndexReport(pictures, 0, seconds, space.version.number)
    found = check_index(space, encoder, told("checking")) if check else None
    return IndexReport(pictures, len(index.centres), seconds, space.version.number, found)


def check_index(
    space: VectorSpace, encoder: Encoder, progress: ShareProgress | None = None
) -> IndexCheck | None:
    """Ask captions with and without the index; None where there are fewer than three."""
    said = [texts[0] for texts in space.captions() if texts]
    drawn = np.random.default_rng(0).permutation(len(said))[: 3 * _QUERIES].tolist()
    texts = [text(said[at]) for at in drawn]
    count = len(texts) // 3
    if count == 0:
        return None
    add, default = rule("add"), rule()
    alone, ruled, by_index, without = [], [], [], []
    for number in range(count):
        one, other, third = texts[number::count][:3]
        query = SingleSpaceRanking.ask(one, space, encoder, add)
        share, fast, slow = _compared(query)
        alone.append(share)
        by_index.append(fast)
        without.append(slow)
        swap = SingleSpaceRanking.ask(one - other + third, space, encoder, default)
        ruled.append(_compared(swap)[0])
        if progress is not None:
            progress((number + 1) / count)
    return IndexCheck(
        count,
        float(np.mean(alone)),
        float(np.mean(ruled)),
        float(np.median(by_index)),
        float(np.median(without)),
    )


def _compared(ranking: SingleSpaceRanking) -> tuple[float, float, float]:
    """The share of the first ten that the index finds, and the milliseconds with and without."""
    start = time.perf_counter()
    found = {one.position for one in ranking.top_k(_FIRST)}
    middle = time.perf_counter()
    true = {one.position for one in ranking.page(_FIRST)}
    end = time.perf_counter()
    share = len(found & true) / max(1, len(true))
    return share, 1000 * (middle - start), 1000 * (end - middle)
