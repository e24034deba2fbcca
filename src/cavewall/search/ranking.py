"""One request's ranking: the pictures of a version in the order of their scores.

Positions are those of the version. A ranking of one space translates them to the rows of that
space; `search.hybrid` combines several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall._internal.cache import cached_property
from cavewall.encoders import Encoder
from cavewall.index.lexical import TermWords
from cavewall.query import Expression, Leaf, Like
from cavewall.search.candidates import MOST_BY_INDEX, ann_candidates, exact_candidates
from cavewall.search.compile import (
    Query,
    ScoredRow,
    compile_query,
    contributions_at,
    rank,
    terms_of,
    words_of,
)
from cavewall.search.keyword_scores import Cosines
from cavewall.search.masks import candidate_mask, intersect, term_mask
from cavewall.search.rules import Rule, Terms, total_scores
from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion

__all__ = ["Ranking", "SingleSpaceRanking", "score_batch"]

# Requests scored in one product: 256 bytes a picture.
_TOGETHER = 64
# Where fewer than one picture in so many may be a hit, their vectors are gathered; else a product
# with all vectors is faster than gathering.
_ONE_IN = 4

Mask = NDArray[np.bool_]


class Ranking(Protocol):
    """An expression ranked over the pictures of one version, in one vector space or several."""

    @property
    def expression(self) -> Expression: ...

    @property
    def rule(self) -> Rule:
        """The rule that was asked for."""

    @property
    def version(self) -> WallVersion: ...

    @property
    def parts(self) -> tuple[SingleSpaceRanking, ...]:
        """The ranking of each space, in the order of a hit's terms."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The distinct terms."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """Their weights, (leaves,)."""

    @property
    def encoder_name(self) -> str: ...

    @property
    def space_weights(self) -> Mapping[str, float] | None:
        """The spaces that are asked with their weights; None where the wall has only one."""

    @property
    def candidate_count(self) -> int:
        """How many pictures may be hits."""

    @property
    def picture_count(self) -> int:
        """How many pictures the spaces have."""

    def top_k(self, k: int) -> list[ScoredRow]:
        """The k best pictures, best first, by the fastest way."""

    def page(self, k: int, offset: int = 0) -> list[ScoredRow]:
        """The k best pictures after the first `offset`, scored exactly."""

    def all_scores(self) -> NDArray[np.float32]:
        """The score of every picture of the version, (n,); NaN for those that may not be hits."""

    def contributions_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each leaf contributes to those pictures, (leaves, positions)."""

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The percentile of each score, 0 to 100; None where it is not known."""

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d), by which they are alike or not."""

    def without(self, leaf: int) -> Ranking | None:
        """The same with the weight of that leaf at 0; None where nothing is left."""

    def excluding(self, positions: Sequence[int]) -> Ranking:
        """The same with those pictures left out, and no others."""


@dataclass(frozen=True)
class SingleSpaceRanking:
    """A ranking in one vector space.

    Attributes:
        query: the terms' vectors in this space.
        encoder: for the texts of the query.
        excluded: positions of pictures that may not be hits, such as those of the expression.
        allowed: (rows of the space,) which may be hits, None for all.
        named: whether contributions name the space, as they do on a wall with several.
    """

    expression: Expression
    query: Query
    space: VectorSpace
    encoder: Encoder
    rule: Rule
    excluded: tuple[int, ...] = ()
    allowed: Mask | None = None
    named: bool = False

    @classmethod
    def ask(
        cls,
        expression: Expression,
        space: VectorSpace,
        encoder: Encoder,
        rule: Rule,
        include_inputs: bool = False,
        allowed: Mask | None = None,
    ) -> SingleSpaceRanking:
        """Rank by an expression; raises what `compile_query` raises.

        `allowed` are pictures of the version, (n,), None for all.
        """
        snapshot = space.snapshot
        query = compile_query(expression, encoder, snapshot, lambda: space.inverted_index)
        asked = cls(expression, query, space, encoder, rule)
        return asked.among(allowed, include_inputs)

    def among(self, allowed: Mask | None, include_inputs: bool) -> SingleSpaceRanking:
        """The same with only those pictures of the version as hits, and only if they may be."""
        inputs = [leaf.image_id for leaf in self.leaves if isinstance(leaf, Like)]
        position = self.version.pictures.position
        excluded = () if include_inputs else tuple(map(position, inputs))
        if allowed is not None and self.space.positions is not None:
            allowed = allowed[self.space.positions]
        may = candidate_mask(self.expression, self.query, lambda: self.space.inverted_index)
        return replace(self, excluded=excluded, allowed=intersect(allowed, may))

    @property
    def version(self) -> WallVersion:
        return self.space.version

    @cached_property
    def words(self) -> list[TermWords]:
        """The words of each leaf."""
        return words_of(self.query, self.space, self.encoder)

    @cached_property
    def terms(self) -> Terms:
        """The leaves as a rule takes them."""
        return terms_of(self.query, self.space, lambda: self.words)

    @cached_property
    def cosines(self) -> Cosines:
        """Those of the leaves and every picture of the space."""
        return Cosines(self.query.vectors, self.space.snapshot.vectors, self.query.keywords)

    @property
    def similarities(self) -> NDArray[np.float32]:
        """The cosine of each leaf and every picture of the space, (leaves, rows)."""
        return self.cosines.each

    @cached_property
    def scores(self) -> NDArray[np.floating]:
        """The score of every picture of the space, whether it may be a hit or not."""
        return total_scores(self.rule, self.terms, self.cosines)

    @property
    def scores_are_cosines(self) -> bool:
        """Whether the rule scores this query by its cosine."""
        return self.rule.name == "add" or self.query.direction.is_plain

    @cached_property
    def excluded_rows(self) -> list[int]:
        """The rows of the space that are excluded."""
        rows = self.space.rows_at(np.array(self.excluded, np.intp))
        return [int(row) for row in rows if row >= 0]

    @cached_property
    def candidate_count(self) -> int:
        if self.allowed is None:
            return len(self.space) - len(self.excluded_rows)
        return int(self.allowed.sum()) - int(self.allowed[self.excluded_rows].sum())

    @property
    def picture_count(self) -> int:
        return len(self.space)

    def top_k(self, k: int) -> list[ScoredRow]:
        """The k best pictures, best first: through the IVF index, if there is one."""
        # The index does not know which pictures may be hits, and holds no keywords.
        exact = self.query.is_keywords or self.allowed is not None or "scores" in self.__dict__
        index = None if exact else self.space.index
        if index is None or k > MOST_BY_INDEX:
            return self.page(k)
        bound = self.rule.linear_bound(self.terms)
        direction = (bound.weights @ self.query.vectors).astype(np.float32)
        vectors = self.space.snapshot.vectors
        rows = ann_candidates(index, vectors, direction, bound.bias, k, self.excluded_rows)
        near, _ = exact_candidates(self._scores_of(rows), self.rule.lipschitz(self.terms), k)
        return self._ranked(rows[near], k)

    def page(self, k: int, offset: int = 0) -> list[ScoredRow]:
        """The k best pictures after the first `offset`, by a scan of all that may be hits."""
        if self.candidate_count <= offset:
            return []
        rows, scores = self._candidates
        near, ahead = exact_candidates(scores, self.rule.lipschitz(self.terms), k, offset)
        found = self._ranked(near if rows is None else rows[near], offset - ahead + k)
        return found[offset - ahead :]

    @cached_property
    def _candidates(self) -> tuple[NDArray[np.intp] | None, NDArray[np.floating]]:
        """The rows that may be hits, None for all, and their scores in single precision."""
        if self.allowed is None:
            scores = self.scores.copy()
            scores[self.excluded_rows] = -np.inf
            return None, scores
        allowed = self.allowed.copy()
        allowed[self.excluded_rows] = False
        rows = np.flatnonzero(allowed)
        if "scores" in self.__dict__ or len(rows) * _ONE_IN > len(allowed):
            return rows, self.scores[rows]
        return rows, self._scores_of(rows)

    def _scores_of(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:
        """The scores of some rows in single precision."""
        vectors = self.space.snapshot.vectors[rows]
        cosines = Cosines(self.query.vectors, vectors, self.query.keywords.at(rows))
        return total_scores(self.rule, self.terms.at(rows), cosines)

    def all_scores(self) -> NDArray[np.float32]:
        rows, scores = self._candidates
        if rows is None:
            found = np.where(np.isfinite(scores), scores, np.nan).astype(np.float32)
        else:
            found = np.full(len(self.space), np.nan, np.float32)
            found[rows] = scores
        every: NDArray[np.float32] = self.space.spread(found, np.nan)
        return every

    def _ranked(self, shortlist: NDArray[np.intp], k: int) -> list[ScoredRow]:
        found = rank(self.query, self.space.snapshot, self.rule, self.terms, shortlist, k)
        positions = self.space.positions
        if positions is None and not self.named:
            return found
        name = self.space.name if self.named else None
        return [
            replace(
                each,
                position=each.position if positions is None else int(positions[each.position]),
                terms=tuple(replace(term, space=name) for term in each.terms),
            )
            for each in found
        ]

    def contributions_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each leaf contributes to those pictures, (leaves, positions)."""
        rows = self.space.rows_at(positions)
        found = np.zeros((len(self.leaves), len(positions)))
        there = rows >= 0
        if there.any():
            found[:, there] = contributions_at(
                self.query, self.space.snapshot, self.rule, self.terms, rows[there]
            )
        return found

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The percentile of each score, 0 to 100: see `search.calibration`."""
        calibration = self.space.calibration
        if len(self.query.keywords) or calibration is None:
            return None  # no background is drawn for keywords
        if self.scores_are_cosines:
            return calibration.of_cosines(scores)
        return calibration.of_scores(scores, self.rule, self.weights)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return self.query.leaves

    @property
    def weights(self) -> NDArray[np.float64]:
        return self.query.direction.weights

    @property
    def space_weights(self) -> Mapping[str, float] | None:
        return {self.space.name: 1.0} if self.named else None

    @property
    def encoder_name(self) -> str:
        return self.encoder.name

    @property
    def parts(self) -> tuple[SingleSpaceRanking, ...]:
        return (self,)

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d); zero outside the space."""
        rows = self.space.rows_at(np.asarray(positions, np.intp))
        found = self.space.snapshot.vectors[rows]
        if (rows < 0).any():
            found[rows < 0] = 0
        return found

    def without(self, leaf: int) -> SingleSpaceRanking | None:
        """The same with the weight of that leaf at 0; None where nothing is left.

        The weights of the others, and which pictures may be hits, stay.
        """
        kept = [at for at in range(len(self.leaves)) if at != leaf]
        query = self.query.of(kept)
        if query.cancels_out:
            return None
        rest = replace(self, query=query, allowed=intersect(self.allowed, term_mask(query)))
        # Nothing is encoded or looked up again.
        rest.__dict__["terms"] = terms_of(
            query, self.space, lambda: [self.words[at] for at in kept]
        )
        rest.__dict__["cosines"] = self.cosines.of(kept)
        return rest

    def excluding(self, positions: Sequence[int]) -> SingleSpaceRanking:
        return replace(self, excluded=tuple(positions))


def score_batch(rankings: Sequence[Ranking]) -> None:
    """Score every picture for many rankings of one version, in as few products as memory allows.

    Only those of one space whose score is a sum of cosines: the others are scored when asked.
    """
    by_space: dict[str, list[SingleSpaceRanking]] = {}
    for ranking in rankings:
        if len(ranking.parts) == 1:
            by_space.setdefault(ranking.parts[0].space.name, []).append(ranking.parts[0])
    for singles in by_space.values():
        bounded = [(each, each.rule.linear_bound(each.terms)) for each in singles]
        bounded = [(each, bound) for each, bound in bounded if bound.is_score]
        for start in range(0, len(bounded), _TOGETHER):
            part = bounded[start : start + _TOGETHER]
            directions = np.stack([bound.weights @ each.query.vectors for each, bound in part])
            vectors = part[0][0].space.snapshot.vectors
            summed = matmul(directions.astype(np.float32), vectors.T)
            for (each, bound), row in zip(part, summed, strict=True):
                each.__dict__["scores"] = bound.scores(row)
