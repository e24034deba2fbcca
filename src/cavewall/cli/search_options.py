"""The options of a search that apply to every expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cavewall

if TYPE_CHECKING:
    from cavewall.search.explanation import Comparison

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """The options of a search that decide what the answer is."""

    k: int
    rule: str | None
    where: str | None
    offset: int | None
    version: int | None
    diverse: float | None
    dedupe: bool
    group_by: str | None
    literal: bool
    include_inputs: bool
    apply_negation: bool
    min_percentile: float | None
    explain: bool
    thumbnails: bool
    space: str | None = None

    def check(self) -> None:
        """Check the options before any expression. Raises InputError."""
        from cavewall.query.filters import parse_field, parse_filter
        from cavewall.search.diversify import Selection
        from cavewall.search.rules import rule

        rule(self.rule)
        Selection(self.k, self.offset, self.diverse, self.dedupe, self.group_by)
        if self.where is not None:
            parse_filter(self.where)
        if self.group_by is not None:
            parse_field(self.group_by)

    def value(self, expression: str) -> cavewall.Expression:
        """The parsed expression, or with `literal` one text. Raises ExpressionError."""
        return cavewall.text(expression) if self.literal else cavewall.parse(expression)

    def of(self, wall: cavewall.Wall, expression: cavewall.Expression) -> cavewall.Hits:
        """The wall's answer."""
        return wall.search(
            expression,
            self.k,
            self.rule,
            self.where,
            offset=self.offset,
            version=self.version,
            diverse=self.diverse,
            dedupe=self.dedupe,
            group_by=self.group_by,
            include_inputs=self.include_inputs,
            apply_negation=self.apply_negation,
            min_percentile=self.min_percentile,
            explain=self.explain,
            thumbnails=self.thumbnails,
            space=self.space,
        )

    def compared(
        self, wall: cavewall.Wall, before: str, expression: cavewall.Expression
    ) -> Comparison:
        """The comparison of this expression with another one."""
        from cavewall.query.negation import without_negation

        after = without_negation(wall.resolved(expression)) if self.apply_negation else expression
        return wall.compare(before, after, self.k, self.rule, self.where, version=self.version)

    def next_page(self, hits: cavewall.Hits) -> str | None:
        """The options that show the next page; None if there is none."""
        after = hits.offset + len(hits)
        if self.offset is None or len(hits) < self.k or after >= (hits.total or 0):
            return None
        return f"--offset {after} --version {hits.version}"
