"""Which of the ranked pictures an answer shows: a page of them, or a varied choice.

Three ways to get an answer without ten shots of one scene, and all three keep the ranking's
scores: leave out what repeats a better picture (`dedupe`), show the best of each group
(`group_by`), and trade score for difference (`diverse`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall.index.phash import COSINE, MAX_HAMMING_DISTANCE, phash
from cavewall.search.compile import ScoredRow
from cavewall.search.ranking import Ranking
from cavewall.search.request import AMONG, SearchRequest
from cavewall.search.wall_version import WallVersion

__all__ = ["diversify"]

_BLOCK = 64

Keep = Callable[[list[ScoredRow]], list[bool]]


def diversify(ranking: Ranking, request: SearchRequest) -> list[ScoredRow]:
    """The pictures to show, in the order to show them.

    Raises:
        FilterError: `group_by` names no field of this wall.
    """
    if not request.is_varied:
        if request.offset is None:
            return ranking.top_k(request.k)
        return ranking.page(request.k, request.offset)
    wanted = request.first + request.k
    found = _distinct(ranking, request, AMONG if request.diverse is not None else wanted)
    if request.diverse is not None:
        order = _by_marginal_relevance(
            np.array([place.score for place in found]),
            ranking.vectors_at([place.position for place in found]),
            request.diverse,
            wanted,
        )
        found = [found[at] for at in order]
    return found[request.first : wanted]


def _distinct(ranking: Ranking, request: SearchRequest, wanted: int) -> list[ScoredRow]:
    """The first pictures of the ranking that repeat none before them."""
    tests: list[Keep] = []
    if request.group_by is not None:
        tests.append(_OnePerGroup(ranking.version, request.group_by).keep)
    if request.dedupe:
        tests.append(_NearDuplicates(ranking).keep)
    found: list[ScoredRow] = []
    for block in _blocks(ranking, wanted):
        kept = block
        for keep in tests:
            kept = [place for place, new in zip(kept, keep(kept), strict=True) if new]
        found += kept
        if len(found) >= wanted:
            break
    return found[:wanted]


def _blocks(ranking: Ranking, wanted: int) -> Iterator[list[ScoredRow]]:
    """The ranking in blocks that grow, so that few are asked for."""
    offset, size = 0, max(_BLOCK, wanted)
    while block := ranking.page(size, offset):
        yield block
        offset, size = offset + size, 2 * size


class _OnePerGroup:
    """Whose value of the field has not been met; pictures without one stand for themselves."""

    def __init__(self, version: WallVersion, field: str) -> None:
        self._labels = version.labels(field)
        self._met: set[int] = set()

    def keep(self, places: list[ScoredRow]) -> list[bool]:
        kept = []
        for place in places:
            label = int(self._labels[place.position])
            kept.append(label < 0 or label not in self._met)
            self._met.add(label)
        return kept


class _NearDuplicates:
    """Whose bytes, look and vector are not those of a picture met before."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._digests: set[str] = set()
        self._prints: list[NDArray[np.uint8]] = []
        self._rows: list[int] = []

    def keep(self, places: list[ScoredRow]) -> list[bool]:
        positions = [place.position for place in places]
        rows = self._ranking.version.take(positions, ["sha256", "thumbnail"])
        return [
            self._is_new(position, row["sha256"], row["thumbnail"])
            for position, row in zip(positions, rows, strict=True)
        ]

    def _is_new(self, position: int, digest: str | None, thumbnail: bytes | None) -> bool:
        if digest in self._digests:
            return False
        vectors = self._ranking.vectors_at([position, *self._rows])
        if (matmul(vectors[1:], vectors[0]) >= COSINE).any():
            return False
        look = None if thumbnail is None else phash(thumbnail)
        if look is not None:
            met = np.array(self._prints, np.uint8).reshape(-1, len(look))
            if (np.unpackbits(met ^ look, axis=1).sum(axis=1) <= MAX_HAMMING_DISTANCE).any():
                return False
            self._prints.append(look)
        if digest is not None:
            self._digests.add(digest)
        self._rows.append(position)
        return True


def _by_marginal_relevance(
    scores: NDArray[np.float64], vectors: NDArray[np.float32], diverse: float, wanted: int
) -> list[int]:
    """The order in which pictures are taken: places of `scores` (n,) and unit `vectors` (n, d).

    Each time the picture of the most (1 - λ) s - λ max cos(x, taken) is taken, for s the score
    from 0, the last of these, to 1, the best: maximal marginal relevance (Carbonell and
    Goldstein, *The Use of MMR, Diversity-Based Reranking*, SIGIR 1998). Ties by place.
    """
    if not len(scores):
        return []
    spread = float(scores.max() - scores.min()) or 1.0
    relevance = (1 - diverse) * (scores - scores.min()) / spread
    nearest = np.zeros(len(scores))
    order: list[int] = []
    for _ in range(min(wanted, len(scores))):
        taken = int(np.argmax(relevance - diverse * nearest))
        order.append(taken)
        relevance[taken] = -np.inf
        nearest = np.maximum(nearest, matmul(vectors, vectors[taken]))
    return order
