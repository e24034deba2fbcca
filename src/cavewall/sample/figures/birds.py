"""Birds: in the air, on a perch, on the water and on the ground."""

from __future__ import annotations

from cavewall.sample.brush import Brush, Point
from cavewall.sample.palette import INK, WHITE, Colour, darker, lighter, rgb

COATS: dict[str, tuple[Colour, Colour, Colour]] = {
    "white": (rgb("#f6f3ee"), rgb("#ffffff"), rgb("#f2a53a")),
    "red": (rgb("#dd4b43"), rgb("#f7b79b"), rgb("#f2b33a")),
    "blue": (rgb("#3f83d6"), rgb("#f3dcc0"), rgb("#4a4658")),
    "yellow": (rgb("#f2bf3d"), rgb("#fbeab8"), rgb("#e0762f")),
    "black": (rgb("#37323f"), rgb("#55505f"), rgb("#f2a53a")),
    "green": (rgb("#3f9d6d"), rgb("#d9e8a8"), rgb("#e8803a")),
}
"""Feathers, breast and beak of each colour of bird."""


def draw_bird(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A bird that does something; ``pose`` picks one of the ways to show it."""
    if action == "flying":
        _draw_flying(brush, coat, raised=pose % 2 == 0)
    elif action == "swimming":
        _draw_duck(brush, coat)
    elif action == "sitting":
        _draw_perched(brush, coat)
    else:
        _draw_standing(brush, coat, pecking=action == "eating")


def _wing(brush: Brush, colour: Colour, tips: Colour) -> None:
    """A spread wing from the shoulder at the origin, with three long feathers."""
    fan: list[Point] = [(-30, 46), (-40, 38), (-45, 28)]
    for x, y in fan:
        brush.limb([(-4, 6, 8), (x * 0.6, y * 0.62, 7.4), (x, y, 1.4)], tips)
    brush.blob(
        [(10, 0), (4, 16), (-12, 34), (-26, 32), (-24, 16), (-14, 0)],
        colour,
    )


def _draw_flying(brush: Brush, coat: str, raised: bool) -> None:
    fur, breast, _ = COATS[coat]
    brush = brush.at(0, 0, turn=10 if raised else -4)
    far = -26.0 if raised else -62.0
    _wing(brush.at(6, 4, 0.92, turn=far), darker(fur, 0.2), darker(fur, 0.34))
    brush.blob([(-22, 3), (-48, 8), (-54, 2), (-47, -1), (-51, -7), (-26, -5)], darker(fur, 0.18))
    brush.limb([(-28, -1, 5), (-10, 0, 10.5), (10, 2, 11), (22, 6, 9)], fur)
    brush.limb([(-18, -5, 2), (-2, -5, 5), (14, -3, 6)], breast)
    _draw_head(brush.at(26, 9), coat)
    near = 6.0 if raised else 30.0
    _wing(brush.at(2, 4, turn=near), lighter(fur, 0.08), darker(fur, 0.14))


def _draw_head(brush: Brush, coat: str, turn: float = 0.0) -> None:
    fur, _, beak = COATS[coat]
    brush = brush.at(0, 0, turn=turn)
    brush.blob([(6, 4), (20, -0.5), (7, -4.5)], beak)
    brush.line([(8, -0.4), (17, -0.8)], 0.7, darker(beak, 0.3))
    brush.disc((0, 0), 9.6, fur)
    brush.disc((4, 2.4), 2.6, WHITE)
    brush.disc((4.5, 2.4), 1.8, INK)
    brush.disc((5.1, 3.1), 0.6, WHITE)


def _draw_perched(brush: Brush, coat: str) -> None:
    """A plump bird on a branch; the branch is at y = 0."""
    fur, breast, beak = COATS[coat]
    brush.blob([(-16, 16), (-36, -12), (-31, -17), (-22, -12), (-6, 8)], darker(fur, 0.22))
    for x in (0.0, 8.0):
        brush.line([(x, 10), (x + 2, 1)], 1.8, beak)
        for toe in (-2.0, 2.0, 6.0):
            brush.line([(x + 2, 2), (x + toe, -0.6)], 1.6, beak)
    brush.blob([(-18, 20), (-12, 38), (4, 46), (18, 36), (19, 20), (9, 7), (-8, 8)], fur)
    brush.blob([(2, 34), (16, 33), (18, 21), (9, 9), (-1, 10), (-3, 22)], breast)
    brush.blob([(-15, 32), (-2, 33), (1, 22), (-8, 12), (-26, 2), (-20, 18)], darker(fur, 0.16))
    _draw_head(brush.at(9, 45, 1.16), coat)


def _draw_standing(brush: Brush, coat: str, pecking: bool) -> None:
    fur, breast, beak = COATS[coat]
    brush.blob([(-20, 24), (-46, 30), (-47, 24), (-40, 19), (-18, 16)], darker(fur, 0.22))
    for x, shade in ((5.0, 0.25), (-2.0, 0.0)):
        brush.line([(x, 14), (x + 1, 1)], 2.2, darker(beak, shade))
        for toe in (-4.0, 3.0, 6.0):
            brush.line([(x + 1, 1.2), (x + toe, 0.8)], 1.8, darker(beak, shade))
    brush.limb([(-18, 22, 8), (-2, 21, 12), (12, 23, 11)], fur)
    brush.limb([(-6, 14, 3.4), (8, 15, 5), (16, 22, 5.4)], breast)
    if pecking:
        brush.limb([(12, 23, 10), (22, 18, 8.4)], fur)
        _draw_head(brush.at(26, 16), coat, turn=-48)
        for x, y in ((42, 1.4), (48, 2.4), (53, 1.2), (36, 1.0)):
            brush.disc((x, y), 1.7, rgb("#f7dc8a"))
    else:
        brush.limb([(12, 24, 10), (17, 34, 8.4)], fur)
        _draw_head(brush.at(20, 40), coat)
    brush.blob([(6, 27), (-6, 30), (-22, 26), (-38, 24), (-20, 16), (-4, 15), (5, 20)],
               darker(fur, 0.16))  # fmt: skip


def _draw_duck(brush: Brush, coat: str) -> None:
    """A bird on the water, whose line is y = 0."""
    fur, breast, beak = COATS[coat]
    body = [
        (-36, 16),
        (-28, 9),
        (-10, 11),
        (10, 10),
        (24, 12),
        (28, 3),
        (22, -6),
        (-20, -6),
        (-33, 2),
    ]
    brush.blob([(float(x), float(y)) for x, y in body], fur)
    brush.limb([(14, 8, 9), (20, 18, 6.6), (21, 27, 6.4)], fur)
    brush.line([(14.4, 18.6), (26.4, 17.4)], 2.6, WHITE if coat != "white" else rgb("#d8d2c6"))
    brush.blob(
        [(12, 8), (2, 12), (-14, 10), (-30, 13), (-22, 2), (-4, -1), (9, 1)], darker(fur, 0.16)
    )
    brush.limb([(28, 30, 3.2), (36, 28, 2.7), (40, 28.6, 1.8)], beak)
    brush.disc((23, 31), 8.8, fur)
    brush.disc((26, 33), 2.4, WHITE)
    brush.disc((26.5, 33), 1.7, INK)
    brush.limb([(2, -2, 2), (16, -1, 3.2), (24, 2, 2)], breast)
