"""Small things that figures use: balls, bowls, food, and the letters of sleep."""

from __future__ import annotations

from itertools import pairwise

from cavewall.sample.brush import Brush
from cavewall.sample.palette import RED, WHITE, Colour, darker, lighter, rgb


def draw_ball(brush: Brush, radius: float = 8.0, colour: Colour = RED) -> None:
    """A ball with a light band; the origin is its lowest point."""
    middle = (0.0, radius)
    brush.disc(middle, radius, colour)
    brush.blob(
        [(-radius * 0.96, radius * 1.1), (0, radius * 0.75), (radius * 0.96, radius * 1.1),
         (radius * 0.8, radius * 1.5), (0, radius * 1.25), (-radius * 0.8, radius * 1.5)],
        WHITE,
    )  # fmt: skip
    brush.disc((-radius * 0.35, radius * 1.5), radius * 0.22, WHITE, alpha=0.6)


def draw_bowl(brush: Brush, colour: Colour = RED) -> None:
    """A heaped feeding bowl."""
    brush.blob([(-10, 8), (-5, 13), (1, 12), (6, 13.5), (10, 8), (0, 6)], rgb("#8a5a36"))
    brush.polygon([(-13, 9), (13, 9), (16, 0), (-16, 0)], colour)
    brush.polygon([(-13, 9), (13, 9), (13.6, 7), (-13.6, 7)], lighter(colour, 0.4))


def draw_snore(brush: Brush) -> None:
    """Two letters z that rise from a sleeper, legible even where the sleeper is mirrored."""
    if brush.mirrored:
        brush = brush.at(0, 0, mirror=True)
    for x, y, size in ((0.0, 0.0, 6.0), (9.0, 10.0, 9.0)):
        corners = [(x, y + size), (x + size, y + size), (x, y), (x + size, y)]
        for start, end in pairwise(corners):
            brush.line([start, end], size * 0.22, WHITE)


def draw_apple(brush: Brush) -> None:
    """A bitten apple, centred on the origin."""
    brush.disc((0, 0), 4.0, RED, ry=3.8)
    brush.line([(0, 3), (1, 6)], 1, darker(rgb("#8a5a36")))
    brush.disc((2.6, 5), 1.8, rgb("#6fbf5a"), ry=0.9, turn=25)


def draw_ice_cream(brush: Brush) -> None:
    """An ice cream in a cone; the origin is where a hand holds it."""
    brush.polygon([(-3, 4), (3, 4), (0, -6)], rgb("#dfa35a"))
    brush.disc((0, 6), 4.4, rgb("#f8c3cf"))
    brush.disc((1, 10), 3.4, rgb("#fff4de"))


def draw_sandwich(brush: Brush) -> None:
    """Half a sandwich, centred on the origin."""
    brush.polygon([(-6, -3), (6, -3), (5, 4), (-5, 4)], rgb("#f3d9a4"))
    brush.polygon([(-6.5, -0.8), (6.5, -0.8), (6.2, 1.2), (-6.2, 1.2)], rgb("#6fbf5a"))
    brush.polygon([(-5.4, 3), (5.4, 3), (5, 4.6), (-5, 4.6)], rgb("#c98d4f"))


def draw_fishbone_plate(brush: Brush) -> None:
    """A small fish on a plate."""
    brush.limb([(-6, 7, 0.8), (0, 7, 3.6), (7, 7, 3), (12, 7, 0.8)], rgb("#7fa8c9"))
    brush.polygon([(-5, 7), (-11, 11), (-11, 3)], rgb("#7fa8c9"))
    brush.disc((8.6, 8), 0.8, rgb("#2b2638"))
    brush.disc((0, 2.4), 17, rgb("#e9e4f2"), ry=3.2)
    brush.disc((0, 3.2), 12, WHITE, ry=1.6)
