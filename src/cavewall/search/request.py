"""A search as a value: Python, the command line and HTTP all build this one model."""

from __future__ import annotations

from dataclasses import dataclass

from cavewall.errors import InputError
from cavewall.query import Expression
from cavewall.query.filters import Filter
from cavewall.query.map_area import Area
from cavewall.search.rules import rule as rule_named

__all__ = ["AMONG", "DIVERSE", "MAX_K", "MAX_OFFSET", "SearchRequest"]

MAX_K = 10_000
MAX_OFFSET = 1_000_000
# How much difference counts against score, unless it is said.
DIVERSE = 0.5
# A varied answer is chosen among so many of the best, whichever page of it is asked for: so pages
# of one answer fit together.
AMONG = 1000


@dataclass(frozen=True)
class SearchRequest:
    """What is searched for, among which pictures, and which of the ranked are shown.

    Attributes:
        expression: what to look for; `@names` in it have to be resolved.
        k: how many pictures to show, 1 to 10,000.
        rule: how terms combine; None is the default.
        where: a filter.
        space: `caption`, `image` or `both`; None is every space that the wall has.
        offset: how many to skip; None is the first page by the fastest way, a number (0 too) one of
            the pages of the exact ranking, which fit together.
        version: a version of the wall; None is the newest.
        diverse: how much being unlike the hits before counts against the score, 0 to 1.
        dedupe: leave out what has the bytes, the look or nearly the vector of a better hit.
        group_by: a field; the best picture of each of its values is shown.
        include_inputs: let pictures that are terms of the expression be hits too.
        apply_negation: read `dog without a leash` as `dog - leash`.
        min_percentile: leave out hits of a lower percentile, 0 to 100.
        area: only pictures in this part of a map.
        explain: find the reasons with the hits.
        thumbnails: give each hit its thumbnail.

    Raises:
        InputError: a number out of its bounds, or no such rule.
    """

    expression: Expression
    k: int = 10
    rule: str | None = None
    where: Filter | None = None
    space: str | None = None
    offset: int | None = None
    version: int | None = None
    diverse: float | None = None
    dedupe: bool = False
    group_by: str | None = None
    include_inputs: bool = False
    apply_negation: bool = False
    min_percentile: float | None = None
    area: Area | None = None
    explain: bool = False
    thumbnails: bool = True

    def __post_init__(self) -> None:
        rule_named(self.rule)
        if not 1 <= self.k <= MAX_K:
            raise InputError(f"k is how many pictures to show, 1 to {MAX_K:,}, not {self.k}")
        if not 0 <= self.first <= MAX_OFFSET:
            raise InputError(
                f"the offset is how many pictures to pass over, 0 to {MAX_OFFSET:,}, not "
                f"{self.offset}"
            )
        if self.diverse is not None and not 0 <= self.diverse <= 1:
            raise InputError(f"diversity goes from 0 to 1, not to {self.diverse}")
        if self.is_varied and self.first + self.k > AMONG:
            raise InputError(
                f"a varied answer is chosen among the best {AMONG:,} pictures: k and offset "
                f"together go up to that, not to {self.first + self.k:,}"
            )
        if self.min_percentile is not None and not 0 <= self.min_percentile <= 100:
            raise InputError(
                f"the least percentile goes from 0 to 100, not to {self.min_percentile}"
            )

    @property
    def first(self) -> int:
        """The rank, from 0, of the first picture shown."""
        return self.offset or 0

    @property
    def is_varied(self) -> bool:
        """Whether some of the best pictures make way for others."""
        return self.diverse is not None or self.dedupe or self.group_by is not None
