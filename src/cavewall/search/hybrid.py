"""The answers of several spaces of a wall made one.

Scores of captions and of pixels have nothing in common but that both have a mean and a deviation
over the wall. So every contribution is told in deviations of its space's scores from their mean,
and the fused score is their weighted sum, scaled to deviations again: once for the pictures that
are in both spaces and once for those in one, so that who lacks a vector is neither ahead nor behind
for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from cavewall.search.spaces import Everyone

__all__ = ["HybridRanking", "ScoredSpace"]

# Nothing is known that would set one above the other.
_WEIGHT = 0.5
_LEAST_DEVIATION = 1e-9

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ScoredSpace:
    """A space that takes part: its inquiry, and where its pictures stand among everyone, (n,)."""

    name: str
    inquiry: SingleSpaceRanking
    places: NDArray[np.intp]
    weight: float = _WEIGHT

    @cached_property
    def contributions(self) -> NDArray[np.floating]:
        """What each term brings to each picture of the space, in single precision."""
        inquiry = self.inquiry
        return inquiry.rule.contributions(inquiry.terms, inquiry.similarities)

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean of each term's contributions over the wall, (terms,)."""
        return np.asarray(self.contributions.mean(axis=1, dtype=np.float64), np.float64)

    @cached_property
    def _centred(self) -> NDArray[np.float64]:
        """The score of each picture of the space, from their mean on."""
        total = self.contributions.sum(axis=0, dtype=np.float64)
        return np.asarray(total - self.means.sum(), np.float64)

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of the scores over the wall; 1 where all are equal."""
        found = float(self._centred.std())
        return found if found > _LEAST_DEVIATION else 1.0

    def standing(self, count: int) -> NDArray[np.float64]:
        """The weighted standardised score of everyone, (count,); 0 where the space has none."""
        found = np.zeros(count)
        found[self.places] = self.weight * self._centred / self.deviation
        return found

    def rows_of(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows in the space of pictures among everyone; -1 for who is not in it."""
        at = np.minimum(np.searchsorted(self.places, positions), max(len(self.places) - 1, 0))
        there = self.places[at] == positions if len(self.places) else np.zeros(len(at), np.bool_)
        return np.where(there, at, -1)

    def parts_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """The weighted standardised contributions to those of everyone, (terms, positions)."""
        rows = self.rows_of(positions)
        found = np.zeros((len(self.means), len(positions)))
        there = rows >= 0
        if there.any():
            exact = self.inquiry.contributions_at(rows[there])
            found[:, there] = self.weight * (exact - self.means[:, None]) / self.deviation
        return found


@dataclass(frozen=True)
class HybridRanking:
    """An expression asked of several spaces: what an `SingleSpaceRanking` is for one.

    `allowed` (n,) are those of everyone who may answer, None for all; of these, the places in
    `excluded` may not.
    """

    expression: Expression
    spaces: tuple[ScoredSpace, ...]
    version: Everyone
    rule: Rule
    excluded: tuple[int, ...] = ()
    allowed: Mask | None = None

    @property
    def space_weights(self) -> Mapping[str, float]:
        """The spaces that take part, with their weights."""
        return {space.name: space.weight for space in self.spaces}

    @property
    def encoder_name(self) -> str:
        """The encoders of the spaces."""
        return " + ".join(space.inquiry.encoder_name for space in self.spaces)

    @property
    def parts(self) -> tuple[SingleSpaceRanking, ...]:
        """What is asked of each space, in the order of a hit's terms."""
        return tuple(space.inquiry for space in self.spaces)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The distinct terms, whichever space has them."""
        return tuple(dict.fromkeys(leaf for leaf, _ in self._weighted))

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Those of the terms, as they count in the first space that has them."""
        known = dict(reversed(self._weighted))
        return np.array([known[leaf] for leaf in self.leaves])

    @property
    def _weighted(self) -> list[tuple[Leaf, float]]:
        return [
            (leaf, float(weight))
            for space in self.spaces
            for leaf, weight in zip(space.inquiry.leaves, space.inquiry.weights, strict=True)
        ]

    @cached_property
    def _total(self) -> NDArray[np.float64]:
        """The weighted standardised scores of everyone, summed over the spaces, (n,)."""
        count = len(self.version.snapshot.ids)
        return np.asarray(sum(space.standing(count) for space in self.spaces), np.float64)

    @cached_property
    def _inside(self) -> NDArray[np.int64]:
        """The spaces that each picture is in, a bit each, (n,)."""
        found = np.zeros(len(self.version.snapshot.ids), np.int64)
        for at, space in enumerate(self.spaces):
            found[space.places] |= 1 << at
        return found

    @cached_property
    def _scales(self) -> NDArray[np.float64]:
        """What the summed scores of everyone are divided by, (n,).

        The deviation over those who are in the same spaces.
        """
        total, kinds = self._total, self._inside
        scales = np.ones(len(total))
        for kind in np.unique(kinds):
            alike = kinds == kind
            inside = [space.weight for at, space in enumerate(self.spaces) if kind & (1 << at)]
            # Of one space it is known: few pictures would tell it worse.
            spread = float(total[alike].std()) if len(inside) > 1 else sum(inside)
            scales[alike] = spread if spread > _LEAST_DEVIATION else sum(inside) or 1.0
        return scales

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """The score of everyone, those who may not answer too; of who is in no space, none."""
        return np.where(self._inside > 0, self._total / self._scales, -np.inf)

    @cached_property
    def _standing(self) -> NDArray[np.float64]:
        scores = self.scores.copy()
        if self.allowed is not None:
            scores[~self.allowed] = -np.inf
        scores[list(self.excluded)] = -np.inf
        return scores

    def all_scores(self) -> NDArray[np.float32]:
        """The score of everyone in single precision, NaN for those that may not answer: (n,)."""
        return np.where(np.isfinite(self._standing), self._standing, np.nan).astype(np.float32)

    @cached_property
    def candidate_count(self) -> int:
        """How many pictures may answer."""
        return int(np.isfinite(self._standing).sum())

    def top_k(self, k: int) -> list[ScoredRow]:
        """The k best pictures, best first."""
        return self.page(k)

    def page(self, k: int, offset: int = 0) -> list[ScoredRow]:
        """The k best pictures after the first `offset`, by a look at all that may answer."""
        if self.candidate_count <= offset:
            return []
        near, ahead = exact_candidates(self._standing, self._lipschitz, k, offset)
        return self._ranked(near, offset - ahead + k)[offset - ahead :]

    @property
    def _lipschitz(self) -> float:
        least = float(self._scales.min())
        return sum(
            space.weight * space.inquiry.rule.lipschitz(space.inquiry.terms) / space.deviation
            for space in self.spaces
        ) / max(least, _LEAST_DEVIATION)

    def _ranked(self, chosen: NDArray[np.intp], k: int) -> list[ScoredRow]:
        parts = np.vstack([space.parts_at(chosen) for space in self.spaces]) / self._scales[chosen]
        order = exact_top_k(parts.sum(axis=0), chosen, k, self.version.snapshot)
        terms = list(self.terms())
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

    def terms(self) -> Iterator[tuple[str, Leaf, float]]:
        """Each term of each space with its weight, in the order of a hit's `terms`."""
        for space in self.spaces:
            for leaf, weight in zip(space.inquiry.leaves, space.inquiry.weights, strict=True):
                yield space.name, leaf, float(weight)

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """None: what a fused score is worth is not known."""
        return None

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d): what is alike is so in every space it is in."""
        chosen = np.asarray(positions, np.intp)
        parts = []
        for space in self.spaces:
            vectors = space.inquiry.version.snapshot.vectors
            rows = space.rows_of(chosen)
            part = np.zeros((len(chosen), vectors.shape[1]), np.float32)
            part[rows >= 0] = vectors[rows[rows >= 0]]
            parts.append(part)
        found = np.hstack(parts)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, _LEAST_DEVIATION), np.float32)

    def without(self, leaf: int) -> HybridRanking | None:
        """The same with the weight of that leaf at 0 in every space; None where nothing is left."""
        left = []
        for space in self.spaces:
            leaves = space.inquiry.leaves
            if self.leaves[leaf] not in leaves:
                left.append(space)
                continue
            rest = space.inquiry.without(leaves.index(self.leaves[leaf]))
            if rest is not None:
                left.append(replace(space, inquiry=rest))
        return replace(self, spaces=tuple(left)) if left else None
