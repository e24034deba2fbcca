"""A path through a wall: one picture for each of even steps from one expression to another."""

from __future__ import annotations

import time

from cavewall.errors import InputError
from cavewall.models import Hit, Hits
from cavewall.query import Expression, Like, slerp
from cavewall.search.compile import ScoredRow
from cavewall.search.hits import hits_of
from cavewall.search.planner import plan
from cavewall.search.ranking import Ranking
from cavewall.search.request import SearchRequest
from cavewall.search.wall_version import WallVersion

__all__ = ["find_path", "interpolate", "path_hits", "pick_along_path"]

MAX_STEPS = 1000


def interpolate(a: Expression, b: Expression, steps: int = 5) -> tuple[Expression, ...]:
    """Expressions at even steps along the arc from `a` to `b`, both ends among them.

    Raises:
        InputError: fewer than 2 steps, or more than 1,000.
    """
    if not 2 <= steps <= MAX_STEPS:
        raise InputError(f"a path has 2 to {MAX_STEPS:,} steps, not {steps}")
    between = (slerp(a, b, step / (steps - 1)) for step in range(1, steps - 1))
    return (a, *between, b)


def find_path(
    points: tuple[Expression, ...], version: WallVersion, space: str | None = None
) -> Hits:
    """One picture for each way-point, all different, in the order of the way-points.

    Each is the best by rule `add` that is not taken yet: the ends choose first, the middle last.
    Pictures that are terms of the expressions are left out. Where the wall has fewer pictures than
    way-points, the middle gets none.
    """
    start = time.perf_counter()
    found = path_hits(points, version, space)
    chosen: dict[int, Hit] = {}
    for place, (ranking, row) in found.items():
        (chosen[place],) = hits_of(ranking, [row])
    first = plan(_step(points[0], space), version)
    return Hits(
        tuple(chosen[place] for place in sorted(chosen)),
        f"path from {points[0]} to {points[-1]}",
        "add",
        first.encoder_name,
        version.number,
        (time.perf_counter() - start) * 1000,
        spaces=first.space_weights,
    )


def path_hits(
    points: tuple[Expression, ...], version: WallVersion, space: str | None = None
) -> dict[int, tuple[Ranking, ScoredRow]]:
    """The ranking of each way-point and the picture it got, by the number of the way-point."""
    rankings = [plan(_step(point, space), version) for point in points]
    inputs = [leaf for ranking in rankings for leaf in ranking.leaves if isinstance(leaf, Like)]
    taken = {version.pictures.position(leaf.image_id) for leaf in inputs}
    found: dict[int, tuple[Ranking, ScoredRow]] = {}
    for place in _turns(len(points)):
        ranking = rankings[place].excluding(sorted(taken))
        for row in ranking.top_k(1):
            taken.add(row.position)
            found[place] = (ranking, row)
    return found


def _step(point: Expression, space: str | None) -> SearchRequest:
    return SearchRequest(point, 1, "add", space=space)


def pick_along_path(points: int, pictures: int) -> list[int]:
    """The way-points, from 0, that the pictures of a path belong to: the middle may have none."""
    return sorted(_turns(points)[:pictures])


def _turns(points: int) -> list[int]:
    """The order in which way-points choose: the ends first."""
    return sorted(range(points), key=lambda at: min(at, points - 1 - at))
