"""Coverage of a collection: a grid of concepts against concepts, and its gaps.

A cell counts the pictures that show both its row and its column. Its interval goes from those that
certainly do to those that possibly do (see `cavewall.explore.concepts`); a cell is empty if its
upper bound is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.explore.concepts import PERHAPS, SHOWN, SURE, Concept, grade_text
from cavewall.query import Expression, parse_list
from cavewall.search.vector_space import VectorSpace

__all__ = ["MAX_CONCEPTS", "Grid", "GridCell", "Total", "concepts_of", "cover"]

MAX_CONCEPTS = 100
MAX_EXAMPLES = 100
# A cell is rare if its upper bound is below this share of the count expected by chance.
_RARE = 0.5
# Counts are matrix products of 0 and 1, exact in float32, in blocks of a few megabytes.
_BLOCK = 2**16
# Share of words that occur in all captions of their picture: above it, most have one caption.
_SINGLE = 0.9

Counts = NDArray[np.int64]
Concepts = str | Iterable[str | Expression]


@dataclass(frozen=True)
class Total:
    """The number of pictures that show a concept: `low` certainly, `high` possibly."""

    name: str
    count: int
    low: int
    high: int

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "count": self.count, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class GridCell:
    """The number of pictures that show both concepts: `low` certainly, `high` possibly.

    `expected` is the count expected from the totals if the two were independent. `examples` are
    image_ids, best first, of pictures that count, or, if none does, of those that possibly show
    both.
    """

    row: str
    column: str
    count: int
    low: int
    high: int
    expected: float
    examples: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no picture shows both, not even possibly."""
        return self.high == 0

    @property
    def is_doubtful(self) -> bool:
        """Whether none counts, but some possibly show both."""
        return self.count == 0 and not self.is_empty

    @property
    def is_rare(self) -> bool:
        """Whether some count, but even the upper bound is far below the expected count."""
        return self.count > 0 and self.high < _RARE * self.expected

    def __str__(self) -> str:
        chance = f"{self.expected:,.0f} would be expected"
        if self.is_empty:
            chance_text = f" ({chance})" if self.expected >= 1 else ""
            return f"no picture shows `{self.row}` with `{self.column}`{chance_text}"
        if self.is_doubtful:
            return (
                f"no picture counts for `{self.row}` with `{self.column}`, {self.high:,} may show "
                "both: look at them"
            )
        counted = f"{self.count:,} show" + ("s" if self.count == 1 else "")
        return f"{counted} `{self.row}` with `{self.column}`, {self.high:,} at most, where {chance}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column,
            "count": self.count,
            "low": self.low,
            "high": self.high,
            "expected": round(self.expected, 3),
            "examples": list(self.examples),
        }


@dataclass(frozen=True)
class Grid:
    """The cells by rows and columns, with the totals of these.

    A picture counts in every cell whose row and column it shows, so that a total is not the sum of
    its cells. `unknown` are concepts that were omitted because no caption contains their words.
    """

    rows: tuple[Total, ...]
    columns: tuple[Total, ...]
    cells: tuple[tuple[GridCell, ...], ...]
    pictures: int
    version: int
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[GridCell]:
        return (cell for row in self.cells for cell in row)

    def __getitem__(self, names: tuple[str, str]) -> GridCell:
        """The cell of a row and a column: `grid["dog", "snow"]`."""
        for cell in self:
            if (cell.row, cell.column) == names:
                return cell
        raise KeyError(names)

    @property
    def empty(self) -> tuple[GridCell, ...]:
        """The empty cells, by falling expected count."""
        empty = (cell for cell in self if cell.is_empty)
        return tuple(sorted(empty, key=lambda cell: -cell.expected))

    @property
    def doubtful(self) -> tuple[GridCell, ...]:
        """The doubtful cells, by rising upper bound."""
        return tuple(sorted((cell for cell in self if cell.is_doubtful), key=lambda c: c.high))

    @property
    def rare(self) -> tuple[GridCell, ...]:
        """The rare cells, by rising ratio of upper bound to expected count."""
        rare = (cell for cell in self if cell.is_rare)
        return tuple(sorted(rare, key=lambda cell: cell.high / cell.expected))

    def __repr__(self) -> str:
        rows, columns = len(self.rows), len(self.columns)
        return (
            f"Grid({rows} x {columns}, {self.pictures:,} pictures, {len(self.empty):,} empty, "
            f"{len(self.rare):,} rare)"
        )

    def transposed(self) -> Grid:
        """The grid with rows and columns exchanged; the cells themselves are unchanged."""
        cells = tuple(zip(*self.cells, strict=True))
        return Grid(
            self.columns, self.rows, cells, self.pictures, self.version, self.unknown, self.notes
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows": [total.to_dict() for total in self.rows],
            "columns": [total.to_dict() for total in self.columns],
            "cells": [[cell.to_dict() for cell in row] for row in self.cells],
            "empty": [[cell.row, cell.column] for cell in self.empty],
            "doubtful": [[cell.row, cell.column] for cell in self.doubtful],
            "rare": [[cell.row, cell.column] for cell in self.rare],
            "pictures": self.pictures,
            "version": self.version,
            "unknown": list(self.unknown),
            "notes": list(self.notes),
        }


def cover(
    rows: Sequence[Expression],
    columns: Sequence[Expression],
    space: VectorSpace,
    examples: int = 3,
    allowed: NDArray[np.bool_] | None = None,
) -> Grid:
    """Count the pictures that show each row with each column; both come from `concepts_of`.

    `allowed` (n,) masks the pictures to count; None is all.

    Raises:
        InputError: not a concept, a wall without pictures, or no row or no column whose words
            occur in captions.
    """
    if not 0 <= examples <= MAX_EXAMPLES:
        raise InputError(f"a cell has 0 to {MAX_EXAMPLES} examples, not {examples}")
    sides = (rows, columns)
    if not len(space.snapshot.ids):
        raise InputError("the wall has no pictures to count: add some")
    everything = np.ones(len(space.snapshot.ids), np.bool_)
    candidates = np.flatnonzero(everything if allowed is None else allowed)
    found = {each: grade_text(each, space) for side in sides for each in side}
    known = [[found[each] for each in side if not found[each].unknown] for side in sides]
    for side, all_of_it in zip(known, sides, strict=True):
        if not side:
            raise InputError(f"nothing to count: {found[all_of_it[0]].unknown[0]}")
    grid = _Counter(known[0], known[1], space, candidates).grid(examples)
    unknown = tuple(each.name for each in found.values() if each.unknown)
    notes = [note for each in found.values() for note in (each.unknown or each.notes)]
    return Grid(*grid, len(candidates), space.version.number, unknown, (*notes, *_sparse(space)))


def concepts_of(concepts: Concepts, what: str) -> list[Expression]:
    """The concepts of the rows or of the columns; texts are parsed.

    Raises:
        InputError: there are none, too many, or duplicates.
    """
    parts = [concepts] if isinstance(concepts, str) else list(concepts)
    found = [one for part in parts for one in _read(part)]
    if not found:
        raise InputError(f"the {what} are empty: name a concept or more, as in `dog, cat, horse`")
    if len(found) > MAX_CONCEPTS:
        raise InputError(f"{len(found):,} {what} are more than the {MAX_CONCEPTS} allowed")
    twice = next((each for at, each in enumerate(found) if each in found[:at]), None)
    if twice is not None:
        raise InputError(f"`{twice}` is twice among the {what}: name it once")
    return found


def _read(part: str | Expression) -> tuple[Expression, ...]:
    return parse_list(part) if isinstance(part, str) else (part,)


def _sparse(space: VectorSpace) -> Iterator[str]:
    if space.calibration is None:
        yield (
            "counted by what pictures show, for which no thresholds were measured: look at the "
            "examples before you rely on the numbers"
        )
        return
    shares = space.words.shares.data
    if len(shares) and float(np.mean(shares == 1)) > _SINGLE:
        yield (
            "most pictures have a single caption, which leaves much unsaid: what is empty here is "
            "what captions do not say, and intervals are too narrow"
        )


class _Counter:
    """Counts the `candidates` (rows of the snapshot) by the concepts of rows and columns."""

    def __init__(
        self,
        rows: Sequence[Concept],
        columns: Sequence[Concept],
        space: VectorSpace,
        candidates: NDArray[np.intp],
    ) -> None:
        self.rows, self.columns = rows, columns
        self.snapshot, self.candidates = space.snapshot, candidates
        self.of_rows = np.stack([each.grades[candidates] for each in rows])
        self.of_columns = np.stack([each.grades[candidates] for each in columns])

    def grid(
        self, examples: int
    ) -> tuple[tuple[Total, ...], tuple[Total, ...], tuple[tuple[GridCell, ...], ...]]:
        """The totals of the rows and of the columns, and the cells."""
        rows = tuple(map(_total, self.rows, self.of_rows))
        columns = tuple(map(_total, self.columns, self.of_columns))
        low, count, high = (self.counts(grade) for grade in (SURE, SHOWN, PERHAPS))
        pictures = max(len(self.candidates), 1)
        cells = tuple(
            tuple(
                GridCell(
                    row.name,
                    column.name,
                    int(count[r, c]),
                    int(low[r, c]),
                    int(high[r, c]),
                    row.count * column.count / pictures,
                    self.examples(r, c, examples) if high[r, c] and examples else (),
                )
                for c, column in enumerate(columns)
            )
            for r, row in enumerate(rows)
        )
        return rows, columns, cells

    def counts(self, grade: int) -> Counts:
        """The number of pictures with at least that grade of both, (rows, columns)."""
        total = np.zeros((len(self.rows), len(self.columns)), np.int64)
        for start in range(0, len(self.candidates), _BLOCK):
            part = slice(start, start + _BLOCK)
            left = (self.of_rows[:, part] >= grade).astype(np.float32)
            right = (self.of_columns[:, part] >= grade).astype(np.float32)
            total += (left @ right.T).astype(np.int64)
        return total

    def examples(self, row: int, column: int, most: int) -> tuple[str, ...]:
        """Pictures that count, or else that possibly do: by grade, then by similarity."""
        grades = np.minimum(self.of_rows[row], self.of_columns[column])
        least = min(SHOWN, int(grades.max()))
        chosen = np.flatnonzero(grades >= least)
        positions = self.candidates[chosen]
        wanted = self.rows[row].vector + self.columns[column].vector
        nearness = self.snapshot.vectors[positions] @ wanted
        ids = self.snapshot.ids.take(positions).to_pylist()
        order = sorted(
            range(len(chosen)), key=lambda at: (-grades[chosen[at]], -nearness[at], ids[at])
        )
        return tuple(str(ids[at]) for at in order[:most])


def _total(concept: Concept, grades: NDArray[np.int8]) -> Total:
    low, count, high = (int(np.count_nonzero(grades >= grade)) for grade in (SURE, SHOWN, PERHAPS))
    return Total(concept.name, count, low, high)
