"""Rules: how the terms of an expression combine into a score.

A rule sees the weights of the terms, each term's similarities to the pictures, and, if it asks,
the background of these similarities and what the captions say of the terms. It answers with what
every term contributes to every picture; the score of a picture is the sum of its contributions,
so nothing is scored that cannot be explained.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall.errors import InputError
from cavewall.index.lexical import FLOOR, Evidence
from cavewall.query import LinearCombination
from cavewall.search.keyword_scores import Cosines, Keywords

__all__ = [
    "DEFAULT",
    "RULES",
    "Add",
    "LinearBound",
    "Mul",
    "Product",
    "Rule",
    "TermBackground",
    "Terms",
    "Words",
    "ZScore",
    "description",
    "rule",
    "total_scores",
]

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class TermBackground:
    """Mean and standard deviation, over the wall, of each term's cosine: (terms,) each."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


class Terms:
    """The distinct terms of a query, and what can be known of them over some pictures.

    `direction` has their weights; background and evidence are computed only if a rule asks.
    Some terms may be `keywords`: their similarities are coordinates, not cosines.
    """

    def __init__(
        self,
        direction: LinearCombination,
        background: Callable[[], TermBackground],
        evidence: Callable[[], Evidence],
        keywords: Keywords | None = None,
    ) -> None:
        self.direction = direction
        self.keywords = Keywords() if keywords is None else keywords
        self._background = background
        self._evidence = evidence

    @property
    def weights(self) -> NDArray[np.float64]:
        return self.direction.weights

    @cached_property
    def background(self) -> TermBackground:
        return self._background()

    @cached_property
    def evidence(self) -> Evidence:
        """What the pictures' captions say of each term."""
        return self._evidence()

    def at(self, positions: NDArray[np.intp]) -> Terms:
        """The same terms over those pictures alone."""
        return Terms(
            self.direction,
            lambda: self.background,
            lambda: self.evidence.at(positions),
            self.keywords.at(positions),
        )

    def zscores(self, similarities: Floats) -> Floats:
        """Cosines in standard deviations from their mean over the wall."""
        known, kind = self.background, similarities.dtype
        centred = similarities - known.mean[:, None].astype(kind)
        result: Floats = centred / known.deviation[:, None].astype(kind)
        return result

    def zscore_bound(self, weights: NDArray[np.float64]) -> LinearBound:
        """The weighted sum of the standardised cosines."""
        shares = weights / self.background.deviation
        return LinearBound(shares, offset=-float(shares @ self.background.mean))


@dataclass(frozen=True)
class LinearBound:
    """What the score of every picture rises with: a weighted sum of cosines, and what is known
    without them.

    Attributes:
        weights: of the terms' cosines, (terms,); a keyword's is 0 once it stands `beside`.
        beside: added to the sum, (pictures,); None is nothing.
        offset: the same for all.
        is_score: whether the sum is the score itself, to rounding.
    """

    weights: NDArray[np.float64]
    bias: Floats | None = None
    offset: float = 0.0
    is_score: bool = True

    def with_bias(self, keywords: Keywords) -> LinearBound:
        """The same with the part of the keywords among what is known without cosines."""
        if not len(keywords):
            return self
        part = self.weights[keywords.places].astype(np.float32) @ keywords.coordinates
        weights = self.weights.copy()
        weights[keywords.places] = 0
        return replace(self, weights=weights, bias=part if self.bias is None else self.bias + part)

    def scores(self, summed: Floats) -> Floats:
        """The scores of every picture from the weighted sums of their cosines."""
        total = summed + self.offset
        return total if self.bias is None else total + self.bias


class Rule(Protocol):
    """`name` is what users write after `--rule`."""

    @property
    def name(self) -> str: ...

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        """What each term adds to each score: cosines (terms, pictures) in, the same shape out."""
        ...

    def linear_bound(self, terms: Terms) -> LinearBound:
        """What the scores rise with: one pass finds them then, and an index the best of them."""
        ...

    def lipschitz(self, terms: Terms) -> float:
        """How much a score can move when every cosine moves by one, for cosines of real texts."""
        ...


class Add:
    """The cosine with the weighted sum of the terms: 3CosAdd.

    cos(Σ wᵢ tᵢ, x) = Σ wᵢ cos(tᵢ, x) / ‖Σ wᵢ tᵢ‖. Mikolov, Yih and Zweig, *Linguistic
    Regularities in Continuous Space Word Representations*, NAACL 2013; the name after Levy and
    Goldberg, *Linguistic Regularities in Sparse and Explicit Word Representations*, CoNLL 2014.
    *Minus* turns the query away from a direction; whatever shares the direction is lost with it.
    """

    name = "add"

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        scale = (terms.weights / terms.direction.length).astype(similarities.dtype)
        result: Floats = scale[:, None] * similarities
        return result

    def linear_bound(self, terms: Terms) -> LinearBound:
        return LinearBound(terms.weights / terms.direction.length)

    def lipschitz(self, terms: Terms) -> float:
        return float(np.abs(terms.weights / terms.direction.length).sum())


class Mul:
    """The product of the similarities, in logarithms: 3CosMul.

    Σ wᵢ ln((1 + cos(tᵢ, x)) / 2 + ε), with ε = .001. Levy and Goldberg, CoNLL 2014. *Minus*
    divides by the similarity, so that one strong term cannot outvote the others.
    """

    name = "mul"
    _EPSILON = 1e-3

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        weights = terms.weights[:, None].astype(similarities.dtype)
        result: Floats = weights * np.log((1 + similarities) / 2 + self._EPSILON)
        return result

    def linear_bound(self, terms: Terms) -> LinearBound:
        """The slope of the logarithms at what is usual on the wall."""
        return LinearBound(terms.weights / (1 + terms.background.mean), is_score=False)

    def lipschitz(self, terms: Terms) -> float:
        return 4 * float(np.abs(terms.weights).sum())


class ZScore:
    """The weighted sum of standardised cosines.

    Σ wᵢ (cos(tᵢ, x) - μᵢ) / σᵢ, where μᵢ and σᵢ are the mean and standard deviation of the term's
    cosine over the wall. A word's cosines vary less than a sentence's: standardised, both weigh
    alike. *Minus* counts against what is unusually near to it.
    """

    name = "standardised"

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        weights = terms.weights[:, None].astype(similarities.dtype)
        result: Floats = weights * terms.zscores(similarities)
        return result

    def linear_bound(self, terms: Terms) -> LinearBound:
        return terms.zscore_bound(terms.weights)

    def lipschitz(self, terms: Terms) -> float:
        return float((np.abs(terms.weights) / terms.background.deviation).sum())


class Words:
    """What the captions say of each term, word by word, with the standardised cosines beside.

    A plus term of weight w adds w (c ln(1 + e / .003) + (.2 + .5 (1 - c)) z), a minus term takes
    |w| (.7 c ln(1 + e / .03) + (.2 + .5 (1 - c)) z): e is the evidence of the term in the picture's
    captions, 0 to 1 (see `cavewall.index.lexical`), c how far the wall knows its words, z its
    standardised cosine. Sums of logarithms are products: every plus term has to be there, and a
    minus term that is plainly said costs about as much as a plus term that is missing. A term
    whose words the wall does not know at all counts by z alone, and a keyword, which captions
    hold or do not, by its evidence alone. The form and its six numbers come from swap questions
    on Flickr-8k's captions (docs/arithmetic.md); products of evidence after 3CosMul.
    """

    name = "words"
    _MINUS_FLOOR = 0.03
    _MINUS = 0.7
    _COSINE, _COSINE_ALONE = 0.2, 0.5
    _KNOWN_AT_ALL = 0.01

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        kind = similarities.dtype
        said, beside = (each[:, None].astype(kind) for each in self._strengths(terms))
        levels = terms.evidence.levels.astype(kind, copy=False)
        minus = terms.weights <= 0
        logs = np.where(minus[:, None], self._as_minus(levels), levels)
        result: Floats = said * logs + beside * terms.zscores(similarities)
        return result

    def linear_bound(self, terms: Terms) -> LinearBound:
        _, beside = self._strengths(terms)
        return replace(terms.zscore_bound(beside), bias=self._said(terms))

    def _said(self, terms: Terms) -> Floats:
        """The part of every score that comes from what is said."""
        strengths, _ = self._strengths(terms)
        total: Floats = np.zeros(terms.evidence.levels.shape[1], np.float32)
        for strength, level in zip(strengths.tolist(), terms.evidence.levels, strict=True):
            if strength != 0:
                total += strength * (level if strength > 0 else self._as_minus(level))
        return total

    def _strengths(self, terms: Terms) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The factors of each term's logarithm of evidence and of its standardised cosine."""
        certainty = terms.evidence.certainty.astype(np.float64)
        strengths = np.where(terms.weights > 0, 1.0, self._MINUS)
        known = certainty >= self._KNOWN_AT_ALL
        alone = self._COSINE_ALONE * strengths
        beside = np.where(known, self._COSINE + (1 - certainty) * self._COSINE_ALONE, alone)
        beside[terms.keywords.places] = 0
        said = np.where(known, strengths * certainty, 0)
        return terms.weights * said, terms.weights * beside

    def _as_minus(self, levels: Floats) -> Floats:
        """From ln(1 + e / .003) to ln(1 + e / .03)."""
        share = FLOOR / self._MINUS_FLOOR
        result: Floats = np.exp(levels)
        result *= share
        result += 1 - share
        return np.log(result, out=result)

    def lipschitz(self, terms: Terms) -> float:
        most = self._COSINE + self._COSINE_ALONE
        return most * float((np.abs(terms.weights) / terms.background.deviation).sum())


class Product:
    """The product of the standardised cosines, softly cut off below zero, in logarithms.

    A plus term of weight w adds w ln s(z), a minus term takes |w| ln(1 + s(z)): z is the term's
    standardised cosine and s(z) = ln(1 + exp z), which is z where that is large and never negative.
    Every plus term has to be there, and what a minus term is far from gains nothing by it. Products
    of normalised similarities after Psomas et al., *Instance-Level Composed Image Retrieval*,
    NeurIPS 2025, which needs no training; logarithms, so that terms keep their shares.
    """

    name = "product"
    _LEAST = 1e-30

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        soft = np.logaddexp(0, terms.zscores(similarities))
        minus = (terms.weights <= 0)[:, None]
        logs = np.where(minus, np.log1p(soft), np.log(np.maximum(soft, self._LEAST)))
        result: Floats = terms.weights[:, None].astype(similarities.dtype) * logs
        return result.astype(similarities.dtype, copy=False)

    def linear_bound(self, terms: Terms) -> LinearBound:
        """The slope of the logarithms at what is usual on the wall."""
        usual = float(np.log(2.0))
        slopes = 0.5 / np.where(terms.weights > 0, usual, 1 + usual)
        return replace(terms.zscore_bound(terms.weights * slopes), is_score=False)

    def lipschitz(self, terms: Terms) -> float:
        return float((np.abs(terms.weights) / terms.background.deviation).sum())


class _SingleTerm:
    """One positive term ranks and scores by its cosine under every rule."""

    def __init__(self, inner: Rule) -> None:
        self._inner = inner
        self.name = inner.name
        self.__doc__ = inner.__doc__

    def contributions(self, terms: Terms, similarities: Floats) -> Floats:
        return self._for(terms).contributions(terms, similarities)

    def linear_bound(self, terms: Terms) -> LinearBound:
        return self._for(terms).linear_bound(terms).with_bias(terms.keywords)

    def lipschitz(self, terms: Terms) -> float:
        return self._for(terms).lipschitz(terms)

    def _for(self, terms: Terms) -> Rule:
        return _ADD if terms.direction.is_plain else self._inner


def total_scores(rule: Rule, terms: Terms, cosines: Cosines) -> Floats:
    """The sum of the contributions for every picture, in single precision.

    The same to rounding, with as few passes over the pictures as the rule allows.
    """
    lead = rule.linear_bound(terms)
    if lead.is_score:
        return lead.scores(cosines.summed(lead.weights))
    result: Floats = rule.contributions(terms, cosines.each).sum(axis=0)
    return result


_ADD = Add()
RULES: dict[str, Rule] = {
    known.name: _SingleTerm(known) for known in (_ADD, Mul(), ZScore(), Product(), Words())
}
DEFAULT = "words"


def rule(name: str | None = None) -> Rule:
    """The rule of that name, or the default.

    Raises:
        InputError: there is no such rule; the message lists those there are.
    """
    found = RULES.get(DEFAULT if name is None else name)
    if found is None:
        raise InputError(f"there is no rule {name!r}: choose one of {', '.join(sorted(RULES))}")
    return found


def description(rule: Rule) -> str:
    """What a rule does, in one sentence: the first of its docstring."""
    said = inspect.getdoc(rule) or ""
    return " ".join(said.partition("\n\n")[0].split())
