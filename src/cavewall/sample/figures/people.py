"""People: men, women and children in clothes of many colours."""

from __future__ import annotations

from dataclasses import dataclass

from cavewall.sample.brush import Brush, Point
from cavewall.sample.figures import props
from cavewall.sample.figures.hair import draw_back_hair, draw_hair
from cavewall.sample.figures.poses import POSES, BodyPose, Skeleton, bones_of
from cavewall.sample.palette import CLOTH, HAIR, INK, SKIN, WHITE, Colour, darker, lighter, mix, rgb

TROUSERS: tuple[Colour, ...] = tuple(
    rgb(code) for code in ("#34476e", "#5b4a6b", "#39516b", "#6d5240", "#3d4a4a", "#7a3f4f")
)


@dataclass(frozen=True)
class Person:
    """What somebody looks like."""

    kind: str
    """man, woman, boy or girl."""
    shirt: str
    hair: str
    style: str
    skin: int
    legs: int
    bare: bool
    """In shorts, or a skirt, rather than in long trousers."""
    hat: str | None = None

    @property
    def child(self) -> bool:
        """Whether this is a boy or a girl."""
        return self.kind in ("boy", "girl")

    @property
    def striped(self) -> bool:
        """Whether the shirt has stripes."""
        return self.legs % 3 == 0

    @property
    def dressed(self) -> bool:
        """Whether this person wears a dress."""
        return self.bare and self.kind in ("woman", "girl")

    @property
    def bearded(self) -> bool:
        """Whether this person has a beard."""
        return self.kind == "man" and self.legs % 2 == 1

    @property
    def size(self) -> float:
        """Height against that of an adult."""
        return 0.86 if self.child else 1.0


def draw_person(brush: Brush, who: Person, action: str, pose: int) -> None:
    """A person who does something; ``pose`` picks one of the ways to show it."""
    brush = brush.at(0, 0, who.size)
    if action == "swimming":
        _draw_swimmer(brush, who, pose)
        return
    choices = POSES[action]
    chosen = choices[pose % len(choices)]
    if action == "sleeping":
        _draw_blanket(brush, CLOTH["turquoise" if who.shirt != "turquoise" else "yellow"])
    bones = bones_of(chosen)
    if chosen.lying:
        brush.limb([(bones.head[0] - 6, 4, 5.4), (bones.head[0] + 6, 4, 5)], WHITE)
    draw_body(brush, who, bones, chosen)
    _draw_things(brush, action, pose, bones)


def _draw_things(brush: Brush, action: str, pose: int, bones: Skeleton) -> None:
    hand = bones.arms[0][2]
    if action == "eating":
        draw = (props.draw_apple, props.draw_ice_cream, props.draw_sandwich)[pose % 3]
        draw(brush.at(hand[0] + 3, hand[1] + 2))
    elif action == "sleeping":
        props.draw_snore(brush.at(bones.head[0] + 4, bones.head[1] + 16))
    elif action == "playing" and pose % 2 == 0:
        ankle = bones.legs[0][2]
        props.draw_ball(brush.at(ankle[0] + 17, ankle[1] - 2), 8)
    elif action == "playing":
        props.draw_ball(brush.at(hand[0] + 1, hand[1] + 2), 9)


def draw_body(brush: Brush, who: Person, bones: Skeleton, pose: BodyPose) -> None:
    """The whole person, far side first."""
    skin, shirt = SKIN[who.skin], CLOTH[who.shirt]
    _draw_arm(brush, bones.arms[1], darker(skin, 0.16), darker(shirt, 0.24))
    _draw_leg(brush, who, bones.legs[1], 0.22)
    if not pose.lying:
        draw_back_hair(_head_brush(brush, who, bones), who.style, HAIR[who.hair])
    _draw_leg(brush, who, bones.legs[0], 0.0)
    _draw_torso(brush, who, bones)
    raised = bones.arms[0][2][1] > bones.chest[1] + 6 and not pose.lying
    if raised:
        _draw_arm(brush, bones.arms[0], skin, lighter(shirt, 0.08))
    _draw_head(_head_brush(brush, who, bones), who, asleep=pose.lying)
    if not raised:
        _draw_arm(brush, bones.arms[0], skin, lighter(shirt, 0.08))


def _head_brush(brush: Brush, who: Person, bones: Skeleton) -> Brush:
    grow = 1.22 if who.child else 1.0
    return brush.at(*bones.head, grow, turn=-bones.tilt)


def _draw_arm(
    brush: Brush, joints: tuple[Point, Point, Point], skin: Colour, sleeve: Colour
) -> None:
    (sx, sy), (ex, ey), (hx, hy) = joints
    brush.limb([(sx, sy, 4.2), (ex, ey, 3.5), (hx, hy, 2.9)], skin)
    brush.disc((hx, hy), 3.5, skin)
    middle = (sx + (ex - sx) * 0.72, sy + (ey - sy) * 0.72)
    brush.limb([(sx, sy, 5.2), (*middle, 4.9)], sleeve)


def _draw_leg(brush: Brush, who: Person, joints: tuple[Point, Point, Point], shade: float) -> None:
    (hx, hy), (kx, ky), (ax, ay) = joints
    skin = darker(SKIN[who.skin], shade * 0.7)
    cloth = darker(TROUSERS[who.legs % len(TROUSERS)], shade)
    brush.limb([(hx, hy, 7.2), (kx, ky, 5.2), (ax, ay, 3.6)], skin if who.bare else cloth)
    if who.bare:
        share = 0.85
        brush.limb([(hx, hy, 7.6), (hx + (kx - hx) * share, hy + (ky - hy) * share, 6.6)], cloth)
    length = max(((ax - kx) ** 2 + (ay - ky) ** 2) ** 0.5, 1e-6)
    ux, uy = (ax - kx) / length, (ay - ky) / length
    toe = (ax - uy * 7.0 + ux * 1.0, ay + ux * 7.0 + uy * 1.0)
    shoe = darker(WHITE if who.legs % 2 else rgb("#c9483e"), 0.08 + shade)
    brush.limb([(ax, ay, 3.7), (*toe, 2.7)], shoe)


def _draw_torso(brush: Brush, who: Person, bones: Skeleton) -> None:
    (px, py), (cx, cy) = bones.pelvis, bones.chest
    shirt, skin = CLOTH[who.shirt], SKIN[who.skin]
    neck = (cx + (bones.head[0] - cx) * 0.5, cy + (bones.head[1] - cy) * 0.5)
    brush.limb([(cx, cy - 2, 3.6), (*neck, 3.4)], darker(skin, 0.12))
    wide = 8.4 if who.kind in ("man", "boy") else 7.4

    def along(share: float) -> Point:
        return px + (cx - px) * share, py + (cy - py) * share

    brush.limb(
        [
            (*along(0.02), 7.9),
            (*along(0.4), wide - 0.6),
            (*along(0.72), wide + 0.2),
            (*along(0.92), wide - 2.2),
        ],
        shirt,
    )
    if who.striped:
        for share in (0.3, 0.52, 0.74):
            x, y = along(share)
            ux, uy = (cx - px) / 27, (cy - py) / 27
            stripe = mix(shirt, WHITE, 0.75) if who.shirt != "white" else CLOTH["blue"]
            reach = wide - 1.5
            brush.line(
                [(x - uy * reach, y + ux * reach), (x + uy * reach, y - ux * reach)], 1.7, stripe
            )
    if who.dressed:
        _draw_skirt(brush, bones, shirt)


def _draw_skirt(brush: Brush, bones: Skeleton, shirt: Colour) -> None:
    """The skirt of a dress: it spans the two thighs."""
    (px, py) = bones.pelvis
    for (hx, hy), (kx, ky), _ in (bones.legs[1], bones.legs[0]):
        tip = (hx + (kx - hx) * 0.78, hy + (ky - hy) * 0.78)
        brush.limb([(px, py + 3, 7.8), (hx, hy, 8.4), (*tip, 9.4)], shirt)
    (ax, ay), (bx, by) = bones.legs[0][1], bones.legs[1][1]
    middle = (px + ((ax + bx) / 2 - px) * 0.7, py + ((ay + by) / 2 - py) * 0.7)
    brush.limb([(px, py, 8), (*middle, 9)], shirt)


def _draw_head(brush: Brush, who: Person, asleep: bool = False) -> None:
    """A head turned a little towards us; the origin is its middle."""
    skin = SKIN[who.skin]
    brush.blob(
        [(-8, 1), (-6.5, 7.5), (0, 10), (6.5, 7.6), (8.2, 1.5), (7, -5), (2.5, -9), (-3, -8.4),
         (-7, -4.5)],
        skin,
    )  # fmt: skip
    brush.blob([(7, 2.4), (9.8, -0.9), (7.6, -2)], skin)
    brush.disc((4.2, -3.2), 1.9, mix(skin, rgb("#e4533f"), 0.34), ry=1.4)
    for x in (1.8, 6.2):
        if asleep:
            brush.line([(x - 1.2, 0.8), (x, 0.1), (x + 1.2, 0.8)], 0.8, INK)
        else:
            brush.disc((x, 0.9), 0.95, INK, ry=1.25)
    brush.line([(1.6, -4.9), (3.8, -5.9), (6.2, -4.9)], 0.95, darker(skin, 0.6))
    if who.bearded:
        beard = [
            (-6, -2),
            (-4.5, -7.5),
            (2.5, -10.2),
            (7, -6),
            (7.4, -3.8),
            (3.8, -4.2),
            (-1, -3.6),
        ]
        brush.blob([(float(x), float(y)) for x, y in beard], HAIR[who.hair])
        brush.line([(2.4, -5.4), (4.2, -6.1), (6, -5.4)], 1.1, WHITE)
    draw_hair(brush, who.style, HAIR[who.hair], CLOTH[who.hat] if who.hat else None)
    brush.disc((-3.6, -0.9), 1.9, darker(skin, 0.06), ry=2.3)


def _draw_blanket(brush: Brush, colour: Colour) -> None:
    brush.blob([(-58, 0), (-54, 3.4), (0, 4), (50, 3.4), (56, 0), (50, -5), (-52, -5)], colour)
    for x in (-38, -14, 10, 34):
        brush.line([(x, 2.6), (x - 2, -3.6)], 2.6, mix(colour, WHITE, 0.6))


def _draw_swimmer(brush: Brush, who: Person, pose: int) -> None:
    """A swimmer down to the water line, which is y = 0."""
    skin, shirt = SKIN[who.skin], CLOTH[who.shirt]
    brush.limb([(-44, -1, 3.6), (-30, 2, 4.6), (-20, 3, 6.6)], skin)
    brush.limb([(-26, 0, 6.4), (-10, 2, 8), (6, 3, 8.4)], shirt)
    head = brush.at(19, 13, 1.15 if who.child else 1.0, turn=8)
    far = (6.0, 2.0), (22.0, -2.0), (40.0, 0.0)
    _draw_arm(brush, far, darker(skin, 0.16), darker(shirt, 0.24))
    draw_back_hair(head, "short", HAIR[who.hair])
    _draw_head(head, Person(who.kind, who.shirt, who.hair, "cap", who.skin, 2, True, who.shirt))
    reach = ((4.0, 6.0), (-5.0, 23.0), (9.0, 33.0)) if pose % 2 == 0 else (
        (5.0, 7.0), (13.0, 26.0), (30.0, 32.0))  # fmt: skip
    brush.limb([(*reach[0], 4.6), (*reach[1], 3.7), (*reach[2], 3)], skin)
    brush.disc(reach[2], 3.6, skin)
