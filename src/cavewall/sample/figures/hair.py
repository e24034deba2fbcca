"""Hair and hats, around a head whose middle is the origin."""

from __future__ import annotations

from cavewall.sample.brush import Brush, Point
from cavewall.sample.palette import WHITE, Colour, darker, lighter

_CROWN: list[Point] = [
    (-8.8, -2), (-9.4, 4), (-6.5, 10.5), (0, 12.6), (6.8, 10.4), (8.8, 5), (6.5, 5.4), (2.5, 4.4),
    (-1.5, 4.6), (-3.8, 2.4), (-4.6, -1.2),
]  # fmt: skip


def draw_back_hair(brush: Brush, style: str, colour: Colour) -> None:
    """Hair behind the body."""
    shade = darker(colour, 0.12)
    if style == "long":
        brush.limb([(-3, 6, 7), (-8, -2, 6.4), (-10, -12, 5.6), (-13, -19, 2.4)], shade)
    elif style == "ponytail":
        brush.limb([(-8, 6, 3), (-14, 6, 4.2), (-20, 0, 4.4), (-23, -9, 1.2)], shade)
    elif style == "braids":
        brush.limb([(-6, -3, 3), (-9, -10, 3.2), (-11, -17, 1.6)], shade)
    elif style == "bob":
        brush.limb([(-3, 6, 7), (-6.6, -2, 6), (-6, -8, 4)], shade)


def draw_hair(brush: Brush, style: str, colour: Colour, hat: Colour | None) -> None:
    """Hair over the head, or a hat."""
    brush.blob(_CROWN, colour)
    if style == "bun":
        brush.disc((-7.5, 11), 4.6, colour)
    elif style == "curly":
        for x, y in ((-8.5, 2), (-8, 8), (-3, 12), (3, 12.4), (7.6, 9), (-6.6, -3)):
            brush.disc((x, y), 4.2, colour)
    elif style in ("long", "bob"):
        brush.limb([(-6.5, 6, 3.2), (-7.6, -2, 3.2), (-7.6, -8, 2.4)], colour)
    elif style == "ponytail" and hat is None:
        brush.disc((-8.6, 6.5), 2.1, lighter(colour, 0.4))
    if style == "cap" or hat is not None:
        _draw_cap(brush, hat or WHITE, brim=style != "cap")


def _draw_cap(brush: Brush, colour: Colour, brim: bool) -> None:
    dome = [(-9.3, 3.2), (-8.4, 9.5), (-2, 13.4), (5, 12), (9, 6.6), (8.6, 4.6), (0, 4.4)]
    brush.blob([(float(x), float(y)) for x, y in dome], colour)
    if brim:
        brush.limb([(2, 5, 1.4), (10, 4.8, 1.5), (14, 3.8, 0.8)], darker(colour, 0.2))
