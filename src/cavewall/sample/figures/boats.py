"""Boats: sailing boats, rowing boats and small steamers; the water line is y = 0."""

from __future__ import annotations

from cavewall.sample.brush import Brush, Point
from cavewall.sample.palette import CLOTH, INK, WHITE, Colour, darker, lighter, mix, rgb

WOOD = rgb("#9a6238")


def draw_boat(brush: Brush, kind: str, colour: str) -> None:
    """A boat of a kind: sailing, rowing or steam."""
    paint = CLOTH[colour]
    if kind == "sailing":
        _draw_sails(brush, paint)
        _hull(brush, 46, 15, WOOD, WHITE)
    elif kind == "rowing":
        _draw_rowing_boat(brush, paint)
    else:
        _draw_steamer(brush, paint)


def _hull(brush: Brush, half: float, high: float, colour: Colour, rail: Colour) -> None:
    outline: list[Point] = [(-half, high), (half + 8, high + 3)]
    for x, y in (
        (half * 0.86, 0.35),
        (half * 0.7, -0.35),
        (-half * 0.74, -0.4),
        (-half * 0.9, 0.3),
    ):
        outline.append((x, high * y))
    brush.polygon(outline, colour)
    brush.polygon(
        [
            (-half, high),
            (half + 8, high + 3),
            (half + 4.6, high * 0.8),
            (-half * 0.97, high * 0.76),
        ],
        rail,
    )
    brush.polygon(
        [(half * 0.84, high * 0.18), (half * 0.7, -high * 0.35), (-half * 0.74, -high * 0.4),
         (-half * 0.87, high * 0.1)],
        darker(colour, 0.26),
    )  # fmt: skip


def _draw_sails(brush: Brush, paint: Colour) -> None:
    brush.line([(2, 12), (2, 112)], 2.6, rgb("#6d4630"))
    brush.blob(
        [
            (5, 106),
            (16, 84),
            (31, 58),
            (43, 30),
            (43, 25),
            (5, 24),
            (4.4, 30),
            (4.4, 64),
            (4.4, 98),
        ],
        WHITE,
    )
    brush.polygon([(4.6, 50), (34, 50), (38, 40), (4.6, 40)], mix(paint, WHITE, 0.08))
    brush.blob([(-1, 98), (-10, 70), (-24, 42), (-34, 27), (-28, 25), (-1, 26)], paint)
    brush.blob([(-1, 98), (-4, 70), (-6, 27), (-1, 26)], darker(paint, 0.14))
    brush.blob([(2, 112), (-9, 115), (-18, 111), (-9, 108), (2, 106)], rgb("#f2c14b"))


def _draw_rowing_boat(brush: Brush, paint: Colour) -> None:
    brush.polygon([(-40, 12), (40, 13), (34, 6), (-34, 6)], darker(WOOD, 0.45))
    brush.limb([(-12, 15, 1.3), (-30, 4, 1.3)], lighter(WOOD, 0.35))
    _hull(brush, 46, 14, paint, lighter(WOOD, 0.25))
    brush.limb([(6, 16, 1.5), (28, 4, 1.6), (38, -2, 1.6)], lighter(WOOD, 0.4))
    brush.limb([(34, 0.4, 2.4), (44, -5, 3.6)], lighter(WOOD, 0.4))


def _draw_steamer(brush: Brush, paint: Colour) -> None:
    for x, y, r in ((-16, 72, 6.5), (-28, 80, 9), (-45, 86, 11.5)):
        brush.disc((x, y), r, WHITE, alpha=0.75)
    brush.polygon([(-14, 34), (2, 34), (0, 64), (-11, 64)], paint)
    brush.polygon([(-11.4, 58), (0.4, 58), (0, 64), (-11, 64)], INK)
    brush.polygon([(-34, 16), (30, 16), (24, 36), (-30, 36)], WHITE)
    brush.polygon([(-33, 33), (26, 33), (25, 36.6), (-31, 36.6)], paint)
    for x in (-22, -6, 10):
        brush.disc((x, 25.5), 4.6, rgb("#7cc4dd"))
        brush.disc((x - 1.2, 27), 1.6, WHITE, alpha=0.7)
    _hull(brush, 52, 18, darker(paint, 0.12), WHITE)
    for x in (-30, -10, 10, 30):
        brush.disc((x, 6.6), 2.3, rgb("#ffe3a0"))
