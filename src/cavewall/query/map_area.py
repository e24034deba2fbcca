"""A region of a map: a polygon, and the test for points inside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError

__all__ = ["LAYOUTS", "Area", "check_layout"]

LAYOUTS = ("pca", "umap")
FEWEST_CORNERS, MOST_CORNERS = 3, 64
# Pictures lie between -1 and 1. Corners may lie outside the map, but not so far that products of
# coordinates overflow.
_FARTHEST = 1000.0


def check_layout(name: str) -> str:
    """Return the name of a layout. Raises InputError if there is none of that name."""
    if name not in LAYOUTS:
        raise InputError(f"there is no layout {name!r} of a map: there are {' and '.join(LAYOUTS)}")
    return name


@dataclass(frozen=True)
class Area:
    """A polygon on the map of a layout: its corners (x, y) in drawing order.

    It is closed implicitly. Where edges cross, the even-odd rule decides what is inside.

    Raises:
        InputError: no such layout, too few or too many corners, or one that is not finite or too
            far out.
    """

    layout: str
    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        check_layout(self.layout)
        if not FEWEST_CORNERS <= len(self.corners) <= MOST_CORNERS:
            raise InputError(
                f"an area has {FEWEST_CORNERS} to {MOST_CORNERS} corners, not {len(self.corners)}"
            )
        for corner in self.corners:
            if not all(math.isfinite(each) and abs(each) <= _FARTHEST for each in corner):
                raise InputError(
                    f"an area's corner is a place on the map, which goes from -1 to 1, not {corner}"
                )

    @classmethod
    def from_text(cls, written: str, layout: str) -> Area:
        """Parse the corners `x1,y1,x2,y2,…`. Raises InputError."""
        parts = written.split(",")
        if len(parts) > 2 * MOST_CORNERS or len(parts) % 2:
            raise InputError(
                f"an area is written x1,y1,x2,y2,… with {FEWEST_CORNERS} to {MOST_CORNERS} "
                f"corners, and these are {len(parts)} numbers"
            )
        try:
            numbers = [float(part) for part in parts]
        except ValueError as fault:
            raise InputError(f"an area is written x1,y1,x2,y2,…: {fault}") from None
        return cls(layout, tuple(zip(numbers[::2], numbers[1::2], strict=True)))

    def holds(self, points: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """Mask of the points (n, 2) inside the polygon: (n,).

        A ray from the point to the right crosses the outline an odd number of times (Shimrat,
        *Algorithm 112: Position of Point Relative to Polygon*, CACM 5, 1962). Points on a left or
        lower edge count as inside, so that adjacent areas share no point.
        """
        x, y = points.astype(np.float64).T
        inside = np.zeros(len(points), np.bool_)
        for (ax, ay), (bx, by) in zip(
            self.corners, (*self.corners[1:], self.corners[0]), strict=True
        ):
            if ay == by:
                continue  # a ray along a horizontal edge crosses the adjacent edges, or nothing
            crossed = (ay > y) != (by > y)
            inside ^= crossed & (x < ax + (bx - ax) * ((y - ay) / (by - ay)))
        return inside

    def to_dict(self) -> dict[str, Any]:
        return {"layout": self.layout, "corners": [list(corner) for corner in self.corners]}
