"""Cars and bicycles; the road is y = 0."""

from __future__ import annotations

import math

from cavewall.sample.brush import Brush
from cavewall.sample.figures.people import Person, draw_body
from cavewall.sample.figures.poses import POSES, bones_of
from cavewall.sample.palette import CLOTH, INK, WHITE, Colour, darker, lighter, rgb

GLASS = rgb("#bfe3ee")


def draw_car(brush: Brush, kind: str, colour: str, night: bool) -> None:
    """A car of a kind: small, van or jeep; at night its lamps shine."""
    paint = CLOTH[colour]
    if night:
        for far in (84.0, 62.0, 42.0):
            cone = [
                (54.0, 25.0),
                (54 + far, 25 + far * 0.2),
                (54 + far, 25 - far * 0.3),
                (54.0, 19.0),
            ]
            brush.polygon(cone, rgb("#ffe9a8"), alpha=0.2)
    if kind == "van":
        _van_body(brush, paint)
    elif kind == "jeep":
        _jeep_body(brush, paint)
    else:
        _small_body(brush, paint)
    for x in (-32, 32):
        brush.disc((x, 10.5), 13.2, darker(paint, 0.5))
        brush.disc((x, 10.5), 11, INK)
        brush.disc((x, 10.5), 6, rgb("#d9d6de"))
        brush.disc((x, 10.5), 2.2, rgb("#8c8796"))
    brush.disc((53, 22), 3.8, rgb("#fff1b8"), ry=4.4)
    brush.disc((-54, 22), 2.8, rgb("#c7302f"), ry=4)
    brush.limb([(48, 10.4, 2), (57, 11, 2)], rgb("#d9d6de"))
    brush.limb([(-57, 11, 2), (-48, 10.4, 2)], rgb("#d9d6de"))


def _small_body(brush: Brush, paint: Colour) -> None:
    brush.blob([(-40, 28), (-31, 49), (-8, 55), (13, 50), (30, 28), (0, 24)], darker(paint, 0.08))
    brush.blob([(-32, 30), (-25, 46), (-6, 50), (-5, 30)], GLASS)
    brush.blob([(-1, 30), (-1, 50), (11, 46), (23, 30)], GLASS)
    brush.polygon([(3, 31), (10, 45), (14, 42), (8, 31)], WHITE, alpha=0.6)
    brush.blob(
        [(-57, 14), (-57, 28), (-44, 33), (0, 33), (34, 32), (54, 27), (58, 14), (50, 8), (-50, 8)],
        paint,
    )
    brush.blob([(-54, 15), (0, 17), (56, 15), (50, 8), (-50, 8)], darker(paint, 0.16))
    brush.line([(-10, 27), (-3, 27)], 1.8, lighter(paint, 0.6))


def _van_body(brush: Brush, paint: Colour) -> None:
    brush.blob(
        [(-56, 10), (-57, 40), (-52, 62), (-30, 66), (20, 66), (40, 62), (51, 42), (57, 26),
         (57, 10), (0, 7)],
        WHITE,
    )  # fmt: skip
    brush.blob(
        [(-57, 10), (-57, 34), (-40, 36), (0, 35), (30, 36), (53, 35), (57, 26), (57, 10), (0, 7)],
        paint,
    )
    for left in (-48, -24, 0):
        brush.blob([(left, 41), (left + 1, 57), (left + 18, 57), (left + 19, 41)], GLASS)
    brush.blob([(25, 41), (26, 58), (36, 56), (46, 41)], GLASS)
    brush.polygon([(30, 42), (34, 56), (38, 52), (36, 42)], WHITE, alpha=0.6)
    brush.limb([(-40, 69, 2), (22, 69, 2)], darker(WHITE, 0.5))
    brush.polygon([(-34, 71), (-10, 71), (-10, 82), (-34, 82)], rgb("#b9793f"))
    brush.polygon([(-6, 71), (14, 71), (14, 78), (-6, 78)], rgb("#5b7d8f"))


def _jeep_body(brush: Brush, paint: Colour) -> None:
    brush.polygon([(-46, 32), (-44, 58), (8, 58), (20, 32)], darker(paint, 0.2))
    brush.polygon([(-40, 34), (-39, 54), (-16, 54), (-16, 34)], GLASS)
    brush.polygon([(-12, 34), (-12, 54), (6, 54), (14, 34)], GLASS)
    brush.polygon([(-4, 34), (2, 54), (5, 54), (2, 34)], WHITE, alpha=0.6)
    brush.blob(
        [(-55, 12), (-56, 33), (-30, 35), (20, 35), (50, 33), (57, 28), (57, 12), (0, 10)], paint
    )
    brush.disc((-60, 28), 9, INK, ry=10)
    brush.disc((-61, 28), 4, rgb("#8c8796"), ry=5)
    brush.limb([(-47, 61, 2), (10, 61, 2)], INK)


def draw_bicycle(brush: Brush, colour: str, rider: Person | None) -> None:
    """A bicycle, perhaps with somebody on it."""
    paint = CLOTH[colour]
    back, front = (-26.0, 17.0), (28.0, 17.0)
    crank, saddle, fork = (-4.0, 17.0), (-11.0, 45.0), (20.0, 46.0)
    for x, y in (back, front):
        _draw_wheel(brush.at(x, y))
    if rider is not None:
        pose = POSES["riding"][0]
        bones = bones_of(pose)
        size = 0.94
        seat = brush.at(saddle[0] + 2, saddle[1] + 6 - bones.pelvis[1] * size, size)
        draw_body(seat, rider, bones, pose)
    for start, end in ((back, crank), (back, (-10, 41)), (crank, (-10, 41)), (crank, (19.5, 42)),
                       ((-10, 40), (19.5, 42))):  # fmt: skip
        brush.line([start, end], 3.4, paint)
    brush.line([front, fork, (18, 54)], 3.2, darker(paint, 0.14))
    brush.line([(18, 54), (24, 57), (29, 54)], 2.6, INK)
    brush.line([(-10, 40), saddle], 2.6, rgb("#8c8796"))
    brush.limb([(-18, 47, 3), (-5, 46, 2)], rgb("#5b3a2a"))
    brush.disc(crank, 4.6, INK)
    brush.line([crank, (0, 9)], 2.2, INK)
    brush.line([(-3, 8.6), (4, 8.6)], 2.6, INK)
    if rider is None:
        brush.polygon([(20, 40), (38, 40), (35, 28), (23, 28)], rgb("#c99457"))
        brush.line([(20, 36), (37, 36)], 1, rgb("#96683a"))
        for x, petal in ((23, "red"), (29, "yellow"), (35, "pink")):
            brush.disc((x, 43), 4, CLOTH[petal])


def _draw_wheel(brush: Brush) -> None:
    ring = [(17 * math.cos(a * math.pi / 12), 17 * math.sin(a * math.pi / 12)) for a in range(25)]
    for step in range(4):
        angle = step * math.pi / 4 + 0.2
        x, y = 16 * math.cos(angle), 16 * math.sin(angle)
        brush.line([(x, y), (-x, -y)], 0.7, rgb("#b9b4c2"))
    brush.line([(x * 0.93, y * 0.93) for x, y in ring], 1.6, rgb("#e9e4dc"))
    brush.line(ring, 3.2, INK)
    brush.disc((0, 0), 2.6, INK)
