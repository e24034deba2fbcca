"""One expression asked of one version of a wall: what is computed once for all who look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.blas import matmul
from cavewall._internal.cache import cached_property
from cavewall.encoders import Encoder
from cavewall.index.lexical import TermWords
from cavewall.query import Expression, Leaf, Like
from cavewall.search.candidates import MOST_BY_INDEX, ann_candidates, exact_candidates
from cavewall.search.compile import Query, ScoredRow, contributions_at, rank, terms_of, words_of
from cavewall.search.compile import compile_query as understood
from cavewall.search.keyword_scores import Cosines
from cavewall.search.masks import candidate_mask, intersect, term_mask
from cavewall.search.rules import Rule, Terms, total_scores
from cavewall.search.wall_version import WallVersion

__all__ = ["SingleSpaceRanking", "score_batch"]

# Inquiries scored in one product: 256 bytes a picture.
_TOGETHER = 64
# Where one picture in so many may answer, their vectors are gathered, else all are gone through.
_ONE_IN = 4


@dataclass(frozen=True)
class SingleSpaceRanking:
    """An expression, understood, with everything that ranking and explaining it need.

    `allowed` (n,) are the pictures that may answer, None for all; of these, the rows in `excluded`
    may not. `space` is the one that is asked, of a wall with two. Arrays are made when first asked
    for.
    """

    expression: Expression
    query: Query
    version: WallVersion
    encoder: Encoder
    rule: Rule
    excluded: tuple[int, ...] = ()
    allowed: NDArray[np.bool_] | None = None
    space: str | None = None

    @classmethod
    def ask(
        cls,
        expression: Expression,
        searchable: WallVersion,
        encoder: Encoder,
        rule: Rule,
        include_inputs: bool = False,
        allowed: NDArray[np.bool_] | None = None,
    ) -> SingleSpaceRanking:
        """Understand an expression; raises what `search.understand` raises."""
        snapshot = searchable.snapshot
        query = understood(expression, encoder, snapshot, lambda: searchable.caption_index)
        inputs = [leaf.image_id for leaf in query.leaves if isinstance(leaf, Like)]
        excluded = () if include_inputs else tuple(snapshot.position(each) for each in inputs)
        may = intersect(allowed, candidate_mask(expression, query, searchable))
        return cls(expression, query, searchable, encoder, rule, excluded, may)

    @cached_property
    def words(self) -> list[TermWords]:
        """What each leaf says in words."""
        return words_of(self.query, self.version, self.encoder)

    @cached_property
    def terms(self) -> Terms:
        """The leaves as a rule sees them."""
        return terms_of(self.query, self.version, lambda: self.words)

    @cached_property
    def cosines(self) -> Cosines:
        """Those of the leaves and every picture."""
        return Cosines(self.query.vectors, self.version.snapshot.vectors, self.query.keywords)

    @property
    def similarities(self) -> NDArray[np.float32]:
        """The cosine of each leaf and every picture, (leaves, pictures)."""
        return self.cosines.each

    @cached_property
    def scores(self) -> NDArray[np.floating]:
        """The score of every picture, those that may not answer too, in single precision."""
        return total_scores(self.rule, self.terms, self.cosines)

    @property
    def scores_are_cosines(self) -> bool:
        """Whether the rule scores this inquiry by its cosine."""
        return self.rule.name == "add" or self.query.direction.is_plain

    @cached_property
    def candidate_count(self) -> int:
        """How many pictures may answer."""
        if self.allowed is None:
            return len(self.version.snapshot.ids) - len(self.excluded)
        return int(self.allowed.sum()) - int(self.allowed[list(self.excluded)].sum())

    def top_k(self, k: int) -> list[ScoredRow]:
        """The k best pictures, best first: through the wall's index, if it has one."""
        index = None if self._is_exact else self.version.index
        if index is None or k > MOST_BY_INDEX or "scores" in self.__dict__:
            return self.page(k)
        lead = self.rule.linear_bound(self.terms)
        direction = (lead.weights @ self.query.vectors).astype(np.float32)
        vectors = self.version.snapshot.vectors
        rows = ann_candidates(index, vectors, direction, lead.bias, k, self.excluded)
        near, _ = exact_candidates(self._scores_of(rows), self.rule.lipschitz(self.terms), k)
        return self._ranked(rows[near], k)

    @property
    def _is_exact(self) -> bool:
        """Whether the nearest vectors may not be the answer: the index does not know who may."""
        return self.query.is_keywords or self.allowed is not None

    def page(self, k: int, offset: int = 0) -> list[ScoredRow]:
        """The k best pictures after the first `offset`, by a look at all that may answer."""
        if self.candidate_count <= offset:
            return []
        rows, scores = self._standing
        near, ahead = exact_candidates(scores, self.rule.lipschitz(self.terms), k, offset)
        found = self._ranked(near if rows is None else rows[near], offset - ahead + k)
        return found[offset - ahead :]

    @cached_property
    def _standing(self) -> tuple[NDArray[np.intp] | None, NDArray[np.floating]]:
        """The rows that may answer, None for all, and their scores in single precision."""
        if self.allowed is None:
            scores = self.scores.copy()
            scores[list(self.excluded)] = -np.inf
            return None, scores
        allowed = self.allowed.copy()
        allowed[list(self.excluded)] = False
        rows = np.flatnonzero(allowed)
        if "scores" in self.__dict__ or len(rows) * _ONE_IN > len(allowed):
            return rows, self.scores[rows]
        return rows, self._scores_of(rows)

    def _scores_of(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:
        """The scores of some pictures in single precision."""
        vectors = self.version.snapshot.vectors[rows]
        cosines = Cosines(self.query.vectors, vectors, self.query.keywords.at(rows))
        return total_scores(self.rule, self.terms.at(rows), cosines)

    def all_scores(self) -> NDArray[np.float32]:
        """The score of every picture in single precision, NaN for those that may not answer."""
        rows, scores = self._standing
        if rows is None:
            return np.where(np.isfinite(scores), scores, np.nan).astype(np.float32)
        found = np.full(len(self.version.snapshot.ids), np.nan, np.float32)
        found[rows] = scores
        return found

    def _ranked(self, shortlist: NDArray[np.intp], k: int) -> list[ScoredRow]:
        snapshot = self.version.snapshot
        found = rank(self.query, snapshot, self.rule, self.terms, shortlist, k)
        if self.space is None:
            return found
        return [
            replace(each, terms=tuple(replace(term, space=self.space) for term in each.terms))
            for each in found
        ]

    def contributions_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each leaf brings to those pictures, (leaves, positions), in double precision."""
        snapshot = self.version.snapshot
        return contributions_at(self.query, snapshot, self.rule, self.terms, positions)

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """What those scores are worth, 0 to 100: see `cavewall.search.calibration`."""
        if len(self.query.keywords) or not self.version.calibrated:
            return None  # no background is drawn of keywords
        calibration = self.version.calibration
        if self.scores_are_cosines:
            return calibration.of_cosines(scores)
        return calibration.of_scores(scores, self.rule, self.query.direction.weights)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The distinct terms."""
        return self.query.leaves

    @property
    def weights(self) -> NDArray[np.float64]:
        """Those of the terms, as they count."""
        return self.query.direction.weights

    @property
    def space_weights(self) -> Mapping[str, float] | None:
        """The space that is asked, with its weight, of a wall that has two."""
        return None if self.space is None else {self.space: 1.0}

    @property
    def encoder_name(self) -> str:
        """The name of the encoder."""
        return self.encoder.name

    @property
    def parts(self) -> tuple[SingleSpaceRanking, ...]:
        """What is asked of each space: this alone."""
        return (self,)

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d), by which they are alike or not."""
        return self.version.snapshot.vectors[list(positions)]

    def without(self, leaf: int) -> SingleSpaceRanking | None:
        """The same inquiry with the weight of that leaf at 0; None where nothing is left.

        The weights of the others, and who may answer, stay.
        """
        kept = [at for at in range(len(self.query.leaves)) if at != leaf]
        query = self.query.of(kept)
        if query.cancels_out:
            return None
        rest = replace(self, query=query, allowed=intersect(self.allowed, term_mask(query)))
        # Nothing is encoded or looked up again.
        rest.__dict__["terms"] = terms_of(
            query, self.version, lambda: [self.words[at] for at in kept]
        )
        rest.__dict__["cosines"] = self.cosines.of(kept)
        return rest


def score_batch(inquiries: Sequence[SingleSpaceRanking]) -> None:
    """Score every picture for many inquiries of one wall, in as few products as memory allows.

    What is scored by no sum of cosines is left to itself.
    """
    led = [(each, each.rule.linear_bound(each.terms)) for each in inquiries]
    led = [(each, lead) for each, lead in led if lead.is_score]
    for start in range(0, len(led), _TOGETHER):
        part = led[start : start + _TOGETHER]
        directions = np.stack([lead.weights @ each.query.vectors for each, lead in part])
        vectors = part[0][0].version.snapshot.vectors
        summed = matmul(directions.astype(np.float32), vectors.T)
        for (each, lead), row in zip(part, summed, strict=True):
            each.__dict__["scores"] = lead.scores(row)
