"""How many pictures have which value of a field."""

from __future__ import annotations

import heapq
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.query.filters import Comparison, Date, Field, Filter, Value, ValueKind
from cavewall.storage.column_values import Column, ValuesOfKind

__all__ = ["FacetCount", "Facets", "count_facets"]

# The steps in which years are taken together, after days, months and years themselves.
_YEARS = (10, 100, 1000)


@dataclass(frozen=True)
class FacetCount:
    """One value, or a range of them, and how many pictures have it; `where` chooses these."""

    value: str | int | float | bool
    pictures: int
    where: Filter

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value, "pictures": self.pictures, "where": str(self.where)}


@dataclass(frozen=True)
class Facets:
    """The values of a field, the most frequent first; ranges and periods in their own order.

    Of `pictures` that were looked at `missing` have no value, and `others` is how many more values
    there are than shown. A picture with a list counts once for each of its elements.
    """

    field: str
    kind: str
    counts: tuple[FacetCount, ...]
    pictures: int
    missing: int
    others: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "kind": self.kind,
            "counts": [count.to_dict() for count in self.counts],
            "pictures": self.pictures,
            "missing": self.missing,
            "others": self.others,
        }


def count_facets(name: Field, column: Column, mask: NDArray[np.bool_] | None, limit: int) -> Facets:
    """Count over the pictures in `mask` (rows,), or over all.

    Up to `limit` values are told one by one. More numbers than that are told in ranges of one
    width, more dates by days, months, years or more.
    """
    among = np.ones(column.size, np.bool_) if mask is None else mask
    kept = among[column.rows]
    rows, places = column.rows[kept], column.places[kept]
    kind = column.kind
    # A field of several kinds is told as it is stored.
    parts: dict[ValueKind, ValuesOfKind] = (
        column.parts if kind == "text" else {kind: column.reading(kind)}
    )
    found = [each for held, part in parts.items() for each in _each(held, part, rows, places)]
    # Elements of a list lie in a range together or not: no filter says that of one of them.
    if len(found) > limit and kind in _TOGETHER and not column.listed:
        counts = _TOGETHER[kind](name, parts[kind], rows, places, limit)
        others, counts = max(0, len(counts) - limit), counts[:limit]
    else:
        others = max(0, len(found) - limit)
        most = heapq.nsmallest(limit, found, key=lambda each: (-each[1], str(each[0])))
        counts = [_count(name, value, pictures) for value, pictures in most]
    return Facets(
        str(name),
        "list" if column.listed else column.kind,
        tuple(counts),
        int(among.sum()),
        int((among & ~column.present).sum()),
        others,
    )


def _each(
    kind: str, part: ValuesOfKind, rows: NDArray[np.int64], places: NDArray[np.int64]
) -> list[tuple[Any, int]]:
    """Every value by itself, with how many pictures have it."""
    groups, distinct = part.groups
    if kind == "text":
        values = distinct.to_pylist()
    else:
        values = (_shortest(distinct) if kind == "date" else distinct).tolist()
    counted = _counted(part, groups, len(values), rows, places)
    return [(values[at], int(counted[at])) for at in np.flatnonzero(counted)]


def _count(name: Field, value: Any, pictures: int) -> FacetCount:
    if isinstance(value, date):
        found = Value(Date.from_text(value.isoformat()) or value.isoformat())
        return FacetCount(value.isoformat(), pictures, Comparison(name, "=", found))
    return FacetCount(value, pictures, Comparison(name, "=", Value(value)))


def _shortest(found: NDArray[Any]) -> NDArray[Any]:
    """Seconds, or days where all are the first of one."""
    days = found.astype("M8[D]")
    return days if (days == found).all() else found


def _ranges(
    name: Field,
    part: ValuesOfKind,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    limit: int,
) -> list[FacetCount]:
    """Numbers in ranges of one round width, `limit` at most, those without pictures left out."""
    used = part.values[np.isin(part.at, places)]
    edges = _edges(used.min().item(), used.max().item(), limit)
    ranges = [
        Comparison(name, ">=", Value(low)) & Comparison(name, "<", Value(high))
        for low, high in pairwise(edges)
    ]
    groups = np.full(len(part), -1)
    for at, (low, high) in enumerate(pairwise(edges)):
        groups[(part.values >= low) & (part.values < high)] = at
    counted = _counted(part, groups, len(ranges), rows, places)
    return [
        FacetCount(f"{Value(edges[at])} – {Value(edges[at + 1])}", int(counted[at]), ranges[at])
        for at in np.flatnonzero(counted)
    ]


def _edges(low: float, high: float, limit: int) -> list[int | float]:
    """Where ranges begin: multiples of the smallest of …, 1, 2, 5, 10, … that makes few enough."""
    width = high / max(limit, 2) - low / max(limit, 2)
    exponent = math.floor(math.log10(max(width, 1e-300)))
    for power in range(exponent - 1, exponent + 3):
        for digit in (1, 2, 5):
            # In fractions: an edge is a number that a person would write, not nearly one.
            step = digit * Fraction(10) ** power
            first, last = Fraction(low) // step, Fraction(high) // step
            if last - first < limit:
                return [_shown(step * at) for at in range(first, last + 2)]
    return [_shown(Fraction(low)), math.nextafter(high, math.inf)]  # one range around zero


def _shown(edge: Fraction) -> int | float:
    most = Fraction(sys.float_info.max)
    whole = edge.denominator == 1 and abs(edge) < 2**63
    return int(edge) if whole else float(max(-most, min(edge, most)))


def _periods(
    name: Field,
    part: ValuesOfKind,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    limit: int,
) -> list[FacetCount]:
    """Dates by the shortest of days, months, years, … of which there are few enough."""
    counts: list[FacetCount] = []
    for years, groups in _lengths(part.values):
        starts, inverse = np.unique(groups, return_inverse=True)
        counted = _counted(part, inverse, len(starts), rows, places)
        counts = [
            _period(name, str(start), years, count)
            for start, count in zip(starts[counted > 0], counted[counted > 0].tolist(), strict=True)
        ]
        if len(counts) <= limit:
            break
    return counts


def _lengths(values: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    for unit in "DMY":
        yield 1, values.astype(f"M8[{unit}]")
    year = values.astype("M8[Y]").astype(np.int64) + 1970
    for years in _YEARS:
        yield years, (year // years * years - 1970).astype("M8[Y]")


def _period(name: Field, start: str, years: int, count: int) -> FacetCount:
    date = Date.from_text(start) or Date((1,))  # the first decade begins with a year that is none
    first = Comparison(name, ">=" if years > 1 else "=", Value(date))
    if years == 1:
        return FacetCount(start, count, first)
    after = date.parts[0] // years * years + years
    return FacetCount(f"{start} – {after - 1:04}", count, first & _before(name, after))


def _before(name: Field, year: int) -> Filter:
    return Comparison(name, "<=", Value(Date((year - 1,))))


def _counted(
    part: ValuesOfKind,
    groups: NDArray[Any],
    number: int,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
) -> NDArray[np.int64]:
    """How many pictures are in each group of a part's values: (number,)."""
    group_of = np.full(int(places.max(initial=-1)) + 1, -1, np.int64)
    inside = part.at < len(group_of)
    group_of[part.at[inside]] = groups[inside]
    found = group_of[places]
    pairs = np.unique(rows[found >= 0] * number + found[found >= 0])
    return np.bincount(pairs % max(number, 1), minlength=number)


_TOGETHER = {"number": _ranges, "date": _periods}
