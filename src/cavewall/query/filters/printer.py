"""Printer of filters; the text parses back to an equal filter."""

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
    """The filter in its grammar, with no more brackets than needed."""
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
    """The field's name, in backticks where it would not parse unquoted."""
    first, *rest = name.path
    prefix = ["metadata"] if name.metadata else []
    # A field that is itself called metadata is quoted, so that it is not read as the prefix.
    shown = f"`{first}`" if first == "metadata" and rest and not prefix else _name(first)
    return ".".join([*prefix, shown, *map(_name, rest)])


def value_text(value: str | int | float | bool | Date) -> str:
    """The value in the grammar."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Date):
        # A year alone parses as a number, a date with a time only in quotes.
        return str(value) if _DAY.fullmatch(str(value)) else quoted(str(value))
    return repr(value).removesuffix(".0")


def quoted(text: str) -> str:
    """The text in the quotes that need fewer escapes, double quotes on a tie."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f"{mark}{escaped}{mark}"


def _name(name: str) -> str:
    bare = is_bare(name) and name.lower() not in KEYWORDS
    return name if bare else "`" + name.replace("`", "``") + "`"


def _bracketed(part: Filter, *kinds: type[Filter]) -> str:
    return f"({to_text(part)})" if isinstance(part, kinds) else to_text(part)
