"""Dogs, seen from the side."""

from __future__ import annotations

from cavewall.sample.brush import Brush, Joint
from cavewall.sample.figures import quadruped as q
from cavewall.sample.figures.props import draw_ball, draw_bowl, draw_snore
from cavewall.sample.palette import INK, RED, WHITE, Colour, darker, lighter, mix, rgb

COATS: dict[str, tuple[Colour, Colour, Colour]] = {
    "brown": (rgb("#9a5b34"), rgb("#e9c79c"), rgb("#5f3522")),
    "black": (rgb("#3a3442"), rgb("#b98a5c"), rgb("#26212d")),
    "white": (rgb("#f4ece0"), rgb("#ffffff"), rgb("#c89b6b")),
    "golden": (rgb("#e0a34a"), rgb("#f7dca6"), rgb("#b9742c")),
    "grey": (rgb("#8a8fa0"), rgb("#e4e4ea"), rgb("#565a6c")),
    "spotted": (rgb("#f4ece0"), rgb("#ffffff"), rgb("#3a3442")),
}
"""Coat, belly and ears of each colour of dog."""

BUILD = q.Build(
    length=46, height=40, rump=10.5, waist=10.2, chest=13,
    thigh=(10, 6.6, 3.8, 3.6), arm=(7.5, 5.4, 4.0, 3.7), paw=5, neck=20, nape=(10.5, 8),
)  # fmt: skip
POSES = {
    "standing": [q.STAND],
    "walking": [q.WALK],
    "running": [q.GALLOP, q.GATHER],
    "jumping": [q.LEAP],
    "eating": [q.FEED],
    "playing": [q.BOW, q.LEAP],
}


def draw_dog(brush: Brush, action: str, coat: str, pose: int, collar: Colour = RED) -> None:
    """A dog that does something; ``pose`` picks one of the ways to show it."""
    if action == "sitting":
        _draw_sitting(brush, coat, collar)
    elif action == "sleeping":
        _draw_sleeping(brush, coat, collar)
    elif action == "swimming":
        _draw_swimming(brush, coat, collar)
    else:
        choices = POSES[action]
        _draw_upright(brush, choices[pose % len(choices)], coat, collar)
        if action == "eating":
            draw_bowl(brush.at(54, 0))
        if action == "playing":
            draw_ball(brush.at(*((62, 6) if choices[pose % len(choices)] is q.BOW else (72, 92))))


def _draw_upright(brush: Brush, pose: q.Pose, coat: str, collar: Colour) -> None:
    fur, belly, ear = COATS[coat]
    frame = q.pose_frame(BUILD, pose)
    q.draw_far_legs(brush, BUILD, pose, frame, fur)
    _draw_tail(brush.at(*frame.tail, turn=180 - frame.tail_turn), fur)
    q.draw_trunk(brush, BUILD, frame, fur, belly)
    if coat == "spotted":
        _draw_spots(brush, frame, ear)
    q.draw_near_legs(brush, BUILD, pose, frame, fur)
    q.draw_neck(brush, BUILD, frame, fur)
    _draw_collar(brush, frame, collar)
    happy = pose in (q.GALLOP, q.GATHER, q.LEAP, q.BOW)
    _draw_head(brush.at(*frame.head, turn=frame.head_turn), coat, happy=happy, blown=happy)


def _draw_tail(brush: Brush, fur: Colour) -> None:
    brush.limb([(0, 0, 4.2), (11, -2, 4.4), (21, -7, 4.0), (30, -14, 2.2)], fur)


def _draw_spots(brush: Brush, frame: q.Frame, ink: Colour) -> None:
    x, y = frame.back
    brush.blob([(x - 14, y - 6), (x - 9, y), (x - 1, y - 1), (x - 2, y - 8), (x - 9, y - 11)], ink)
    brush.disc((x + 12, y - 5), 4.2, ink, ry=3.4, turn=20)
    brush.disc((x + 6, y - 13), 2.4, ink)
    brush.disc((frame.hip[0] - 4, frame.hip[1] - 1), 3.2, ink)


def _draw_collar(brush: Brush, frame: q.Frame, collar: Colour) -> None:
    (sx, sy), (x, y) = frame.shoulder, frame.head
    cx, cy = sx + (x - sx) * 0.62, sy + (y - sy) * 0.62
    length = max(((x - sx) ** 2 + (y - sy) ** 2) ** 0.5, 1e-6)
    ux, uy = (x - sx) / length, (y - sy) / length
    wide = 8.7
    brush.line([(cx - uy * wide, cy + ux * wide), (cx + uy * wide, cy - ux * wide)], 4.2, collar)


def _draw_head(
    brush: Brush, coat: str, happy: bool = False, blown: bool = False, asleep: bool = False
) -> None:
    """The head in profile; the origin is the middle of the skull."""
    fur, belly, ear = COATS[coat]
    if happy:
        brush.limb([(12, -8, 3), (16, -12, 3.2), (16.5, -15.5, 2.6)], rgb("#ef6f7c"))
    skull = [
        (-10, 4), (-5, 11), (4, 11.5), (9, 6.5), (17, 3.6), (24.5, 3.2), (26.5, -1.5),
        (23, -6.5), (13, -8.5), (5, -10.5), (-6, -9), (-11, -3),
    ]  # fmt: skip
    brush.blob([(float(x), float(y)) for x, y in skull], fur)
    muzzle = mix(fur, belly, 0.75)
    brush.blob([(10, 1), (17, 3), (24, 2.8), (26, -1.5), (22.5, -6.3), (12, -8), (8, -4)], muzzle)
    brush.disc((25, 2.2), 3.1, INK, ry=2.6)
    brush.line([(24, -3), (18, -4.6), (13, -3.4)], 1.1, darker(muzzle, 0.55))
    if coat == "spotted":
        brush.disc((5.5, 4), 5.2, ear, ry=5.6)
    if asleep:
        brush.line([(4, 3.4), (6.5, 2), (9, 3.2)], 1.3, INK if coat != "black" else belly)
    else:
        brush.disc((7, 4), 2.1 if coat not in ("black", "spotted") else 2.6, WHITE)
        brush.disc((7.5, 4), 1.8, INK)
        brush.disc((8.1, 4.8), 0.6, WHITE)
    flap: list[Joint] = [(-4, 8, 3.6), (-9, 3, 5.2), (-10, -6, 5.2), (-7, -11, 3)]
    if blown:
        flap = [(-3, 8.5, 3.6), (-11, 9, 5), (-19, 6, 4.8), (-24, 1, 2.6)]
    brush.limb(flap, ear if coat != "black" else darker(ear, 0.1))


def _draw_sitting(brush: Brush, coat: str, collar: Colour) -> None:
    fur, belly, ear = COATS[coat]
    shade = darker(fur, 0.24)
    brush.limb([(-22, 6, 4.4), (-33, 4.6, 4.4), (-43, 8, 3.8), (-49, 16, 2.2)], fur)
    brush.limb([(13, 34, 6), (15, 18, 4.6), (16, 4, 3.8), (21, 3.4, 3.4)], shade)
    brush.limb([(-14, 13, 13), (-9, 24, 13), (0, 36, 12.2), (8, 46, 10.5)], fur)
    brush.limb([(8, 22, 3), (11, 33, 6.5), (12, 43, 7)], belly)
    if coat == "spotted":
        brush.disc((-10, 33), 5, ear, ry=4, turn=40)
        brush.disc((-17, 20), 3.2, ear)
    brush.limb([(8, 36, 7), (8, 20, 5), (9, 4, 4), (15, 3.6, 3.6)], fur)
    brush.limb([(-14, 14, 12.2), (-5, 13, 9.5), (-2, 6, 5)], lighter(fur, 0.06))
    brush.limb([(-10, 4, 4), (0, 4, 4), (6, 3.6, 3.6)], lighter(fur, 0.06))
    brush.limb([(7, 46, 10), (10, 56, 8.4), (12, 64, 8)], fur)
    brush.line([(1, 54), (18, 52)], 4.2, collar)
    _draw_head(brush.at(13, 67, turn=6), coat, happy=True)


def _draw_sleeping(brush: Brush, coat: str, collar: Colour) -> None:
    fur, belly, ear = COATS[coat]
    brush.limb([(-34, 7, 4.4), (-45, 4, 4.2), (-54, 5, 3), (-59, 9, 2)], fur)
    brush.limb([(18, 6, 5), (34, 4, 4), (45, 3.6, 3.6)], darker(fur, 0.24))
    brush.limb([(-24, 13, 13), (-6, 15.5, 14), (12, 14, 12.5), (24, 12, 9.5)], fur)
    brush.limb([(-8, 5, 3.6), (8, 4.6, 3.8)], belly)
    if coat == "spotted":
        brush.disc((-6, 23), 5.4, ear, ry=4.2, turn=10)
        brush.disc((8, 20), 3, ear)
    brush.limb([(-24, 13, 11), (-15, 10, 9), (-9, 5, 4.6), (2, 4, 4)], lighter(fur, 0.06))
    brush.limb([(18, 8, 6), (32, 4.4, 4.2), (50, 4, 3.9)], fur)
    brush.line([(19, 22), (25, 6)], 4.2, collar)
    _draw_head(brush.at(34, 15, turn=-8), coat, asleep=True)
    draw_snore(brush.at(44, 34))


def _draw_swimming(brush: Brush, coat: str, collar: Colour) -> None:
    """A swimming dog down to the water line, which is y = 0."""
    fur = COATS[coat][0]
    brush.limb([(-30, 4, 3.6), (-40, 9, 3.4), (-47, 16, 2)], fur)
    brush.limb([(-27, -2, 9), (-8, 0, 10.5), (14, 0, 11), (22, 6, 9)], fur)
    brush.limb([(16, 4, 10), (26, 16, 8)], fur)
    brush.line([(15, 17), (29, 10)], 4.2, collar)
    _draw_head(brush.at(29, 22, turn=10), coat, happy=True)
