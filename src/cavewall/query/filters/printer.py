"""Filters as text that parses back to equal filters."""

from __future__ import annotations

import re

from cavewall.query.filters.dates import Date
from cavewall.query.filters.nodes import (
    And,
    Comparison,
    Contains,
    ContainsWords,
    Field,
    Filter,
    In,
    Missing,
    Not,
    Or,
    Tagged,
)
from cavewall.query.filters.tokens import KEYWORDS, is_bare

__all__ = ["field_text", "quoted", "to_text", "value_text"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?")


def to_text(condition: Filter) -> str:
    """The filter as its grammar writes it, with the brackets that it needs and no others."""
    match condition:
        case Comparison(name, operator, value):
            text = f"{name} {operator} {value}"
        case In(name, values):
            text = f"{name} in ({', '.join(map(str, values))})"
        case Contains(name, value):
            text = f"{name} contains {value}"
        case Missing(name):
            text = f"{name} is missing"
        case Tagged(tag):
            text = f"tagged({quoted(tag)})"
        case ContainsWords(phrase):
            text = f"has({quoted(phrase)})"
        case Not(Missing(name)):
            text = f"{name} is not missing"
        case Not(part):
            text = f"not {_bracketed(part, And, Or)}"
        case And(parts):
            text = " and ".join(_bracketed(part, Or) for part in parts)
        case Or(parts):
            text = " or ".join(map(to_text, parts))
        case _:
            raise TypeError(f"not a filter: {type(condition).__name__}")
    return text


def field_text(name: Field) -> str:
    """The field's name, in backticks where it would not be read bare."""
    first, *rest = name.path
    prefix = ["metadata"] if name.metadata else []
    # What is called so itself does not send for metadata.
    shown = f"`{first}`" if first == "metadata" and rest and not prefix else _name(first)
    return ".".join([*prefix, shown, *map(_name, rest)])


def value_text(value: str | int | float | bool | Date) -> str:
    """The value as the grammar writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Date):
        # A year alone is written like a number, a moment only in quotes.
        return str(value) if _DAY.fullmatch(str(value)) else quoted(str(value))
    return repr(value).removesuffix(".0")


def quoted(text: str) -> str:
    """The text in the quotes that need fewer escapes, double ones if they are equal."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f"{mark}{escaped}{mark}"


def _name(name: str) -> str:
    bare = is_bare(name) and name.lower() not in KEYWORDS
    return name if bare else "`" + name.replace("`", "``") + "`"


def _bracketed(part: Filter, *kinds: type[Filter]) -> str:
    return f"({to_text(part)})" if isinstance(part, kinds) else to_text(part)
