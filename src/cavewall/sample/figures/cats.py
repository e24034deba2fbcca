"""Cats: a body from the side and a face that looks at us."""

from __future__ import annotations

from cavewall.sample.brush import Brush
from cavewall.sample.figures import quadruped as q
from cavewall.sample.figures.props import draw_ball, draw_fishbone_plate, draw_snore
from cavewall.sample.palette import INK, WHITE, Colour, darker, lighter, mix, rgb

COATS: dict[str, tuple[Colour, Colour]] = {
    "orange": (rgb("#ee9440"), rgb("#fbe3bf")),
    "black": (rgb("#38323f"), rgb("#5a5263")),
    "white": (rgb("#f6f0e6"), rgb("#ffffff")),
    "grey": (rgb("#8d93a5"), rgb("#e2e4ec")),
    "striped": (rgb("#b58a5c"), rgb("#efdcbd")),
}
"""Coat and belly of each colour of cat."""

BUILD = q.Build(
    length=40, height=31, rump=10, waist=9.4, chest=10,
    thigh=(9.4, 6.2, 3.6, 3.5), arm=(7, 4.8, 3.7, 3.6), paw=4, neck=15, nape=(9, 7.5),
)  # fmt: skip
POUNCE = q.Pose(
    ((0.9, 0.7), (0.7, 0.5)), ((-0.8, 0.1), (-0.6, -0.05)), 40, 12, 40, lift=0.6, pitch=24
)
BAT = q.Pose(((0.95, 0.72), (0.2, 0.0)), ((-0.1, 0.0), (0.15, 0.0)), 60, 6, 70, lift=0.05, pitch=8)
POSES = {
    "standing": [q.STAND],
    "walking": [q.WALK],
    "running": [q.GALLOP, q.GATHER],
    "jumping": [POUNCE],
    "eating": [q.FEED],
    "playing": [BAT, POUNCE],
}


def draw_cat(brush: Brush, action: str, coat: str, pose: int) -> None:
    """A cat that does something; ``pose`` picks one of the ways to show it."""
    if action == "sitting":
        _draw_sitting(brush, coat)
    elif action == "sleeping":
        _draw_curled(brush, coat)
    else:
        choices = POSES[action]
        chosen = choices[pose % len(choices)]
        if action == "playing":
            draw_ball(brush.at(*((58, 2) if chosen is BAT else (56, 62))), 9, rgb("#5b8def"))
        if action == "eating":
            draw_fishbone_plate(brush.at(42, 0))
        _draw_upright(brush, chosen, coat)


def _draw_upright(brush: Brush, pose: q.Pose, coat: str) -> None:
    fur, belly = COATS[coat]
    frame = q.pose_frame(BUILD, pose)
    q.draw_far_legs(brush, BUILD, pose, frame, fur)
    _draw_tail(brush.at(*frame.tail, turn=180 - pose.tail), coat)
    q.draw_trunk(brush, BUILD, frame, fur, belly)
    if coat in ("striped", "orange"):
        _draw_stripes(brush, frame, darker(fur, 0.3))
    q.draw_near_legs(brush, BUILD, pose, frame, fur)
    q.draw_neck(brush, BUILD, frame, fur)
    low = pose.neck < 0
    x, y = frame.head
    face = brush.at(x + 3, y + (-2 if low else 4), turn=pose.head * 0.5)
    _draw_face(face, coat, asleep=low)


def _draw_tail(brush: Brush, coat: str) -> None:
    fur, belly = COATS[coat]
    brush.limb([(-3, 0, 3.6), (12, 2, 3.5), (23, -2, 3.4), (29, -14, 3.2), (36, -20, 2.6)], fur)
    if coat in ("orange", "grey", "striped"):
        tip = belly if coat != "striped" else darker(fur, 0.35)
        brush.limb([(31, -16.5, 3.0), (36, -20, 2.7)], tip)


def _draw_stripes(brush: Brush, frame: q.Frame, ink: Colour) -> None:
    (hx, hy), (sx, sy) = frame.hip, frame.shoulder
    for share in (0.15, 0.36, 0.57, 0.78):
        x, y = hx + (sx - hx) * share, hy + (sy - hy) * share
        brush.limb([(x - 1, y + 8.4, 1.7), (x + 0.5, y + 3, 1.5), (x - 0.5, y - 2, 0.4)], ink)


def _draw_face(brush: Brush, coat: str, asleep: bool = False) -> None:
    """The face from the front; the origin is the middle of the head."""
    fur, belly = COATS[coat]
    for side in (-1, 1):
        brush.blob([(13 * side, 3), (14.5 * side, 19), (11 * side, 18), (3 * side, 11)], fur)
        brush.blob([(11.5 * side, 7), (12.6 * side, 15), (6 * side, 10.5)], rgb("#f0a7a0"))
    head = [(0, 12), (9, 10.4), (15, 2), (13.5, -6), (6, -11), (-6, -11), (-13.5, -6), (-15, 2)]
    brush.blob([(float(x), float(y)) for x, y in [*head, (-9, 10.4)]], fur)
    if coat in ("striped", "orange"):
        for x in (-4, 0, 4):
            brush.limb([(x, 11, 1.2), (x * 0.7, 6.5, 0.4)], darker(fur, 0.3))
    brush.blob([(0, -2), (6, -3), (7, -8), (0, -10.4), (-7, -8), (-6, -3)], mix(fur, belly, 0.85))
    _draw_features(brush, coat, asleep)


def _draw_features(brush: Brush, coat: str, asleep: bool) -> None:
    whisker = WHITE if coat == "black" else INK
    for side in (-1, 1):
        if asleep:
            lid = INK if coat != "black" else rgb("#f1d36b")
            brush.line([(8.6 * side, 1.4), (6 * side, -0.4), (3.4 * side, 1.2)], 1.2, lid)
        else:
            iris = rgb("#f1d36b") if coat in ("black", "grey") else rgb("#7fb36a")
            brush.disc((6 * side, 1.4), 3.1, iris)
            brush.disc((6.2 * side, 1.4), 1.9, INK, ry=2.6)
            brush.disc((6.9 * side, 2.6), 0.8, WHITE)
        for drop in (0.0, -2.4):
            brush.line([(7 * side, -5 + drop * 0.6), (17 * side, -4 + drop * 1.6)], 0.5, whisker)
        brush.line([(0, -5.6), (2 * side, -7.2), (4 * side, -6.4)], 0.9, INK)
    brush.blob([(-2, -3), (2, -3), (0, -5.6)], rgb("#e8808a"))


def _draw_sitting(brush: Brush, coat: str) -> None:
    fur, belly = COATS[coat]
    lit = lighter(fur, 0.07)
    brush.limb([(-8, 4, 3.8), (-24, 3.8, 3.8), (-33, 9, 3.4), (-32, 20, 3.2), (-38, 25, 2.6)], fur)
    brush.limb([(8, 24, 6), (9.5, 12, 4), (10, 3.6, 3.6), (14, 3.2, 3.2)], darker(fur, 0.22))
    brush.limb([(-8, 11, 11.5), (-5, 20, 11.4), (0, 31, 9.6), (3, 40, 8)], fur)
    brush.limb([(4, 18, 2.5), (5, 27, 5.6), (5, 36, 5.4)], belly)
    if coat in ("striped", "orange"):
        for y, x in ((32, -7), (25, -12), (18, -15)):
            stripe = [(x - 1.0, y, 1.6), (x + 5.0, y - 2.5, 1.3), (x + 9.0, y - 2.0, 0.4)]
            brush.limb(stripe, darker(fur, 0.3))
    brush.limb([(3, 26, 6), (3.5, 12, 4.2), (4, 3.6, 3.7), (8, 3.4, 3.4)], fur)
    brush.limb([(-9, 11, 10), (-3, 9, 7.4), (0, 4.4, 4.2), (-6, 4, 4)], lit)
    brush.limb([(-5, 3.8, 3.8), (1, 3.6, 3.5)], lit)
    _draw_face(brush.at(5, 50), coat)


def _draw_curled(brush: Brush, coat: str) -> None:
    fur, belly = COATS[coat]
    brush.blob([(-34, 8), (-28, 22), (-8, 29), (14, 26), (28, 14), (26, 4), (10, 1), (-22, 1)], fur)
    brush.blob([(-20, 3), (-4, 7), (14, 6), (10, 1.6), (-10, 1.4)], belly)
    if coat in ("striped", "orange"):
        for x, y in ((-22, 23), (-12, 26.6), (-2, 27.6), (8, 26.6)):
            brush.limb([(x, y, 1.7), (x + 2, y - 6, 1.5), (x + 1, y - 11, 0.4)], darker(fur, 0.3))
    brush.limb([(-30, 8, 4.6), (-18, 4, 4.2), (-2, 4, 4), (10, 6, 3.2)], lighter(fur, 0.1))
    _draw_face(brush.at(23, 13, turn=-10), coat, asleep=True)
    draw_snore(brush.at(36, 32))
