"""An expression as a linear combination of its leaves' unit vectors: one coefficient per leaf.

This holds even where a function normalises or projects, so the Gram matrix of the leaves is all
that is needed to compute the coefficients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import ExpressionError
from cavewall.query.values import (
    Centroid,
    Expression,
    Function,
    Image,
    Keyword,
    Like,
    MustContain,
    Sum,
    TermRef,
    Text,
)

__all__ = ["LinearCombination", "to_linear_combination"]

Coefficients = NDArray[np.float64]

# A result shorter than this, relative to the sum of its parts, is rounding error.
_RELATIVE_ZERO = 1e-6
# If every weight is smaller than this, too few digits are left for a direction.
_SMALLEST_WEIGHT = 1e-300


@dataclass(frozen=True)
class LinearCombination:
    """Σ weights[i] · leaf[i] and its length, which is never zero."""

    weights: Coefficients
    length: float

    @property
    def is_plain(self) -> bool:
        """Whether exactly one leaf has a non-zero weight, and that is positive."""
        counted = self.weights[self.weights != 0]
        return len(counted) == 1 and bool(counted[0] > 0)


def to_linear_combination(expression: Expression, gram: NDArray[np.float64]) -> LinearCombination:
    """The weights of the leaves, in the order of `expression.leaves()`.

    `gram` (n, n) holds the cosines between the leaves. Raises ExpressionError if the
    expression, or a function in it, cancels out.
    """
    weights = _LinearForm(gram).of(expression)
    return LinearCombination(weights, _length(weights, gram, expression))


def _length(weights: Coefficients, gram: NDArray[np.float64], expression: Expression) -> float:
    # Relative to the largest weight, so that squares of tiny weights do not underflow.
    largest = float(np.abs(weights).max())
    shares = weights / (largest or 1.0)
    length = math.sqrt(max(float(shares @ gram @ shares), 0.0))
    shortest = _RELATIVE_ZERO * float(np.abs(shares).sum())
    if largest < _SMALLEST_WEIGHT or not math.isfinite(length) or length <= shortest:
        raise ExpressionError(
            f"`{expression}` cancels out to nothing: there is no direction to search in"
        )
    return largest * length


class _LinearForm:
    def __init__(self, gram: NDArray[np.float64]) -> None:
        self.gram = gram
        self.next_leaf = 0

    def of(self, expression: Expression) -> Coefficients:
        match expression:
            case TermRef(meaning=Expression() as meaning):
                return self.of(meaning)
            case Text() | Image() | Like() | Keyword() | Centroid() | TermRef():
                weights = np.zeros(len(self.gram))
                weights[self.next_leaf] = 1.0
                self.next_leaf += 1
                return weights
            case MustContain():
                return np.zeros(len(self.gram))
            case Sum(terms):
                return sum(
                    (weight * self.of(part) for weight, part in terms), np.zeros(len(self.gram))
                )
            case Function(name, arguments, t):
                values = [self.of(argument) for argument in arguments]
                return self.unit(self.function(name, values, t, expression), expression)
        raise TypeError(f"not an expression: {type(expression).__name__}")

    def function(
        self, name: str, values: list[Coefficients], t: float | None, whole: Function
    ) -> Coefficients:
        match name:
            case "mean":
                return np.asarray(np.mean(values, axis=0), np.float64)
            case "analogy":
                a, b, c = values
                return b - a + c
            case "without":
                a, b = values[0], self.unit(values[1], whole.arguments[1])
                return a - self.dot(a, b) * b
            case "slerp":
                a, b = (
                    self.unit(value, argument)
                    for value, argument in zip(values, whole.arguments, strict=True)
                )
                return self.slerp(a, b, 0.0 if t is None else t, whole)
        raise ValueError(f"unknown function {name}")

    def slerp(self, a: Coefficients, b: Coefficients, t: float, whole: Function) -> Coefficients:
        cosine = min(max(self.dot(a, b), -1.0), 1.0)
        angle = math.acos(cosine)
        if angle < _RELATIVE_ZERO:
            return a
        if math.pi - angle < _RELATIVE_ZERO:
            raise ExpressionError(f"`{whole}` has opposite ends: there is no one arc between them")
        return (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)

    def dot(self, a: Coefficients, b: Coefficients) -> float:
        return float(a @ self.gram @ b)

    def unit(self, weights: Coefficients, expression: Expression) -> Coefficients:
        return weights / _length(weights, self.gram, expression)
