"""What a collection shows together, and what it lacks: concepts against concepts.

A cell counts the pictures that show its row and its column. Its interval goes from those that
surely do to those that perhaps do (see `cavewall.explore.concepts`); a cell is empty where there
is none even of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.explore.concepts import PERHAPS, SHOWN, SURE, Concept, grade_text
from cavewall.query import Expression, parse_list
from cavewall.search.wall_version import WallVersion

__all__ = ["MAX_CONCEPTS", "Grid", "GridCell", "Total", "concepts_of", "cover"]

MAX_CONCEPTS = 100
MAX_EXAMPLES = 100
# Rare is a cell that has, at most, less than this share of what its totals would give by chance.
_RARE = 0.5
# Counts are products of 0 and 1 in single precision: exact, a few megabytes at a time.
_BLOCK = 2**16
# One caption a picture: nearly every word is in all of its captions.
_SINGLE = 0.9

Counts = NDArray[np.int64]
Concepts = str | Iterable[str | Expression]


@dataclass(frozen=True)
class Total:
    """How many pictures show a concept at all: `low` surely, `high` perhaps."""

    name: str
    count: int
    low: int
    high: int

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "count": self.count, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class GridCell:
    """How many pictures show both: `low` surely, `high` perhaps.

    `expected` is what the totals would give if the two had nothing to do with each other.
    `examples` are image_ids, best first, of pictures that count, or, where none does, of those
    that perhaps show both.
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
        """Whether no picture shows both, not even perhaps."""
        return self.high == 0

    @property
    def is_doubtful(self) -> bool:
        """Whether none counts, and some perhaps should."""
        return self.count == 0 and not self.is_empty

    @property
    def is_rare(self) -> bool:
        """Whether some count, and even with the doubtful ones much fewer than to be expected."""
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
    """The cells by rows and columns, with the totals of these, over so many pictures.

    A picture counts in every cell whose row and column it shows, so that a total is not the sum of
    its cells. `unknown` are concepts left out, because no caption says their words.
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
        """The empty cells, those first of which most would be expected."""
        empty = (cell for cell in self if cell.is_empty)
        return tuple(sorted(empty, key=lambda cell: -cell.expected))

    @property
    def doubtful(self) -> tuple[GridCell, ...]:
        """The cells for which none counts and some perhaps should, the fewest of these first."""
        return tuple(sorted((cell for cell in self if cell.is_doubtful), key=lambda c: c.high))

    @property
    def rare(self) -> tuple[GridCell, ...]:
        """Cells that have much less than their totals would let expect, the rarest first."""
        rare = (cell for cell in self if cell.is_rare)
        return tuple(sorted(rare, key=lambda cell: cell.high / cell.expected))

    def __repr__(self) -> str:
        rows, columns = len(self.rows), len(self.columns)
        return (
            f"Grid({rows} x {columns}, {self.pictures:,} pictures, {len(self.empty):,} empty, "
            f"{len(self.rare):,} rare)"
        )

    def transposed(self) -> Grid:
        """The same with rows and columns exchanged in the layout; the cells stay as they are."""
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
    wall_version: WallVersion,
    encoder: Encoder,
    examples: int = 3,
    allowed: NDArray[np.bool_] | None = None,
) -> Grid:
    """Count the pictures that show each row with each column, as `concepts_of` gives them.

    `allowed` (n,) are the pictures that may count, None is all.

    Raises:
        InputError: what is no concept; a wall that has no pictures, or whose captions say none of
            the rows or columns.
    """
    if not 0 <= examples <= MAX_EXAMPLES:
        raise InputError(f"a cell has 0 to {MAX_EXAMPLES} examples, not {examples}")
    sides = (rows, columns)
    if not len(wall_version.snapshot.ids):
        raise InputError("the wall has no pictures to count: add some")
    everything = np.ones(len(wall_version.snapshot.ids), np.bool_)
    candidates = np.flatnonzero(everything if allowed is None else allowed)
    found = {each: grade_text(each, wall_version, encoder) for side in sides for each in side}
    known = [[found[each] for each in side if not found[each].unknown] for side in sides]
    for side, all_of_it in zip(known, sides, strict=True):
        if not side:
            raise InputError(f"nothing to count: {found[all_of_it[0]].unknown[0]}")
    grid = _Counter(known[0], known[1], wall_version, candidates).grid(examples)
    unknown = tuple(each.name for each in found.values() if each.unknown)
    notes = [note for each in found.values() for note in (each.unknown or each.notes)]
    return Grid(
        *grid, len(candidates), wall_version.version, unknown, (*notes, *_sparse(wall_version))
    )


def concepts_of(concepts: Concepts, what: str) -> list[Expression]:
    """The concepts of one side, read where they are text.

    Raises:
        InputError: there are none, too many, or one of them twice.
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


def _sparse(wall_version: WallVersion) -> Iterator[str]:
    shares = wall_version.words.shares.data
    if len(shares) and float(np.mean(shares == 1)) > _SINGLE:
        yield (
            "most pictures have a single caption, which leaves much unsaid: what is empty here is "
            "what captions do not say, and intervals are too narrow"
        )


class _Counter:
    """The pictures of a wall that `candidates` count (their rows), by concepts on two sides."""

    def __init__(
        self,
        rows: Sequence[Concept],
        columns: Sequence[Concept],
        wall_version: WallVersion,
        candidates: NDArray[np.intp],
    ) -> None:
        self.rows, self.columns = rows, columns
        self.snapshot, self.candidates = wall_version.snapshot, candidates
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
        """How many pictures show both at least so well, (rows, columns)."""
        total = np.zeros((len(self.rows), len(self.columns)), np.int64)
        for start in range(0, len(self.candidates), _BLOCK):
            part = slice(start, start + _BLOCK)
            left = (self.of_rows[:, part] >= grade).astype(np.float32)
            right = (self.of_columns[:, part] >= grade).astype(np.float32)
            total += (left @ right.T).astype(np.int64)
        return total

    def examples(self, row: int, column: int, most: int) -> tuple[str, ...]:
        """Those that count, or else those that perhaps do: the surest first, then the nearest."""
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
