"""Signs of movement: dust, snow thrown up, splashes, wind."""

from __future__ import annotations

import math
from typing import Protocol

from cavewall.sample.brush import Brush
from cavewall.sample.land import View
from cavewall.sample.palette import WHITE, Colour, rgb
from cavewall.sample.scenes import Scene

_DUST: dict[str, Colour] = {
    "sand": rgb("#fff0cd"), "snow": WHITE, "desert": rgb("#fbdcab"), "city": rgb("#efe9ee"),
}  # fmt: skip
_REACH: dict[str, float] = {
    "dog": 46,
    "cat": 40,
    "human": 26,
    "horse": 62,
    "elephant": 50,
    "car": 66,
    "sheep": 36,
}


class Placed(Protocol):
    """Where something floats."""

    @property
    def x(self) -> float:
        """From the left edge."""

    @property
    def size(self) -> float:
        """Pixels to a unit of its own."""


def behind(scene: Scene, view: View, brush: Brush) -> None:
    """What is seen behind a moving subject: dust and streaks of wind."""
    if scene.action in ("running", "driving", "riding"):
        reach = _REACH.get(scene.subject, 40) + (20 if scene.action == "riding" else 0)
        _draw_dust(view, brush, reach, _DUST.get(scene.place, rgb("#f3f1dc")))
        high = 30 if scene.subject in ("dog", "cat") else 44
        for i in range(3):
            x, y = -reach - 8 - 7 * (i % 2), high * (0.55 + 0.4 * i)
            brush.stroke([(x, y), (x - 16, y + 0.5), (x - 32, y)], 1.7, WHITE, 0.6)
    elif scene.action == "jumping" and scene.place != "water":
        for side in (-1.0, 1.0):
            x = side * 26
            brush.stroke([(x, 3), (x + side * 7, 7), (x + side * 11, 14)], 1.8, WHITE, 0.7)
    elif scene.action == "flying":
        for i in range(3):
            x, y = -62 - 9 * (i % 2), -12 + 11 * i
            brush.stroke([(x, y), (x - 14, y + 2), (x - 30, y)], 1.6, WHITE, 0.55)


def before(scene: Scene, view: View, brush: Brush) -> None:
    """What is seen before a moving subject: snow or sand thrown up by its feet."""
    if scene.action not in ("running", "jumping") or scene.place not in ("sand", "snow", "desert"):
        return
    reach = _REACH.get(scene.subject, 30)
    for _ in range(9):
        x = -reach * view.rng.uniform(0.2, 1.2)
        y = view.rng.uniform(0, 14)
        brush.disc((x, y), view.rng.uniform(0.7, 1.7), _DUST[scene.place])


def _draw_dust(view: View, brush: Brush, reach: float, colour: Colour) -> None:
    for i in range(5):
        size = 9.0 - i * 1.3
        x = -reach + 8 - i * 10 + view.rng.uniform(-3, 3)
        brush.disc(
            (x, size * 0.55 + view.rng.uniform(0, 3)), size, colour, ry=size * 0.7, alpha=0.5
        )


def mirror_in_water(view: View, spot: Placed, line: float) -> None:
    """A dark patch of reflection under what floats."""
    dark = rgb("#12305c")
    for share in (1.0, 0.7):
        view.brush.disc((spot.x, line + 7), 62 * spot.size * share, dark, ry=8 * share, alpha=0.14)


def splash(scene: Scene, view: View, spot: Placed, line: float) -> None:
    """Foam and drops around what floats or leaps."""
    brush, rng = view.brush, view.rng
    half = {"boat": 58.0, "elephant": 56.0, "fish": 22.0, "bird": 34.0}.get(scene.subject, 44.0)
    half *= spot.size
    for i in range(4):
        y = line + i * 4.2
        wide = half * (1.05 + 0.16 * i)
        x = spot.x + rng.uniform(-6, 6)
        brush.stroke(
            [(x - wide, y), (x, y + 1.6), (x + wide, y)], 2.6 - i * 0.4, WHITE, 0.75 - i * 0.14
        )
    drops = {"boat": 0, "elephant": 0, "bird": 3, "fish": 16}.get(scene.subject, 9)
    for _ in range(drops):
        angle = rng.uniform(0.15, math.pi - 0.15)
        far = rng.uniform(0.5, 1.1) * (half if scene.subject != "fish" else 46)
        x, y = spot.x + math.cos(angle) * far, line - math.sin(angle) * far * 0.6
        brush.disc((x, y), rng.uniform(0.9, 2.3), WHITE, alpha=0.85)
