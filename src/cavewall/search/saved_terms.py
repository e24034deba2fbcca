"""What a wall saves under a name and what `@name` then stands for."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall.encoders import EncoderIdentity
from cavewall.errors import ExpressionError, InputError
from cavewall.query import Centroid, Expression, TermRef, parse, substitute
from cavewall.query.filters import Filter
from cavewall.query.values import check_name
from cavewall.search.ranking import Ranking
from cavewall.search.vector_space import VectorSpace
from cavewall.storage import SavedTerm, SavedTerms, Store

__all__ = ["TermResolver", "check_one", "from_expression", "from_search", "from_where", "remove"]

# A mean this short of unit vectors is rounding: they point everywhere.
_NO_DIRECTION = 1e-6
_BLOCK = 8192
_NAMED = 3


class TermResolver:
    """What the saved terms of a wall stand for among its vectors.

    `store` is asked for, and the terms are read, when the first one is needed, and once.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    @cached_property
    def store(self) -> Store:
        """The wall's."""
        return self._store()

    @property
    def encoder(self) -> EncoderIdentity:
        """The one that made the wall's vectors."""
        return self.store.metadata.encoder

    @cached_property
    def terms(self) -> dict[str, SavedTerm]:
        """By their names."""
        return {term.name: term for term in self.store.terms.all()}

    def __call__(self, name: str) -> Expression:
        """The expression or centroid of that name.

        Raises:
            InputError: nothing is saved under it, or the centroid of another encoder.
        """
        term = self.terms.get(name)
        if term is None:
            raise InputError(
                f"{_unknown(name, list(self.terms))}: save one with `cavewall terms save {name} "
                f'EXPRESSION`, or quote the text: "@{name}"'
            )
        image = self.store.metadata.image
        if term.vector is not None and image is not None and term.serves(image):
            return Centroid(name, tuple(term.vector.tolist()), "image")
        if not term.serves(self.encoder):
            raise InputError(
                f"@{name} was saved with {term.encoder}, and this wall is now searched with "
                f"{self.encoder}: save it again with `{term.command}`"
            )
        if term.vector is not None:
            return Centroid(name, tuple(term.vector.tolist()))
        return parse(term.expression or "")


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, _NAMED) or known[:_NAMED]
    more = " and others" if len(known) > len(near) else ""
    there = (
        f"there are {', '.join(f'@{each}' for each in near)}{more}" if near else "there are none"
    )
    return f"there is no saved term @{name} ({there})"


def check_one(**given: object) -> None:
    """Raises InputError unless exactly one of these is not None."""
    said = [name for name, value in given.items() if value is not None]
    if len(said) != 1:
        raise InputError(
            f"a saved term is made of one of {', '.join(given)}, not of "
            f"{' and '.join(said) or 'none of them'}"
        )


def from_expression(name: str, expression: Expression, meanings: TermResolver) -> SavedTerm:
    """An expression under a name, to be understood anew whenever it is used.

    Raises:
        InputError: it names what is not there, or would stand for itself.
        ExpressionError: it holds a condition, or is too large.
    """
    text = str(expression)
    written = parse(text)  # a value built in Python may print to more than can be read again
    for _, condition in written.conditions:
        raise ExpressionError(
            f"{condition} says which pictures may answer, and a saved term only what to look for: "
            f"leave it out, and write `@{name} + {condition}` where the term is used"
        )
    substitute(TermRef(name), lambda each: written if each == name else meanings(each))
    return SavedTerm(name, text, meanings.encoder)


def from_search(name: str, ranking: Ranking, space: VectorSpace, k: int) -> SavedTerm:
    """The centroid, in a space, of the first `k` pictures of a ranking.

    Raises:
        InputError: none do, or they have no direction in common.
    """
    found = np.array([row.position for row in ranking.top_k(k)], np.intp)
    text = str(ranking.expression)
    vector, pictures = _centroid(space, found, f"no picture answers `{text}`")
    made_by = space.identity
    return SavedTerm(name, None, made_by, vector, from_search=text, k=k, pictures=pictures)


def from_where(name: str, where: Filter, space: VectorSpace) -> SavedTerm:
    """The centroid, in a space, of all pictures that a filter is true of.

    Raises:
        InputError: there are none, or they have no direction in common.
        FilterError: the filter names a field that is not there.
    """
    found = np.flatnonzero(space.version.filter_mask(where))
    text = str(where)
    vector, pictures = _centroid(space, found, f"no picture matches `{text}`")
    return SavedTerm(name, None, space.identity, vector, from_where=text, pictures=pictures)


def _centroid(
    space: VectorSpace, positions: NDArray[np.intp], none: str
) -> tuple[NDArray[np.float32], int]:
    """The mean direction of the pictures that are in the space, (d,), and how many these are."""
    rows = space.rows_at(positions)
    rows = rows[rows >= 0]
    vectors = space.snapshot.vectors
    if not len(rows):
        raise InputError(f"{none}: there is nothing to take the mean of")
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(rows), _BLOCK):
        total += vectors[rows[start : start + _BLOCK]].sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    if length <= _NO_DIRECTION * len(rows):
        raise InputError(
            f"the {len(rows):,} pictures cancel out: their vectors have no direction in common"
        )
    return np.asarray(total / length, np.float32), len(rows)


def remove(name: str, saved: SavedTerms) -> None:
    """Forget a saved term. Raises InputError where there is none of that name."""
    name = check_name(name)
    if not saved.remove(name):
        raise InputError(_unknown(name, [term.name for term in saved.all()]))
