"""Filters on the fields of pictures, as a typed tree that parses and prints. No database.

>>> parse_filter("year >= 2019 and not tagged('draft')")
year >= 2019 and not tagged("draft")
"""

from cavewall.query.filters.dates import Date, moment
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
    SourcePosition,
    Tagged,
    Value,
    ValueKind,
    number,
    truth,
)
from cavewall.query.filters.parser import as_filter, parse_field, parse_filter

__all__ = [
    "And",
    "Comparison",
    "Contains",
    "ContainsWords",
    "Date",
    "Field",
    "Filter",
    "In",
    "Missing",
    "Not",
    "Or",
    "SourcePosition",
    "Tagged",
    "Value",
    "ValueKind",
    "as_filter",
    "moment",
    "number",
    "parse_field",
    "parse_filter",
    "truth",
]
