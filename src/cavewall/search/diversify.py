"""Which of the ranked pictures an answer shows: a page of them, or a varied choice.

Three ways to get an answer without ten shots of one scene, and all three keep the ranking's
scores: leave out what repeats a better picture (`dedupe`), show the best of each group
(`group_by`), and trade score for difference (`diverse`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall.errors import InputError
from cavewall.index.phash import COSINE, MAX_HAMMING_DISTANCE, phash
from cavewall.search.compile import ScoredRow
from cavewall.search.hybrid import HybridRanking
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.wall_version import WallVersion

__all__ = ["DIVERSE", "MAX_K", "MAX_OFFSET", "Selection", "diversify"]

MAX_K = 10_000
MAX_OFFSET = 1_000_000
# How much difference counts against score, unless it is said.
DIVERSE = 0.5
# A varied choice is made among so many of the best, whichever page of it is asked for: so pages
# of it fit together.
_AMONG = 1000
_BLOCK = 64

Keep = Callable[[list[ScoredRow]], list[bool]]


@dataclass(frozen=True)
class Selection:
    """What of a ranking to show.

    Attributes:
        k: how many pictures, 1 to 10,000.
        offset: how many to pass over; None is the first page by the fastest way, a number (0 too)
            one of the pages of the exact ranking, which fit together.
        diverse: how much being unlike the hits before counts against the score, 0 to 1.
        dedupe: leave out what has the bytes, the look or nearly the vector of a better hit.
        group_by: a field of whose every value the best picture is shown.

    Raises:
        InputError: a number out of its bounds.
    """

    k: int = 10
    offset: int | None = None
    diverse: float | None = None
    dedupe: bool = False
    group_by: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MAX_K:
            raise InputError(f"k is how many pictures to show, 1 to {MAX_K:,}, not {self.k}")
        if not 0 <= self.first <= MAX_OFFSET:
            raise InputError(
                f"the offset is how many pictures to pass over, 0 to {MAX_OFFSET:,}, not "
                f"{self.offset}"
            )
        if self.diverse is not None and not 0 <= self.diverse <= 1:
            raise InputError(f"diversity goes from 0 to 1, not to {self.diverse}")
        if self.is_varied and self.first + self.k > _AMONG:
            raise InputError(
                f"a varied answer is chosen among the best {_AMONG:,} pictures: k and offset "
                f"together go up to that, not to {self.first + self.k:,}"
            )

    @property
    def first(self) -> int:
        """The place, from 0, of the first picture shown."""
        return self.offset or 0

    @property
    def is_varied(self) -> bool:
        """Whether some of the best pictures make way for others."""
        return self.diverse is not None or self.dedupe or self.group_by is not None


def diversify(inquiry: SingleSpaceRanking | HybridRanking, selection: Selection) -> list[ScoredRow]:
    """The pictures to show, in the order to show them.

    Raises:
        FilterError: `group_by` names no field of this wall.
    """
    if not selection.is_varied:
        if selection.offset is None:
            return inquiry.top_k(selection.k)
        return inquiry.page(selection.k, selection.offset)
    wanted = selection.first + selection.k
    found = _distinct(inquiry, selection, _AMONG if selection.diverse is not None else wanted)
    if selection.diverse is not None:
        order = _by_marginal_relevance(
            np.array([place.score for place in found]),
            inquiry.vectors_at([place.position for place in found]),
            selection.diverse,
            wanted,
        )
        found = [found[at] for at in order]
    return found[selection.first : wanted]


def _distinct(
    inquiry: SingleSpaceRanking | HybridRanking, selection: Selection, wanted: int
) -> list[ScoredRow]:
    """The first pictures of the ranking that repeat none before them."""
    tests: list[Keep] = []
    if selection.group_by is not None:
        tests.append(_OnePerGroup(inquiry.version, selection.group_by).keep)
    if selection.dedupe:
        tests.append(_NearDuplicates(inquiry).keep)
    found: list[ScoredRow] = []
    for block in _blocks(inquiry, wanted):
        kept = block
        for keep in tests:
            kept = [place for place, new in zip(kept, keep(kept), strict=True) if new]
        found += kept
        if len(found) >= wanted:
            break
    return found[:wanted]


def _blocks(inquiry: SingleSpaceRanking | HybridRanking, wanted: int) -> Iterator[list[ScoredRow]]:
    """The ranking in blocks that grow, so that few are asked for."""
    offset, size = 0, max(_BLOCK, wanted)
    while block := inquiry.page(size, offset):
        yield block
        offset, size = offset + size, 2 * size


class _OnePerGroup:
    """Whose value of the field has not been met; pictures without one stand for themselves."""

    def __init__(self, searchable: WallVersion, field: str) -> None:
        self._labels = searchable.labels(field)
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

    def __init__(self, inquiry: SingleSpaceRanking | HybridRanking) -> None:
        self._inquiry = inquiry
        self._digests: set[str] = set()
        self._prints: list[NDArray[np.uint8]] = []
        self._rows: list[int] = []

    def keep(self, places: list[ScoredRow]) -> list[bool]:
        positions = [place.position for place in places]
        rows = self._inquiry.version.take(positions, ["sha256", "thumbnail"])
        return [
            self._is_new(position, row["sha256"], row["thumbnail"])
            for position, row in zip(positions, rows, strict=True)
        ]

    def _is_new(self, position: int, digest: str | None, thumbnail: bytes | None) -> bool:
        if digest in self._digests:
            return False
        vectors = self._inquiry.vectors_at([position, *self._rows])
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
