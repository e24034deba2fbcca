"""Rules: how the terms of an expression combine into a score.

A rule sees the weights of the terms, the cosines between them, and each term's similarities to
the pictures. It answers with what every term contributes to every picture; the score of a
picture is the sum of its contributions, so nothing is scored that cannot be explained.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.expression import Direction

__all__ = ["DEFAULT", "RULES", "Add", "Rule", "rule"]

Floats = NDArray[np.floating]


class Rule(Protocol):
    """`name` is what users write after `--rule`."""

    @property
    def name(self) -> str: ...

    def contributions(self, query: Direction, similarities: Floats) -> Floats:
        """What each term adds to each score.

        `similarities` (terms, pictures) holds cosines; the result has its shape. For a query
        that is one term of positive weight the result is the cosine itself.
        """
        ...


class Add:
    """The cosine with the weighted sum of the terms: 3CosAdd.

    cos(Σ wᵢ tᵢ, x) = Σ wᵢ cos(tᵢ, x) / ‖Σ wᵢ tᵢ‖. Mikolov, Yih and Zweig, *Linguistic
    Regularities in Continuous Space Word Representations*, NAACL 2013; the name after Levy and
    Goldberg, *Linguistic Regularities in Sparse and Explicit Word Representations*, CoNLL 2014.
    """

    name = "add"

    def contributions(self, query: Direction, similarities: Floats) -> Floats:
        scale = (query.weights / query.length).astype(similarities.dtype)
        result: Floats = scale[:, None] * similarities
        return result


RULES: dict[str, Rule] = {known.name: known for known in (Add(),)}
DEFAULT = "add"


def rule(name: str | None = None) -> Rule:
    """The rule of that name, or the default.

    Raises:
        InputError: there is no such rule; the message lists those there are.
    """
    found = RULES.get(name or DEFAULT)
    if found is None:
        raise InputError(f"there is no rule {name!r}: choose one of {', '.join(sorted(RULES))}")
    return found
