"""Expressions as frozen values that print themselves and combine with + - and *.

>>> text("dog running through sand") - text("dog") + 0.5 * image("p.jpg")
dog running through sand - dog + 0.5 * image("p.jpg")
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cavewall._internal.tokenize import term_patterns
from cavewall.errors import ExpressionError

__all__ = [
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_NAME",
    "MAX_TERMS",
    "MAX_WEIGHT",
    "Centroid",
    "Expression",
    "Function",
    "Image",
    "Keyword",
    "Leaf",
    "Like",
    "MustContain",
    "Sum",
    "TermRef",
    "Text",
    "analogy",
    "check_name",
    "check_terms",
    "has",
    "image",
    "keyword",
    "like",
    "mean",
    "saved",
    "slerp",
    "text",
    "weighted_sum",
    "without",
]

MAX_CHARACTERS = 4096
MAX_TERMS = 256
MAX_DEPTH = 64
MAX_WEIGHT = 1e6
MAX_NAME = 64

_WEIGHT_LIMIT = f"a weight must be a number between -{MAX_WEIGHT:,.0f} and {MAX_WEIGHT:,.0f}"


@dataclass(frozen=True)
class _Size:
    """The quantities that are limited, cached with each value so that building stays linear.

    `depth` is the nesting of brackets in the printed form.
    """

    terms: int = 1
    depth: int = 0
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.terms > MAX_TERMS:
            raise ExpressionError(f"{self.terms} terms are more than the {MAX_TERMS} allowed")
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than the {MAX_DEPTH} levels allowed")
        if not self.weight <= MAX_WEIGHT:
            raise ExpressionError(_WEIGHT_LIMIT)


class Expression:
    """A query as a value: compare, hash, print it, or combine it with `+`, `-` and `number *`."""

    size: _Size

    def __add__(self, other: Expression) -> Expression:
        return self._joined(1.0, other)

    def __sub__(self, other: Expression) -> Expression:
        return self._joined(-1.0, other)

    def __mul__(self, weight: float) -> Expression:
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            return NotImplemented
        if not abs(weight) <= MAX_WEIGHT:
            raise ExpressionError(_WEIGHT_LIMIT)
        return weighted_sum([(float(weight), self)])

    __rmul__ = __mul__

    def __neg__(self) -> Expression:
        return weighted_sum([(-1.0, self)])

    def __pos__(self) -> Expression:
        return self

    def _joined(self, sign: float, other: Expression) -> Expression:
        if not isinstance(other, Expression):
            return NotImplemented
        # `a - b + c` is one flat sum; only a sum on the right was in a bracket.
        pairs = self.terms if isinstance(self, Sum) else ((1.0, self),)
        return weighted_sum([*pairs, (sign, other)])

    def leaves(self) -> Iterator[Leaf]:
        """The terms in reading order, including repetitions."""
        raise NotImplementedError

    @property
    def conditions(self) -> tuple[tuple[float, MustContain], ...]:
        """The conditions on captions, each with 1 (must contain) or -1 (must not contain)."""
        return ()

    def __str__(self) -> str:
        from cavewall.query.printer import to_text

        return to_text(self)

    __repr__ = __str__


def _check_string(value: str, what: str) -> None:
    if not isinstance(value, str):
        raise ExpressionError(f"{what} takes a string, not {type(value).__name__}")
    if not value.strip():
        raise ExpressionError(f"{what} is empty: a term needs at least one character")
    if len(value) > MAX_CHARACTERS:
        raise ExpressionError(
            f"{what} of {len(value):,} characters is longer than the {MAX_CHARACTERS:,} allowed"
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ExpressionError(f"{what} is not valid Unicode text")


def _check_words(value: str, what: str) -> None:
    _check_string(value, what)
    if not term_patterns(value):
        raise ExpressionError(f"{what} has no word in it, only `{value.strip()}`")


class _Leaf(Expression):
    size = _Size()

    def leaves(self) -> Iterator[Leaf]:
        assert isinstance(self, Leaf)
        yield self


@dataclass(frozen=True, repr=False)
class Text(_Leaf):
    """The vector of a text."""

    text: str

    def __post_init__(self) -> None:
        _check_string(self.text, "the text of a term")


@dataclass(frozen=True, repr=False)
class Image(_Leaf):
    """The vector of a picture file, or of an uploaded picture.

    An uploaded one has a name for its path, and the `vector` (d,) that the encoder of digest
    `made_by` computed; None means that the path is a file.
    """

    path: str
    vector: tuple[float, ...] | None = None
    made_by: str | None = None

    def __post_init__(self) -> None:
        _check_string(self.path, "the path of image()")


@dataclass(frozen=True, repr=False)
class Like(_Leaf):
    """The vector of a picture on the wall."""

    image_id: str

    def __post_init__(self) -> None:
        _check_string(self.image_id, "the image_id of like()")


@dataclass(frozen=True, repr=False)
class Keyword(_Leaf):
    """A keyword score of captions; each keyword is a dimension of its own."""

    text: str

    def __post_init__(self) -> None:
        _check_words(self.text, "the text of keyword()")


def check_name(name: str) -> str:
    """The name of a saved term in Unicode's composed form (NFC). Raises ExpressionError."""
    _check_string(name, "the name of a saved term")
    composed = unicodedata.normalize("NFC", name)
    # Python's regular expressions do not count combining marks (Hindi, Hebrew) as letters.
    plain = "".join(each for each in composed if not unicodedata.category(each).startswith("M"))
    begins = composed[:1] == plain[:1]
    if not begins or not re.fullmatch(r"[^\W_][\w-]*", plain) or len(composed) > MAX_NAME:
        raise ExpressionError(
            f"{composed[: MAX_NAME + 1]!r} cannot be the name of a saved term: it has letters, "
            f"digits, _ and -, at most {MAX_NAME}, and begins with a letter or digit"
        )
    return composed


@dataclass(frozen=True, repr=False)
class Centroid(_Leaf):
    """The mean direction of pictures in one vector space, (d,), saved under a name."""

    name: str
    vector: tuple[float, ...]
    space: str = "caption"


@dataclass(frozen=True, repr=False)
class TermRef(Expression):
    """A reference to a saved term; `meaning` is None until a wall has resolved it.

    It is a leaf until then, and afterwards like a bracket around its meaning.
    """

    name: str
    meaning: Expression | None = None
    size: _Size = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name))
        size = _Size()
        if self.meaning is not None:
            _check_no_conditions([self.meaning], f"inside the saved term {self}")
            size = replace(self.meaning.size, depth=self.meaning.size.depth + 1)
        object.__setattr__(self, "size", size)

    def leaves(self) -> Iterator[Leaf]:
        if self.meaning is None:
            yield self
        else:
            yield from self.meaning.leaves()


Leaf = Text | Image | Like | Keyword | Centroid | TermRef


@dataclass(frozen=True, repr=False)
class MustContain(Expression):
    """A condition: a word or phrase that captions must contain. It does not change scores."""

    text: str
    size = _Size()

    def __post_init__(self) -> None:
        _check_words(self.text, "the text of has()")

    def leaves(self) -> Iterator[Leaf]:
        yield from ()

    @property
    def conditions(self) -> tuple[tuple[float, MustContain], ...]:
        return ((1.0, self),)


def check_terms(expression: Expression) -> None:
    """Raises ExpressionError if an expression has only conditions: they rank nothing."""
    if next(expression.leaves(), None) is None:
        raise ExpressionError(
            f"`{expression}` says which pictures may answer, not what to look for: add a term, "
            f"as in `dog {'' if str(expression).startswith('- ') else '+ '}{expression}`"
        )


def _check_no_conditions(parts: Iterable[Expression], where: str) -> None:
    for _, condition in (pair for part in parts for pair in part.conditions):
        raise ExpressionError(
            f"{condition} is a condition for the whole expression and stands at its top level, "
            f"not {where}: write `… + {condition}` at the end"
        )


@dataclass(frozen=True, repr=False)
class Sum(Expression):
    """A weighted sum, the content of one bracket. Build it with operators or `weighted_sum`."""

    terms: tuple[tuple[float, Expression], ...]
    size: _Size = field(init=False, compare=False)

    def __post_init__(self) -> None:
        brackets = [part for _, part in self.terms if isinstance(part, Sum)]
        _check_no_conditions(brackets, "in brackets")
        for weight, condition in self.conditions:
            if abs(weight) != 1:
                raise ExpressionError(
                    f"{condition} is a condition and takes no weight: write + or - before it"
                )
        object.__setattr__(
            self,
            "size",
            _Size(
                sum(part.size.terms for _, part in self.terms),
                max(part.size.depth + isinstance(part, Sum) for _, part in self.terms),
                max(abs(weight) * max(1.0, part.size.weight) for weight, part in self.terms),
            ),
        )

    def leaves(self) -> Iterator[Leaf]:
        for _, part in self.terms:
            yield from part.leaves()

    @property
    def conditions(self) -> tuple[tuple[float, MustContain], ...]:
        return tuple((weight, part) for weight, part in self.terms if isinstance(part, MustContain))


@dataclass(frozen=True, repr=False)
class Function(Expression):
    """A function of expressions, itself a unit vector. `t` is the number argument of slerp."""

    name: str
    arguments: tuple[Expression, ...]
    t: float | None = None
    size: _Size = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not all(isinstance(argument, Expression) for argument in self.arguments):
            raise ExpressionError(f'{self.name}() takes expressions: write text("…") around words')
        _check_no_conditions(self.arguments, f"inside {self.name}()")
        expected = ARITY[self.name]
        if expected != len(self.arguments) if expected else not self.arguments:
            wanted = f"{expected} expressions" if expected else "at least one expression"
            raise ExpressionError(f"{self.name}() takes {wanted}, not {len(self.arguments)}")
        if self.t is not None and not 0.0 <= self.t <= 1.0:
            raise ExpressionError(f"slerp() goes from 0 to 1, not to {self.t:g}")
        object.__setattr__(
            self,
            "size",
            _Size(
                sum(argument.size.terms for argument in self.arguments),
                1 + max(argument.size.depth for argument in self.arguments),
            ),
        )

    def leaves(self) -> Iterator[Leaf]:
        for argument in self.arguments:
            yield from argument.leaves()


# The number of expressions that each function takes; None is any number.
ARITY: dict[str, int | None] = {"mean": None, "slerp": 2, "analogy": 3, "without": 2}


def weighted_sum(terms: Iterable[tuple[float, Expression]]) -> Expression:
    """A sum in normal form: a bracket around a single term is folded into its weight."""
    pairs: list[tuple[float, Expression]] = []
    for weight, part in terms:
        if not math.isfinite(weight):
            raise ExpressionError(f"a weight must be a finite number, not {weight}")
        if isinstance(part, Sum) and len(part.terms) == 1:
            inner, part = part.terms[0]  # noqa: PLW2901 -- the folded pair takes its place
            weight *= inner  # noqa: PLW2901
        pairs.append((weight, part))
    if len(pairs) == 1 and pairs[0][0] == 1.0:
        return pairs[0][1]
    return Sum(tuple(pairs))


def text(text: str) -> Text:
    """A text as a term. It is never parsed: `text("a - b")` is the text *a - b*."""
    return Text(text)


def image(path: str) -> Image:
    """A picture file as a term."""
    return Image(path)


def like(image_id: str) -> Like:
    """A picture of the wall as a term."""
    return Like(image_id)


def keyword(text: str) -> Keyword:
    """Keywords in captions as a term, scored by BM25; `bright*` matches by prefix."""
    return Keyword(text)


def saved(name: str) -> TermRef:
    """A saved term of the wall: `@name`."""
    return TermRef(name)


def has(text: str) -> MustContain:
    """A word or phrase that captions must contain, or after a minus must not: `a + has("b")`."""
    return MustContain(text)


def mean(*arguments: Expression) -> Function:
    """The direction of the mean of the arguments."""
    return Function("mean", arguments)


def slerp(a: Expression, b: Expression, t: float) -> Function:
    """The point a fraction `t` along the arc from `a` to `b` (Shoemake, SIGGRAPH 1985)."""
    return Function("slerp", (a, b), float(t))


def analogy(a: Expression, b: Expression, c: Expression) -> Function:
    """`a` is to `b` as `c` is to …: the direction of b - a + c (Mikolov et al., 2013)."""
    return Function("analogy", (a, b, c))


def without(a: Expression, b: Expression) -> Function:
    """The direction of `a` with its component along `b` removed (orthogonal rejection)."""
    return Function("without", (a, b))
