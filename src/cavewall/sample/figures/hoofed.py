"""Horses, cows and sheep."""

from __future__ import annotations

import math
from dataclasses import replace

from cavewall.sample.brush import Brush
from cavewall.sample.figures import quadruped as q
from cavewall.sample.figures.props import draw_snore
from cavewall.sample.palette import INK, WHITE, Colour, darker, lighter, mix, rgb

HORSE_COATS: dict[str, tuple[Colour, Colour]] = {
    "brown": (rgb("#a0603a"), rgb("#4a2a20")),
    "white": (rgb("#f3ece2"), rgb("#b8a49a")),
    "black": (rgb("#3d3745"), rgb("#221d29")),
    "grey": (rgb("#9aa0ae"), rgb("#5d6271")),
    "golden": (rgb("#dba052"), rgb("#fbefd3")),
}
"""Coat and mane of each colour of horse."""
COW_COATS: dict[str, tuple[Colour, Colour]] = {
    "black and white": (rgb("#f8f2e8"), rgb("#37323f")),
    "brown and white": (rgb("#f8f0e2"), rgb("#a8653c")),
    "brown": (rgb("#b06f42"), rgb("#9a5c34")),
}
"""Ground and patches of each colour of cow."""

HORSE = q.Build(
    length=54, height=60, rump=14.5, waist=13.4, chest=15.5,
    thigh=(13.5, 8, 4.2, 3.8), arm=(9.5, 6, 4.1, 3.8), paw=4, neck=36, nape=(12.5, 7.6),
    crook=17,
)  # fmt: skip
COW = q.Build(
    length=58, height=45, rump=17, waist=17.4, chest=17.4,
    thigh=(13, 8, 4.6, 4.4), arm=(9.5, 6.4, 4.6, 4.4), paw=3.6, neck=20, nape=(13.5, 9),
    crook=15,
)  # fmt: skip
HORSE_POSES = {
    "standing": [q.STAND],
    "walking": [q.WALK],
    "running": [q.GALLOP, q.GATHER],
    "jumping": [q.LEAP],
    "eating": [replace(q.GRAZE, neck=-60, head=-14)],
}
COW_POSES = {
    "standing": [q.STAND],
    "walking": [q.WALK],
    "eating": [replace(q.GRAZE, neck=-50, head=-14)],
}


def draw_horse(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A horse that does something; ``pose`` picks one of the ways to show it."""
    choices = HORSE_POSES[action]
    chosen = choices[pose % len(choices)]
    fur, mane = HORSE_COATS[coat]
    frame = q.pose_frame(HORSE, chosen)
    fast = action in ("running", "jumping")
    q.draw_far_legs(brush, HORSE, chosen, frame, fur)
    _draw_horse_tail(brush.at(*frame.tail), mane, fast)
    q.draw_trunk(brush, HORSE, frame, fur, mix(fur, lighter(fur, 0.3), 0.6))
    q.draw_near_legs(brush, HORSE, chosen, frame, fur)
    _draw_hooves(brush, HORSE, chosen, frame, mane if coat != "golden" else darker(fur, 0.5))
    q.draw_neck(brush, HORSE, frame, fur)
    _draw_mane(brush, frame, mane, fast)
    turn = chosen.head - (22 if fast else 34)
    _draw_horse_head(brush.at(*frame.head, turn=turn), fur, mane)


def _draw_hooves(
    brush: Brush, build: q.Build, pose: q.Pose, frame: q.Frame, colour: Colour
) -> None:
    shoulder = (frame.shoulder[0], frame.shoulder[1] - build.chest * 0.25)
    for leg in (
        q.hind_leg(build, frame.hip, pose.hind[0]),
        q.fore_leg(build, shoulder, pose.fore[0]),
    ):
        (fx, fy, fr), (tx, ty, tr) = leg[-2], leg[-1]
        brush.limb([(fx, fy - 0.6, fr), (tx, ty, tr)], darker(colour, 0.2))


def _draw_horse_tail(brush: Brush, mane: Colour, fast: bool) -> None:
    if fast:
        brush.limb([(2, 0, 4), (-12, 5, 6), (-28, 3, 6.4), (-42, -4, 4), (-52, -3, 1)], mane)
        brush.limb([(-4, 0, 4), (-20, -3, 5), (-36, -10, 3.4), (-46, -16, 0.8)], darker(mane, 0.1))
    else:
        brush.limb([(3, 0, 4), (-6, -2, 5), (-10, -16, 6), (-10, -32, 5), (-14, -42, 1)], mane)


def _draw_mane(brush: Brush, frame: q.Frame, mane: Colour, fast: bool) -> None:
    (sx, sy), (x, y) = frame.shoulder, frame.head
    root = (sx - 6, sy + HORSE.chest * 0.8)
    length = math.hypot(x - root[0], y - root[1])
    ux, uy = (x - root[0]) / length, (y - root[1]) / length
    nx, ny = -uy, ux
    if fast:
        for share in (0.1, 0.32, 0.54, 0.76, 0.98):
            px, py = root[0] + ux * length * share, root[1] + uy * length * share
            px, py = px + nx * 5.5 * share, py + ny * 5.5 * share
            brush.limb([(px, py, 5.4), (px - 10, py + 3, 4.4), (px - 20, py + 1, 0.8)], mane)
        return
    crest = [(root[0] + ux * length * t + nx * 6 * t, root[1] + uy * length * t + ny * 6 * t, r)
             for t, r in ((0.0, 3.0), (0.35, 6.0), (0.7, 6.2), (1.1, 4.0))]  # fmt: skip
    brush.limb(crest, mane)


def _draw_horse_head(brush: Brush, fur: Colour, mane: Colour) -> None:
    """The head in profile; the origin is between the ears and the cheek."""
    brush.blob([(-3, 7), (-4.5, 19), (-0.5, 16), (3.5, 8)], darker(fur, 0.18))
    brush.blob(
        [(-8, 3), (-4, 8.5), (5, 8), (16, 4.6), (27, 2.4), (31.5, -1), (31, -6.5), (25, -8),
         (15, -7.4), (6, -10), (-3, -9), (-8, -4)],
        fur,
    )  # fmt: skip
    brush.blob([(24, 2.8), (30.6, 0), (31, -6), (25.5, -7.6), (23, -3)], darker(fur, 0.22))
    brush.disc((28.4, -1), 1.1, INK, ry=0.8)
    brush.line([(30.6, -4.6), (26, -4.4)], 0.9, darker(fur, 0.5))
    brush.disc((9, 3.4), 1.9, WHITE if fur[0] < 90 else INK)
    brush.disc((9.3, 3.4), 1.5, INK)
    brush.limb([(-1, 10, 3.4), (5, 9, 3.2), (10, 7, 1)], mane)
    brush.blob([(-6, 7), (-8, 18), (-3.4, 15), (0, 8)], fur)


def draw_cow(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A cow that does something; ``pose`` picks one of the ways to show it."""
    if action == "sleeping":
        _draw_lying_cow(brush, coat)
        return
    choices = COW_POSES[action]
    chosen = choices[pose % len(choices)]
    ground, patch = COW_COATS[coat]
    frame = q.pose_frame(COW, chosen)
    q.draw_far_legs(brush, COW, chosen, frame, ground)
    x, y = frame.tail
    brush.limb([(x + 2, y, 2.4), (x - 8, y - 4, 2), (x - 11, y - 22, 1.6)], ground)
    brush.limb(
        [(x - 11, y - 22, 2.2), (x - 12, y - 29, 3), (x - 11, y - 34, 1)], darker(patch, 0.2)
    )
    brush.disc((frame.hip[0] + 16, frame.hip[1] - 16), 6.5, rgb("#f2a9a4"), ry=6)
    q.draw_trunk(brush, COW, frame, ground, ground)
    _draw_patches(brush, frame, patch)
    q.draw_near_legs(brush, COW, chosen, frame, ground)
    _draw_hooves(brush, COW, chosen, frame, rgb("#4c4350"))
    q.draw_neck(brush, COW, frame, ground)
    _draw_cow_head(brush.at(*frame.head, turn=chosen.head - 24), ground, patch)


def _draw_patches(brush: Brush, frame: q.Frame, patch: Colour) -> None:
    x, y = frame.back
    marks = brush.at(x, y)
    marks.blob([(-6, 3), (10, 3), (15, -8), (6, -17), (-4, -9)], patch)
    marks.blob([(-32, 2), (-19, 3), (-15, -8), (-25, -12), (-39, -8)], patch)
    marks.disc((-8, -18), 4, patch, ry=3.2)


def _draw_cow_head(brush: Brush, ground: Colour, patch: Colour) -> None:
    brush.limb([(-2, 8, 2.4), (-4, 14, 2), (0, 19, 0.8)], rgb("#e9dcc3"))
    brush.limb([(4, 8, 2.4), (6, 14, 2), (11, 17, 0.8)], rgb("#e9dcc3"))
    brush.limb([(-3, 5, 3.2), (-12, 5, 4.2), (-17, 2, 1.4)], patch)
    skull = [(-9, 4), (-3, 9.5), (6, 9), (16, 5), (24, 3), (27, -3), (23, -9), (13, -9.6), (2, -11)]
    brush.blob([*skull, (-8, -6)], ground)
    brush.blob([(-8, 4), (-3, 9), (6, 8.6), (12, 5), (9, -2), (0, -4), (-8, -3)], patch)
    brush.blob([(17, 4), (24, 3.4), (28, -3), (24, -9.4), (17, -9), (15, -3)], rgb("#f0b5a8"))
    brush.disc((24.4, -0.6), 1.2, rgb("#a8605e"), ry=0.9)
    brush.line([(26, -5.6), (20, -6)], 0.9, rgb("#a8605e"))
    brush.disc((7, 3.2), 2.5, WHITE)
    brush.disc((7.4, 3.2), 1.8, INK)


def _draw_lying_cow(brush: Brush, coat: str) -> None:
    ground, patch = COW_COATS[coat]
    brush.limb([(26, 6, 5), (40, 4.6, 4.6), (50, 4.4, 4.2)], darker(ground, 0.2))
    brush.limb([(-32, 18, 17), (-10, 20, 18.5), (10, 19, 18), (26, 20, 15)], ground)
    _draw_patches(brush, _resting(0, 32), patch)
    brush.limb([(-34, 12, 11), (-20, 9, 8), (-12, 5, 4.8), (2, 4.6, 4.4)], lighter(ground, 0.1))
    brush.limb([(22, 12, 8), (34, 8, 5.4), (26, 4.6, 4.4)], ground)
    brush.limb([(26, 24, 13), (36, 32, 10), (42, 36, 9)], ground)
    _draw_cow_head(brush.at(44, 37, turn=-30), ground, patch)
    draw_snore(brush.at(62, 50))


def _resting(x: float, y: float) -> q.Frame:
    """A frame of which only the middle of the back matters."""
    return q.Frame((x, y), (x, y), (x, y), (x, y), 0, (x, y), 0)


def draw_sheep(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A woolly sheep; ``coat`` is white or black."""
    wool = rgb("#f7f1e6") if coat == "white" else rgb("#5a5360")
    skin = rgb("#4a4150") if coat == "white" else rgb("#2c2733")
    low = action == "sleeping"
    base = 4.0 if low else 22.0
    if not low:
        swing = (6.0, -5.0) if action in ("walking", "running") else (1.0, 0.0)
        for x, kick, shade in ((-13, swing[1], 0.3), (15, swing[1], 0.3), (-18, swing[0], 0.0),
                               (10, swing[0], 0.0)):  # fmt: skip
            brush.limb([(x, 24, 4), (x + kick * 0.5, 12, 3), (x + kick, 3, 3)], darker(skin, shade))
    _draw_wool(brush.at(0, base + 18), darker(wool, 0.12), 1.0)
    _draw_wool(brush.at(-1.5, base + 20), wool, 0.92)
    dip = action == "eating"
    _draw_sheep_head(
        brush.at(34, 10 if dip else base + 28, turn=-48 if dip else -14), wool, skin, low
    )
    if low:
        draw_snore(brush.at(48, 44))


def _draw_wool(brush: Brush, colour: Colour, size: float) -> None:
    for step in range(14):
        angle = step * 2 * math.pi / 14
        x, y = 26 * size * math.cos(angle), 13.5 * size * math.sin(angle)
        brush.disc((x, y), 7.6 * size, colour)
    brush.disc((0, 0), 27 * size, colour, ry=14 * size)


def _draw_sheep_head(brush: Brush, wool: Colour, skin: Colour, asleep: bool) -> None:
    brush.limb([(-5, 3, 3), (-13, 1, 3.4), (-17, -3, 1.4)], skin)
    brush.limb([(-4, 0, 9), (5, -2, 8), (13, -4, 6)], skin)
    for x, y in ((-8, 7), (-2, 9), (4, 7.5)):
        brush.disc((x, y), 4.6, wool)
    if asleep:
        brush.line([(4, 1), (6.5, -0.4), (9, 0.8)], 1.2, WHITE)
    else:
        brush.disc((6, 1), 2.4, WHITE)
        brush.disc((6.5, 1), 1.5, INK)
    brush.disc((17, -3), 1.0, WHITE, alpha=0.6)
