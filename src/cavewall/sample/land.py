"""Pieces of land and water that several places are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from cavewall.sample.brush import Brush, Point
from cavewall.sample.palette import WHITE, Colour, darker, lighter, mix, rgb
from cavewall.sample.sky import HEIGHT, WIDTH, Sky


@dataclass(frozen=True)
class View:
    """What a place is drawn with."""

    brush: Brush
    """Already in the light of the scene."""
    sky: Sky
    rng: Random
    feature: str
    side: int
    """Which side the feature stands on: -1 left, 1 right; the subject keeps to the other."""

    @property
    def x(self) -> float:
        """Where the feature stands."""
        return WIDTH / 2 + self.side * self.rng.uniform(128, 152)

    @property
    def lit(self) -> bool:
        """Whether lamps are on."""
        return self.sky.light != "day"


@dataclass(frozen=True)
class Place:
    """A kind of place."""

    horizon: float
    ground: tuple[float, float]
    """Between which heights the subject stands."""
    back: Callable[[View], None]
    front: Callable[[View], None]
    clouds: int = 3


def ridge(rng: Random, height: float, swing: float, knots: int = 6) -> list[Point]:
    """The outline of a hill range, closed well below the picture's lower edge."""
    phase = rng.uniform(0, 6.28)
    outline: list[Point] = []
    for i in range(knots + 1):
        x = -30 + (WIDTH + 60) * i / knots
        y = height - swing * math.sin(phase + i * 1.9) - rng.uniform(-0.4, 0.4) * swing
        outline.append((x, y))
    return [*outline, (WIDTH + 60, HEIGHT + 60), (-60, HEIGHT + 60)]


def hills(view: View, colour: Colour, height: float, swing: float, haze: float) -> None:
    """One range of hills in the colour of its distance."""
    top = view.sky.haze(lighter(colour, 0.1), haze)
    bottom = view.sky.haze(darker(colour, 0.06), haze * 0.7)
    view.brush.shaded(ridge(view.rng, height, swing), top, bottom)


def ground(view: View, colour: Colour, height: float, swing: float = 3.0) -> None:
    """The ground the subject stands on, darker towards us."""
    view.brush.shaded(ridge(view.rng, height, swing), lighter(colour, 0.16), darker(colour, 0.1))


def glints(view: View, top: float, bottom: float, count: int) -> None:
    """Light lines on water, wider the nearer they are."""
    for _ in range(count):
        depth = view.rng.random()
        y = top + (bottom - top) * depth
        half = 8 + 22 * depth * view.rng.uniform(0.6, 1.2)
        x = view.rng.uniform(0, WIDTH)
        view.brush.stroke([(x - half, y), (x, y - 0.8), (x + half, y)], 1 + 1.6 * depth, WHITE, 0.4)


def water(view: View, top: float, colour: Colour) -> None:
    """Water from a straight shore line to the lower edge; at dusk it mirrors the sky."""
    sky, plain = view.sky, view.brush.lit((0, 0, 0), 0.0)
    if sky.light == "day":
        far, near = sky.haze(lighter(colour, 0.25), 0.45), darker(colour, 0.16)
    else:
        far, near = mix(sky.bottom, WHITE, 0.06), mix(mix(sky.top, colour, 0.38), sky.bottom, 0.1)
    line = [(WIDTH * (i / 10 - 0.1), top) for i in range(13)]
    plain.shaded([*line, (WIDTH + 80, HEIGHT + 40), (-80, HEIGHT + 40)], far, near)
    if sky.light != "day":
        x = view.rng.uniform(120, 264)
        for i in range(7):
            y, half = top + 3 + i * 7, 34 - i * 3
            plain.stroke([(x - half, y), (x, y), (x + half, y)], 2.6, rgb("#ffe9b8"), 0.55)


def nothing(view: View) -> None:
    """Nothing lies before the subject."""


def scatter(view: View, draw: Callable[[Brush], None], count: int, top: float) -> None:
    """Put small things about the ground, larger the nearer they are."""
    spots = sorted(view.rng.uniform(top, HEIGHT - 2) for _ in range(count))
    for y in spots:
        size = 0.5 + 0.7 * (y - top) / (HEIGHT - top)
        draw(view.brush.at(view.rng.uniform(4, WIDTH - 4), y, size))


def peaks(view: View, base: float, rock: Colour, haze: float) -> None:
    """A row of sharp mountains with snow on top."""
    brush, rng = view.brush, view.rng
    for i in range(4):
        x, high = 30 + i * 108 + rng.uniform(-26, 26), rng.uniform(52, 88)
        half = high * rng.uniform(0.95, 1.25)
        tip, shade = (x, base - high), view.sky.haze(darker(rock, 0.24), haze)
        brush.polygon(
            [(x - half, base + 20), tip, (x + half, base + 20)], view.sky.haze(rock, haze)
        )
        foot = (x + half, base + 20), (x - half * 0.12, base + 20)
        brush.polygon([tip, *foot, (x + 5, base - high * 0.5)], shade)
        drop = high * 0.34
        left, right = x - half * drop / (high + 20), x + half * drop / (high + 20)
        snow = view.sky.haze(WHITE, haze * 0.25)
        edge = ((right, 1.0), (x + 5, 0.72), (x, 1.1), (x - 5, 0.75), (left, 1.0))
        brush.polygon([tip, *((at, tip[1] + drop * share) for at, share in edge)], snow)
