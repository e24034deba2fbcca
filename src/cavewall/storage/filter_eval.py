"""Which pictures a filter is true of."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.tokenize import TermPattern
from cavewall.errors import FilterError
from cavewall.query.filters import (
    And,
    Comparison,
    Contains,
    ContainsWords,
    Date,
    Field,
    Filter,
    In,
    Missing,
    Not,
    Or,
    SourcePosition,
    Tagged,
    Value,
    ValueKind,
    number,
    truth,
)
from cavewall.storage.column_values import Column
from cavewall.storage.fields import TAGS, FieldCatalog

__all__ = ["MatchPhrase", "evaluate_filter"]

Mask = NDArray[np.bool_]
MatchPhrase = Callable[[tuple[TermPattern, ...]], Mask]

_OF_TEXTS: dict[str, Callable[..., Any]] = {
    "=": pc.equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_OF_NUMBERS: dict[str, Callable[..., Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate_filter(facts: FieldCatalog, condition: Filter, holds: MatchPhrase) -> Mask:
    """Which of the table's rows the filter is true of: (rows,).

    `holds` tells which rows have a caption that holds a phrase.

    Raises:
        FilterError: it names a field that is not there, or compares unlike kinds.
    """
    match condition:
        case And(parts):
            mask = np.logical_and.reduce([evaluate_filter(facts, part, holds) for part in parts])
        case Or(parts):
            mask = np.logical_or.reduce([evaluate_filter(facts, part, holds) for part in parts])
        case Not(part):
            mask = ~evaluate_filter(facts, part, holds)
        case Missing(name):
            mask = ~facts.column(name).present
        case Comparison(name, "!=", value):
            mask = ~_compared(facts.column(name), name, "=", value)
        case Comparison(name, sign, value):
            mask = _compared(facts.column(name), name, sign, value)
        case In(name, values):
            mask = _in(facts.column(name), name, values)
        case Contains(name, text):
            mask = _containing(facts.column(name), name, text)
        case Tagged():
            mask = _tagged(facts, condition)
        case ContainsWords():
            if not facts.has_captions:
                raise _at("has() looks into captions, and this table has none", condition.place)
            mask = holds(condition.words)
        case _:
            raise TypeError(f"not a filter: {type(condition).__name__}")
    return np.asarray(mask, np.bool_)


def _compared(column: Column, name: Field, sign: str, value: Value) -> Mask:
    kind, meant = _meant(column, name, value)
    part = column.reading(kind)
    if not len(part) and len(column.rows):
        raise _unlike(column, name, value)
    if kind == "text":
        found = _OF_TEXTS[sign](part.values, pa.scalar(meant, part.values.type))
        hits = _bools(found)
    elif kind == "date":
        hits = _in_period(part.values, sign, *meant.period())
    else:
        hits = _OF_NUMBERS[sign](part.values, meant)
    return column.pictures(part, hits)


def _in(column: Column, name: Field, values: tuple[Value, ...]) -> Mask:
    mask = np.zeros(column.size, np.bool_)
    texts = [value.value for value in values if _meant(column, name, value)[0] == "text"]
    if texts:
        part = column.reading("text")
        if not len(part) and len(column.rows):
            raise _unlike(column, name, next(each for each in values if each.kind == "text"))
        found = pc.is_in(part.values, pa.array(texts, part.values.type))
        mask |= column.pictures(part, _bools(found))
    for value in values:
        if _meant(column, name, value)[0] != "text":
            mask |= _compared(column, name, "=", value)
    return mask


def _meant(column: Column, name: Field, value: Value) -> tuple[ValueKind, Any]:
    """As what a value is compared, and what it is then.

    Where a field holds no texts, a text is read as what it holds; beside dates a number is a year.
    """
    held, given = column.kind, value.value
    if held == "date" and isinstance(given, int) and value.kind == "number" and 0 < given < 10_000:
        return "date", Date((given,))
    if value.kind != "text" or held == "text":
        return value.kind, given
    readings: dict[ValueKind, Callable[[str], Any]]
    readings = {"boolean": truth, "number": number, "date": Date.from_text}
    read = readings[held](str(given))
    if read is None:
        raise _unlike(column, name, value)
    return held, read


def _in_period(values: NDArray[Any], sign: str, first: Any, after: Any) -> Mask:
    """A date stands for all of its seconds: before is before the first, after is past the last."""
    compared = {
        "=": lambda: (values >= first) & (values < after),
        "<": lambda: values < first,
        "<=": lambda: values < after,
        ">": lambda: values >= after,
        ">=": lambda: values >= first,
    }
    return np.asarray(compared[sign](), np.bool_)


def _containing(column: Column, name: Field, text: Value) -> Mask:
    part = column.reading("text")
    if not len(part) and len(column.rows):
        raise _unlike(column, name, text)
    wanted = pc.utf8_lower(pa.scalar(text.value, pa.string())).as_py()
    return column.pictures(part, _bools(pc.match_substring(pc.utf8_lower(part.values), wanted)))


def _tagged(facts: FieldCatalog, condition: Tagged) -> Mask:
    columns = facts.tags()
    if not columns:
        raise _at(
            f"no picture bears a tag: they are looked for in {', '.join(TAGS)}", condition.place
        )
    # A table's cell holds several tags as one text.
    tag = r"(?:^|[,;])\s*" + _literal(condition.tag.strip()) + r"\s*(?:$|[,;])"
    return np.asarray(np.logical_or.reduce([_matched(column, tag) for column in columns]), np.bool_)


def _matched(column: Column, pattern: str) -> Mask:
    part = column.reading("text")
    found = pc.match_substring_regex(part.values, pattern, ignore_case=True)
    return column.pictures(part, _bools(found))


def _literal(text: str) -> str:
    """A pattern of RE2 that matches that text and nothing else."""
    return "".join(
        each if each.isalnum() or each > "~" else f"\\x{{{ord(each):x}}}" for each in text
    )


def _bools(found: pa.ChunkedArray) -> Mask:
    return np.asarray(found.to_numpy(), np.bool_)


def _unlike(column: Column, name: Field, value: Value) -> FilterError:
    held, example = column.kind, column.tally.example
    shown = example if isinstance(example, datetime) else Value(example)
    listed = "a list of" if column.listed else "a"
    said = f"{name} is {listed} {held}{'s' if column.listed else ''}, such as {shown}"
    return _at(f"{said}, and {value} is none", value.place)


def _at(message: str, place: SourcePosition | None) -> FilterError:
    return FilterError(message, *(place or (None, None)))
