"""Things people built: houses, lamps, fences, parasols; each stands on its origin."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from cavewall.sample.brush import Brush
from cavewall.sample.palette import WHITE, Colour, darker, lighter, mix, rgb

WALLS: tuple[Colour, ...] = tuple(
    rgb(code)
    for code in ("#e98a6b", "#f0c27b", "#7fb5b0", "#8f9fc9", "#d98aa0", "#f3e0c2", "#a58bb5")
)
LAMP = rgb("#ffe08a")


def draw_house(
    brush: Brush, rng: Random, wide: float, high: float, wall: Colour, lit: bool
) -> None:
    """A house front with rows of windows, some of them lit."""
    brush.polygon([(0, 0), (wide, 0), (wide, -high), (0, -high)], wall)
    brush.polygon(
        [(wide * 0.86, 0), (wide, 0), (wide, -high), (wide * 0.86, -high)], darker(wall, 0.12)
    )
    style = rng.randrange(3)
    if style == 0:
        brush.polygon([(-2, -high), (wide + 2, -high), (wide / 2, -high - 15)], darker(wall, 0.36))
    elif style == 1:
        brush.polygon([(-2, -high - 5), (wide + 2, -high - 5), (wide + 2, -high), (-2, -high)],
                      darker(wall, 0.3))  # fmt: skip
    else:
        brush.polygon([(wide * 0.2, -high - 9), (wide * 0.5, -high - 9), (wide * 0.5, -high),
                       (wide * 0.2, -high)], darker(wall, 0.3))  # fmt: skip
    columns, rows = max(2, int(wide // 13)), max(2, int((high - 20) // 17))
    pane = wide / (columns * 1.9)
    for row in range(rows):
        for column in range(columns):
            x = wide * (column + 0.5) / columns - pane / 2 - wide * 0.03
            y = -high + 8 + row * 17
            _draw_window(brush.at(x, y), rng, pane, wall, lit)


def _draw_window(brush: Brush, rng: Random, pane: float, wall: Colour, lit: bool) -> None:
    shine = rng.random() < (0.6 if lit else 0.0)
    glass = mix(darker(wall, 0.45), rgb("#9fd0e0"), 0.0 if lit else 0.55)
    brush.polygon([(-1, -1), (pane + 1, -1), (pane + 1, 11), (-1, 11)], lighter(wall, 0.3))
    plain = brush.lit((0, 0, 0), 0.0) if shine else brush
    plain.polygon([(0, 0), (pane, 0), (pane, 10), (0, 10)], LAMP if shine else glass)
    if not shine:
        brush.polygon([(0, 10), (pane * 0.7, 0), (pane, 0), (pane * 0.3, 10)], lighter(glass, 0.25))


def draw_tower(
    brush: Brush, rng: Random, wide: float, high: float, wall: Colour, lit: bool
) -> None:
    """A distant tower block with dots for windows."""
    brush.polygon([(0, 0), (wide, 0), (wide, -high), (0, -high)], wall)
    if rng.random() < 0.4:
        brush.line([(wide / 2, -high), (wide / 2, -high - 14)], 1.4, wall)
    glass = brush.lit((0, 0, 0), 0.0) if lit else brush
    for row in range(int(high // 9) - 1):
        for column in range(int(wide // 7)):
            if rng.random() < 0.5:
                x, y = 3 + column * 7, -high + 6 + row * 9
                colour = LAMP if lit else lighter(wall, 0.4)
                glass.polygon([(x, y), (x + 3, y), (x + 3, y + 4.4), (x, y + 4.4)], colour)


def draw_lamp(brush: Brush, lit: bool) -> None:
    """A street lamp some ninety units high."""
    iron = rgb("#3c3b52")
    brush.line([(0, 0), (0, -78)], 3, iron)
    brush.polygon([(-5, 0), (5, 0), (3, -8), (-3, -8)], iron)
    bulb = brush.lit((0, 0, 0), 0.0) if lit else brush
    if lit:
        for radius in (30, 21, 14):
            bulb.disc((0, -86), radius, LAMP, alpha=0.14)
    bulb.polygon([(-5, -79), (5, -79), (7, -94), (-7, -94)], LAMP if lit else rgb("#e6eef0"))
    brush.polygon([(-9, -94), (9, -94), (0, -101)], iron)


def draw_fence(brush: Brush, left: float, right: float) -> None:
    """A white fence from left to right."""
    for y in (-8.0, -17.0):
        brush.line([(left, y), (right, y)], 3, rgb("#f7efe0"))
    x = left
    while x < right:
        brush.polygon([(x, 0), (x + 6, 0), (x + 6, -22), (x + 3, -26), (x, -22)], rgb("#fffaf0"))
        x += 15


def draw_parasol(brush: Brush, colour: Colour) -> None:
    """A beach parasol of two colours, stuck in the sand, with a towel below."""
    brush.blob([(-6, 2), (44, 0), (50, 7), (-8, 9)], mix(colour, WHITE, 0.55))
    leaning = brush.at(0, 4, turn=-10)
    leaning.line([(0, 0), (0, -72)], 2.2, rgb("#f3ead9"))
    edges = (-42.0, -26.0, -9.0, 9.0, 26.0, 42.0)
    for i, (left, right) in enumerate(pairwise(edges)):
        cloth = colour if i % 2 == 0 else rgb("#fff6e6")
        leaning.blob(
            [(left, -54), ((left + right) / 2, -57), (right, -54), (right * 0.72, -66),
             (right * 0.1, -78), (left * 0.1, -78), (left * 0.72, -66)],
            cloth,
        )  # fmt: skip
    leaning.disc((0, -79), 2.2, colour)


def draw_sandcastle(brush: Brush) -> None:
    """A sandcastle with a flag."""
    sand, shade = rgb("#e2b56c"), rgb("#c99750")
    for x, high in ((-20.0, 26.0), (0.0, 36.0), (20.0, 26.0)):
        brush.polygon([(x - 10, 0), (x + 10, 0), (x + 8, -high), (x - 8, -high)], sand)
        brush.polygon([(x + 3, 0), (x + 10, 0), (x + 8, -high), (x + 3, -high)], shade)
        for notch in (-8.0, -2.0, 4.0):
            brush.polygon([(x + notch, -high), (x + notch + 4, -high), (x + notch + 4, -high - 4),
                           (x + notch, -high - 4)], sand)  # fmt: skip
    brush.blob([(-5, 0), (-5, -9), (0, -14), (5, -9), (5, 0)], darker(shade, 0.35))
    brush.line([(0, -38), (0, -56)], 1.3, rgb("#7b5138"))
    brush.polygon([(0.5, -56), (12, -52), (0.5, -47)], rgb("#e4533f"))


def draw_cabin(brush: Brush, lit: bool) -> None:
    """A log cabin under snow with smoke from its chimney."""
    for left, rise, size in ((18, -66, 4.0), (23, -75, 5.5), (31, -84, 7.0)):
        brush.disc((left, rise), size, WHITE, alpha=0.55)
    brush.polygon([(13, -40), (21, -40), (21, -60), (13, -60)], rgb("#9a5a48"))
    brush.polygon([(-30, 0), (30, 0), (30, -28), (-30, -28)], rgb("#9a6238"))
    for y in (-7.0, -14.0, -21.0):
        brush.line([(-30, y), (30, y)], 1, rgb("#7a4a2a"))
    brush.polygon([(-38, -25), (38, -25), (0, -56)], WHITE)
    brush.polygon([(-30, -27), (30, -27), (0, -50)], rgb("#b87a48"))
    glass = brush.lit((0, 0, 0), 0.0)
    for x in (-20.0, 9.0):
        glass.polygon(
            [(x, -9), (x + 11, -9), (x + 11, -20), (x, -20)], LAMP if lit else rgb("#bfe3ee")
        )
        brush.line([(x + 5.5, -9), (x + 5.5, -20)], 1, rgb("#6b3f26"))
    brush.polygon([(-5, 0), (5, 0), (5, -18), (-5, -18)], rgb("#6b3f26"))


def draw_balloon(brush: Brush, colour: Colour) -> None:
    """A hot-air balloon around its origin."""
    half = [(0, -28), (19, -20), (24, -2), (12, 18), (5, 26)]
    mirrored = [(-x, y) for x, y in half[:0:-1]]
    brush.blob([*half, *mirrored], colour)
    brush.blob([(x * 0.47, y) for x, y in [*half, *mirrored]], rgb("#fff3da"))
    for x in (-4, 4):
        brush.line([(x, 25), (x * 0.8, 34)], 0.7, rgb("#6b4a36"))
    brush.polygon([(-5, 34), (5, 34), (4, 42), (-4, 42)], rgb("#a8703f"))
