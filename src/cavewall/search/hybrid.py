"""Rankings of several vector spaces combined into one.

Scores of captions and of pixels have nothing in common except a mean and a deviation over the wall.
So every contribution is measured in standard deviations of its space's scores from their mean
(z-scores), and the combined score is their weighted sum, scaled to unit deviation again. That is
done apart for the pictures that are in both spaces and for those in one, so that a picture without
a caption is neither ahead nor behind for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall.models import Contribution
from cavewall.query import Expression, Leaf
from cavewall.search.candidates import exact_candidates
from cavewall.search.compile import ScoredRow, exact_top_k
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import Rule
from cavewall.search.wall_version import WallVersion

__all__ = ["HybridRanking", "ScoredSpace"]

# Nothing measured sets one space above the other.
_WEIGHT = 0.5
_NEAR_ZERO = 1e-9

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ScoredSpace:
    """The ranking of one space, with the weight of its z-scores."""

    ranking: SingleSpaceRanking
    weight: float = _WEIGHT

    @property
    def name(self) -> str:
        return self.ranking.space.name

    @cached_property
    def contributions(self) -> NDArray[np.floating]:
        """What each term contributes to each picture of the space, in single precision."""
        ranking = self.ranking
        return ranking.rule.contributions(ranking.terms, ranking.similarities)

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean of each term's contributions over the space, (terms,)."""
        return np.asarray(self.contributions.mean(axis=1, dtype=np.float64), np.float64)

    @cached_property
    def _centered(self) -> NDArray[np.float64]:
        """The score of each picture of the space less their mean."""
        total = self.contributions.sum(axis=0, dtype=np.float64)
        return np.asarray(total - self.means.sum(), np.float64)

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of the scores over the space; 1 where all are equal."""
        found = float(self._centered.std())
        return found if found > _NEAR_ZERO else 1.0

    def zscores(self) -> NDArray[np.float64]:
        """The weighted z-score of every picture of the version; 0 outside the space."""
        weighted = self.weight * self._centered / self.deviation
        every: NDArray[np.float64] = self.ranking.space.spread(weighted, 0.0)
        return every

    def zscores_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """The weighted z-scores of each term's contributions, (terms, positions)."""
        there = self.ranking.space.rows_at(positions) >= 0
        exact = self.ranking.contributions_at(positions) - self.means[:, None]
        return np.where(there, self.weight * exact / self.deviation, 0.0)


@dataclass(frozen=True)
class HybridRanking:
    """A ranking in several vector spaces: see `Ranking`.

    `allowed` (n,) are the pictures that may be hits, None for all; of these, those at the positions
    `excluded` may not.
    """

    expression: Expression
    spaces: tuple[ScoredSpace, ...]
    version: WallVersion
    rule: Rule
    excluded: tuple[int, ...] = ()
    allowed: Mask | None = None

    @property
    def space_weights(self) -> Mapping[str, float]:
        return {space.name: space.weight for space in self.spaces}

    @property
    def encoder_name(self) -> str:
        return " + ".join(space.ranking.encoder_name for space in self.spaces)

    @property
    def parts(self) -> tuple[SingleSpaceRanking, ...]:
        return tuple(space.ranking for space in self.spaces)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(dict.fromkeys(leaf for leaf, _ in self._weighted))

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """The weight of each leaf in the first space that has it."""
        known = dict(reversed(self._weighted))
        return np.array([known[leaf] for leaf in self.leaves])

    @property
    def _weighted(self) -> list[tuple[Leaf, float]]:
        return [
            (leaf, float(weight))
            for part in self.parts
            for leaf, weight in zip(part.leaves, part.weights, strict=True)
        ]

    @cached_property
    def _total(self) -> NDArray[np.float64]:
        """The z-scores of every picture, summed over the spaces, (n,)."""
        return np.asarray(sum(space.zscores() for space in self.spaces), np.float64)

    @cached_property
    def _inside(self) -> NDArray[np.int64]:
        """The spaces that each picture is in, a bit each, (n,)."""
        found = np.zeros(len(self.version), np.int64)
        for at, part in enumerate(self.parts):
            found |= part.space.spread(np.full(len(part.space), 1 << at, np.int64), 0)
        return found

    @cached_property
    def _scales(self) -> NDArray[np.float64]:
        """The deviation of the sums over the pictures that are in the same spaces, (n,)."""
        total, kinds = self._total, self._inside
        scales = np.ones(len(total))
        for kind in np.unique(kinds):
            alike = kinds == kind
            inside = [space.weight for at, space in enumerate(self.spaces) if kind & (1 << at)]
            # Of one space the deviation is known to be its weight: no need to estimate it.
            spread = float(total[alike].std()) if len(inside) > 1 else sum(inside)
            scales[alike] = spread if spread > _NEAR_ZERO else sum(inside) or 1.0
        return scales

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """The score of every picture, (n,); minus infinity for those in none of the spaces."""
        return np.where(self._inside > 0, self._total / self._scales, -np.inf)

    @cached_property
    def _candidate_scores(self) -> NDArray[np.float64]:
        scores = self.scores.copy()
        if self.allowed is not None:
            scores[~self.allowed] = -np.inf
        scores[list(self.excluded)] = -np.inf
        return scores

    def all_scores(self) -> NDArray[np.float32]:
        scores = self._candidate_scores
        return np.where(np.isfinite(scores), scores, np.nan).astype(np.float32)

    @cached_property
    def candidate_count(self) -> int:
        return int(np.isfinite(self._candidate_scores).sum())

    @property
    def picture_count(self) -> int:
        return len(self.version)

    def top_k(self, k: int) -> list[ScoredRow]:
        return self.page(k)

    def page(self, k: int, offset: int = 0) -> list[ScoredRow]:
        if self.candidate_count <= offset:
            return []
        near, ahead = exact_candidates(self._candidate_scores, self._lipschitz, k, offset)
        return self._ranked(near, offset - ahead + k)[offset - ahead :]

    @property
    def _lipschitz(self) -> float:
        least = float(self._scales.min())
        return sum(
            space.weight * space.ranking.rule.lipschitz(space.ranking.terms) / space.deviation
            for space in self.spaces
        ) / max(least, _NEAR_ZERO)

    def _contributions(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Those of each term of each space, in the order of a hit's `terms`."""
        parts = np.vstack([space.zscores_at(positions) for space in self.spaces])
        return np.asarray(parts / self._scales[positions], np.float64)

    def _ranked(self, chosen: NDArray[np.intp], k: int) -> list[ScoredRow]:
        parts = self._contributions(chosen)
        order = exact_top_k(parts.sum(axis=0), chosen, k, self.version.pictures.ids)
        terms = [
            (part.space.name, leaf, float(weight))
            for part in self.parts
            for leaf, weight in zip(part.leaves, part.weights, strict=True)
        ]
        return [
            ScoredRow(
                int(chosen[at]),
                total,
                tuple(
                    Contribution(str(leaf), weight, float(part), name)
                    for (name, leaf, weight), part in zip(terms, parts[:, at], strict=True)
                ),
            )
            for at, total in order
        ]

    def contributions_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each leaf contributes in all spaces together, (leaves, positions)."""
        found = np.zeros((len(self.leaves), len(positions)))
        of_terms = [leaf for part in self.parts for leaf in part.leaves]
        for leaf, row in zip(of_terms, self._contributions(positions), strict=True):
            found[self.leaves.index(leaf)] += row
        return found

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """None: no background is known of combined scores."""
        return None

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d): alike are those that are so in every space."""
        found = np.hstack([part.vectors_at(positions) for part in self.parts])
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, _NEAR_ZERO), np.float32)

    def without(self, leaf: int) -> HybridRanking | None:
        """The same with the weight of that leaf at 0 in every space; None where nothing is left."""
        left = []
        for space in self.spaces:
            leaves = space.ranking.leaves
            if self.leaves[leaf] not in leaves:
                left.append(space)
                continue
            rest = space.ranking.without(leaves.index(self.leaves[leaf]))
            if rest is not None:
                left.append(replace(space, ranking=rest))
        return replace(self, spaces=tuple(left)) if left else None

    def excluding(self, positions: Sequence[int]) -> HybridRanking:
        return replace(self, excluded=tuple(positions))
