"""Trees, bushes, flowers and other things that grow or lie about; each stands on its origin."""

from __future__ import annotations

import math
from random import Random

from cavewall.sample.brush import Brush, Point
from cavewall.sample.palette import WHITE, Colour, darker, lighter, mix, rgb

BARK = rgb("#7b5138")
LEAF = rgb("#4d9b58")
FLOWERS: tuple[Colour, ...] = tuple(
    rgb(code) for code in ("#f6d04d", "#f07d8d", "#ffffff", "#c98be0", "#f2924a")
)


def draw_round_tree(brush: Brush, rng: Random, leaf: Colour = LEAF) -> None:
    """A broad-leaved tree some eighty units high."""
    brush.limb([(0, 0, 4.6), (1, -22, 3.4), (0, -44, 2.4)], BARK)
    brush.limb([(0, -26, 2), (10, -38, 1.4)], BARK)
    puffs: list[Point] = [(-15, -46), (14, -46), (-9, -62), (11, -62), (0, -54), (1, -73)]
    for x, y in puffs:
        brush.disc((x + 2, y + 2.5), 15 + rng.uniform(-1, 2), darker(leaf, 0.13))
    for x, y in puffs:
        brush.disc((x - 1.5, y - 1.5), 13.5, leaf)
    for x, y in ((-14, -54), (-4, -72), (-8, -62)):
        brush.disc((x, y), 6.5, lighter(leaf, 0.2))


def draw_fir(brush: Brush, leaf: Colour, snow: bool = False) -> None:
    """A fir some seventy units high, perhaps under snow."""
    brush.polygon([(-2.6, 0), (2.6, 0), (2.2, -14), (-2.2, -14)], BARK)
    for base, half, high in ((-9.0, 19.0, 30.0), (-26.0, 15.0, 26.0), (-43.0, 10.5, 26.0)):
        brush.polygon([(-half, base), (half, base), (0, base - high)], leaf)
        brush.polygon([(0, base), (half, base), (0, base - high)], darker(leaf, 0.14))
        if snow:
            edge = ((0, 1), (0.62, 0.38), (0.3, 0.5), (0, 0.3), (-0.3, 0.46), (-0.62, 0.38))
            brush.polygon([(half * x, base - high * y) for x, y in edge], WHITE)


def draw_palm(brush: Brush, rng: Random) -> None:
    """A leaning palm some hundred units high."""
    lean = rng.uniform(10, 24)
    brush.limb([(0, 0, 5), (lean * 0.2, -30, 4), (lean * 0.6, -62, 3.2), (lean, -92, 2.6)],
               rgb("#a5774c"))  # fmt: skip
    for share in (0.15, 0.3, 0.45, 0.6, 0.75):
        x, y = lean * share**1.3, -92 * share
        brush.line([(x - 3.4, y - 1), (x + 3.4, y + 0.5)], 1.1, rgb("#855a38"))
    crown = brush.at(lean, -92)
    for turn, size in (
        (200, 1.0),
        (235, 0.9),
        (275, 0.8),
        (-50, 0.9),
        (-18, 1.05),
        (12, 0.85),
        (165, 0.8),
    ):
        leaf = mix(rgb("#3f9a5f"), rgb("#7cc05c"), rng.random() * 0.6)
        droop = 10 if -90 < turn < 90 else -10
        frond = crown.at(0, 0, size, turn=turn)
        tip = [(34, -4 + droop * 0.4), (46, droop), (32, 3 + droop * 0.5)]
        frond.blob([(0, -2), (16, -7), *tip, (14, 3)], leaf)
    for x, y in ((-4, 3), (4, 4), (0, 6)):
        crown.disc((x, y), 3.4, rgb("#8a5a36"))


def draw_cactus(brush: Brush) -> None:
    """A saguaro some seventy units high."""
    green, lit = rgb("#3f8f63"), rgb("#6db883")
    brush.limb([(0, 0, 7.4), (0, -30, 7.8), (0, -62, 6.6)], green)
    brush.limb([(0, -24, 4.4), (-17, -26, 4.8), (-18, -44, 4.4)], green)
    brush.limb([(0, -32, 4.2), (16, -35, 4.4), (17, -54, 4)], green)
    for x, top, bottom in ((-2.4, -60, -4), (-19, -42, -30), (15.6, -52, -38)):
        brush.line([(x, top), (x, bottom)], 1.4, lit)
    brush.disc((0, -69), 3.6, rgb("#f07d8d"))


def draw_bush(brush: Brush, leaf: Colour) -> None:
    """A low bush."""
    for x, y, r in ((-13, -7, 9), (0, -11, 12), (13, -7, 9.5)):
        brush.disc((x, y), r, leaf)
    brush.disc((-4, -15), 4, lighter(leaf, 0.18))
    brush.polygon([(-22, -5), (22, -5), (18, 1), (-18, 1)], leaf)


def draw_tuft(brush: Brush, leaf: Colour) -> None:
    """A tuft of grass."""
    for x, tip in ((-3.0, -7.0), (0.0, -1.0), (3.0, 6.0)):
        brush.polygon([(x - 1.2, 0), (x + 1.2, 0), (tip, -9.5)], leaf)


def draw_flower(brush: Brush, petal: Colour) -> None:
    """A flower on its stalk."""
    brush.line([(0, 0), (0.6, -9)], 1.2, rgb("#3f8a4c"))
    for step in range(5):
        angle = step * 2 * math.pi / 5
        brush.disc((0.6 + 2.6 * math.cos(angle), -11 + 2.6 * math.sin(angle)), 2.1, petal)
    brush.disc((0.6, -11), 1.6, rgb("#f3b13a") if petal != FLOWERS[0] else rgb("#b06a2c"))


def draw_mushroom(brush: Brush) -> None:
    """A red mushroom with white spots."""
    brush.limb([(0, 0, 3.4), (0, -8, 2.6)], rgb("#f6ead6"))
    brush.blob([(-10, -8), (-7, -15), (0, -18), (7, -15), (10, -8), (0, -7)], rgb("#d94b41"))
    for x, y, r in ((-4, -12, 1.6), (2, -15, 1.3), (5, -10.4, 1.5), (-0.6, -9.8, 1.1)):
        brush.disc((x, y), r, WHITE)


def draw_rock(brush: Brush, colour: Colour) -> None:
    """A boulder."""
    brush.polygon([(-18, 0), (-15, -10), (-5, -16), (8, -14), (17, -5), (19, 0)], colour)
    brush.polygon([(-15, -10), (-5, -16), (8, -14), (1, -9), (-7, -5)], lighter(colour, 0.24))


def draw_reeds(brush: Brush, rng: Random) -> None:
    """Reeds with brown heads at a shore."""
    for x in (-11, -5, 0, 6, 12):
        high = rng.uniform(26, 46)
        lean = rng.uniform(-3, 4)
        brush.line([(x, 0), (x + lean, -high)], 1.5, rgb("#5f9a55"))
        if rng.random() < 0.6:
            brush.limb([(x + lean, -high, 2), (x + lean * 1.1, -high - 8, 2)], rgb("#8a5736"))


def draw_branch(brush: Brush, rng: Random, leaf: Colour = LEAF) -> None:
    """A branch that reaches from the left edge to beyond the origin."""
    brush.limb([(-230, 26, 9), (-120, 12, 6.5), (-40, 4, 4.6), (20, 5, 3.6), (72, -4, 1.6)], BARK)
    brush.limb([(-40, 4, 3), (-20, 20, 2), (4, 26, 1)], BARK)
    for x, y, turn in ((70, -6, -30), (60, -2, 40), (40, 4, 60), (4, 27, 50), (-8, 24, 100),
                       (-60, 2, -110), (-96, 10, 70), (-130, 12, -70)):  # fmt: skip
        shade = mix(leaf, rgb("#8cc665"), rng.random() * 0.7)
        brush.at(x, y, turn=turn).blob([(0, 0), (7, -5.5), (19, 0), (7, 5.5)], shade)
