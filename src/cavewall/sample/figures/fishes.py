"""Fish."""

from __future__ import annotations

from cavewall.sample.brush import Brush
from cavewall.sample.palette import INK, WHITE, Colour, darker, lighter, rgb

COATS: dict[str, tuple[Colour, Colour]] = {
    "orange": (rgb("#f2823a"), rgb("#fff3df")),
    "yellow": (rgb("#f4c63f"), rgb("#3d62b8")),
    "red": (rgb("#dd4f55"), rgb("#f9b7a0")),
    "blue": (rgb("#4a7fe0"), rgb("#f6d14a")),
    "silver": (rgb("#b9c7d6"), rgb("#eef4f8")),
}
"""Scales and markings of each colour of fish."""


def draw_fish(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A fish around the origin; a jumping one bends upwards."""
    scales, marks = COATS[coat]
    brush = brush.at(0, 0, turn=34 if action == "jumping" else (-4, 5)[pose % 2])
    fin = darker(scales, 0.18)
    brush.blob([(-30, 0), (-52, 20), (-58, 16), (-49, 0), (-58, -17), (-52, -20)], fin)
    brush.blob([(-18, 16), (-6, 31), (14, 30), (12, 18), (20, 12)], fin)
    brush.blob([(-4, -16), (-12, -27), (-2, -27), (10, -15)], fin)
    body = [(-36, 0), (-16, 16), (10, 21), (30, 13), (40, 0), (30, -13), (10, -19), (-16, -15)]
    brush.blob([(float(x), float(y)) for x, y in body], scales)
    brush.blob(
        [(-28, -6), (0, -10), (30, -7), (24, -14), (8, -18), (-14, -14)], lighter(scales, 0.3)
    )
    for x, high in ((-14, 14.0), (4, 19.5)):
        brush.limb([(x, high, 2.0), (x + 4, 0, 3.6), (x, -high + 1, 2.0)], marks)
    brush.blob([(6, 0), (-7, 7), (-10, -2), (-4, -8)], fin)
    brush.disc((26, 5), 5, WHITE)
    brush.disc((27.4, 5), 3.1, INK)
    brush.disc((28.6, 6.4), 1.1, WHITE)
    brush.line([(38.4, -3), (35, -5.4), (31, -5)], 1.4, darker(scales, 0.5))
