"""Printer of expressions; the text parses back to an equal value."""

from __future__ import annotations

from cavewall.errors import ExpressionError
from cavewall.query.parser import parse_term, quoted
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

__all__ = ["to_text"]


def to_text(expression: Expression, in_function: bool = False) -> str:
    """The expression in its grammar, texts unquoted wherever that parses back the same."""
    match expression:
        case Text(text):
            return text if _reads_back(text, in_function) else quoted(text)
        case Image(value) | Like(value) | Keyword(value):
            return f"{type(expression).__name__.lower()}({quoted(value)})"
        case MustContain(value):
            return f"has({quoted(value)})"
        case TermRef(name) | Centroid(name):
            return f"@{name}"
        case Function(name, arguments, t):
            parts = [to_text(argument, in_function=True) for argument in arguments]
            if t is not None:
                parts.append(_number(t))
            return f"{name}({', '.join(parts)})"
        case Sum(terms):
            return _sum(terms, in_function)
    raise TypeError(f"not an expression: {type(expression).__name__}")


def _sum(terms: tuple[tuple[float, Expression], ...], in_function: bool) -> str:
    pieces: list[str] = []
    for weight, part in terms:
        if weight < 0:
            pieces.append("-")
        elif pieces:
            pieces.append("+")
        if abs(weight) != 1:
            pieces.append(f"{_number(abs(weight))} *")
        inner = to_text(part, in_function)
        pieces.append(f"({inner})" if isinstance(part, Sum) else inner)
    return " ".join(pieces)


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _reads_back(text: str, in_function: bool) -> bool:
    try:
        return parse_term(text, in_function) == Text(text)
    except ExpressionError:
        return False
