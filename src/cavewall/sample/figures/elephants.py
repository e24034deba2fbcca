"""Elephants."""

from __future__ import annotations

from cavewall.sample.brush import Brush, Joint
from cavewall.sample.figures import quadruped as q
from cavewall.sample.palette import INK, WHITE, Colour, darker, lighter, mix, rgb

COATS: dict[str, Colour] = {"grey": rgb("#8f97ab"), "brown": rgb("#a58a7c")}
BUILD = q.Build(
    length=58, height=56, rump=23, waist=24, chest=24,
    thigh=(17, 12, 9.4, 9.6), arm=(13, 10.4, 9.2, 9.6), paw=1.5, neck=20, nape=(20, 15),
    hock=0.22, crook=5,
)  # fmt: skip
POSES = {
    "standing": q.STAND,
    "walking": q.WALK,
    "running": q.Pose(((0.5, 0.14), (-0.35, 0.0)), ((-0.5, 0.1), (0.35, 0.0)), 40, 0, 20, 0.04),
    "eating": q.STAND,
    "playing": q.WALK,
    "bathing": q.STAND,
}
TRUNKS: dict[str, list[Joint]] = {
    "down": [(10, -4, 9), (20, -18, 7.4), (23, -34, 6), (24, -48, 4.8), (31, -55, 4)],
    "curl": [
        (10, -4, 9),
        (21, -16, 7.4),
        (25, -32, 6),
        (34, -42, 5),
        (40, -34, 4.2),
        (36, -29, 3.6),
    ],
    "up": [(10, -2, 9), (24, -8, 7.4), (34, 2, 6), (38, 16, 5), (34, 28, 4.2), (40, 34, 3.6)],
}


def draw_elephant(brush: Brush, action: str, coat: str, pose: int) -> None:
    """An elephant that does something; ``pose`` picks one of the ways to show it."""
    skin = COATS[coat]
    chosen = POSES[action]
    frame = q.pose_frame(BUILD, chosen)
    if action != "bathing":
        q.draw_far_legs(brush, BUILD, chosen, frame, skin)
    x, y = frame.tail
    brush.limb([(x + 6, y + 2, 3), (x - 3, y - 8, 2.2), (x - 5, y - 24, 1.6)], darker(skin, 0.1))
    brush.disc((x - 5, y - 27), 2.2, INK, ry=4)
    q.draw_trunk(brush, BUILD, frame, skin, mix(skin, lighter(skin, 0.3), 0.5))
    if action != "bathing":
        q.draw_near_legs(brush, BUILD, chosen, frame, skin)
        _draw_toes(brush, chosen, frame, skin)
    q.draw_neck(brush, BUILD, frame, skin)
    _draw_head(brush.at(frame.head[0] + 4, frame.head[1] + 4), skin, _trunk_for(action, pose))


def _trunk_for(action: str, pose: int) -> str:
    if action == "eating":
        return "curl"
    if action in ("playing", "running", "bathing"):
        return "up"
    return ("down", "curl", "up")[pose % 3]


def _draw_toes(brush: Brush, pose: q.Pose, frame: q.Frame, skin: Colour) -> None:
    shoulder = (frame.shoulder[0], frame.shoulder[1] - BUILD.chest * 0.25)
    for leg in (
        q.hind_leg(BUILD, frame.hip, pose.hind[0]),
        q.fore_leg(BUILD, shoulder, pose.fore[0]),
    ):
        x, y, r = leg[-1]
        for shift in (0.7, 0.2, -0.3):
            brush.disc((x + r * shift, y - r * 0.62), 2.0, lighter(skin, 0.55), ry=1.8)


def _draw_head(brush: Brush, skin: Colour, trunk: str) -> None:
    joints = TRUNKS[trunk]
    brush.limb([(12, -8, 3.4), (22, -16, 2.8), (32, -16, 0.8)], rgb("#fbf3e0"))
    brush.limb([(-2, 6, 18), (5, 4, 15.5), (9, -3, 11)], skin)
    brush.limb(joints, skin)
    for x, y, r in joints[2:5]:
        brush.line([(x - r * 0.6, y - 0.6), (x + r * 0.4, y + 0.6)], 0.9, darker(skin, 0.22))
    brush.limb([(10, -9, 3.2), (18, -18, 2.8), (27, -20, 0.8)], WHITE)
    brush.disc((10, 8), 2.2, WHITE)
    brush.disc((10.4, 8), 1.7, INK)
    brush.line([(6.6, 12.6), (10, 13.4), (13, 11.8)], 1.1, darker(skin, 0.35))
    ear = [(-3, 18), (-14, 25), (-27, 20), (-31, 4), (-25, -14), (-14, -21), (-6, -14), (-1, 0)]
    brush.blob([(float(x), float(y)) for x, y in ear], darker(skin, 0.14))
    inner = [(-8, 14), (-16, 19), (-24, 14), (-26, 3), (-21, -10), (-14, -14), (-9, -6)]
    brush.blob([(float(x), float(y)) for x, y in inner], mix(skin, rgb("#e6a2a4"), 0.45))
