"""The four-legged body: proportions, poses and the bones between them.

Local units: the ground is y = 0, y grows upwards, the animal looks to the right, and a dog is
some fifty units high at the shoulder.  A pose says where the feet are; two bones of fixed length
find the knee, as they do in the animal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavewall.sample.brush import Brush, Joint, Point
from cavewall.sample.palette import Colour, darker


@dataclass(frozen=True)
class Build:
    """The proportions of a kind of animal."""

    length: float
    """From hip to shoulder."""
    height: float
    """Of hip and shoulder above the ground when it stands."""
    rump: float
    waist: float
    chest: float
    thigh: tuple[float, float, float, float]
    """Radii of the hind leg at hip, knee, hock and foot."""
    arm: tuple[float, float, float, float]
    """Radii of the fore leg at shoulder, elbow, wrist and foot."""
    paw: float
    """How far the toes reach forward."""
    neck: float
    """Length of the neck."""
    nape: tuple[float, float]
    """Radii of the neck at the chest and at the head."""
    hock: float = 0.27
    """The share of the hind leg below the hock."""
    crook: float = 24.0
    """How far the hock sticks out behind, in degrees."""


@dataclass(frozen=True)
class Pose:
    """Where feet and head are; feet in leg lengths, forward of the joint and above the ground."""

    fore: tuple[Point, Point]
    hind: tuple[Point, Point]
    neck: float = 55.0
    head: float = 0.0
    tail: float = 40.0
    lift: float = 0.0
    pitch: float = 0.0
    stretch: float = 1.0


STAND = Pose(((0.03, 0.0), (0.2, 0.0)), ((-0.1, 0.0), (0.12, 0.0)))
WALK = Pose(((0.35, 0.06), (-0.22, 0.0)), ((-0.35, 0.0), (0.3, 0.0)))
GALLOP = Pose(
    ((1.0, 0.42), (0.68, 0.22)), ((-1.0, 0.34), (-0.72, 0.16)), 32, 4, 10, lift=0.16, stretch=1.08
)
GATHER = Pose(
    ((-0.42, 0.16), (0.05, 0.3)), ((0.62, 0.1), (0.3, 0.0)), 38, 2, 25, lift=0.1, stretch=0.9
)
LEAP = Pose(((0.62, 0.86), (0.4, 0.64)), ((-0.78, 0.0), (-0.6, -0.16)), 30, 12, 20, 0.62, 24, 1.04)
BOW = Pose(((0.55, 0.0), (0.75, 0.0)), ((-0.1, 0.0), (0.1, 0.0)), 50, 14, 80, lift=-0.2, pitch=-26)
GRAZE = Pose(((0.12, 0.0), (-0.12, 0.0)), ((-0.15, 0.0), (0.1, 0.0)), -42, -42, -60)
FEED = Pose(((0.2, 0.0), (0.05, 0.0)), ((-0.12, 0.0), (0.1, 0.0)), -22, -30, 30, pitch=-5)


@dataclass(frozen=True)
class Frame:
    """Where the parts of a posed animal are."""

    hip: Point
    shoulder: Point
    back: Point
    """The middle of the back."""
    head: Point
    head_turn: float
    tail: Point
    tail_turn: float


def pose_frame(build: Build, pose: Pose) -> Frame:
    """Place the trunk, the neck and the head of an animal in a pose."""
    half = build.length * pose.stretch / 2
    cos, sin = math.cos(math.radians(pose.pitch)), math.sin(math.radians(pose.pitch))
    middle = build.height * (1 + pose.lift)
    hip = (-half * cos, middle - half * sin)
    shoulder = (half * cos, middle + half * sin)
    neck = math.radians(pose.neck)
    root = (shoulder[0] + build.chest * 0.25, shoulder[1] + build.chest * 0.2)
    head = (root[0] + build.neck * math.cos(neck), root[1] + build.neck * math.sin(neck))
    tail = (hip[0] - build.rump * 0.8, hip[1] + build.rump * 0.45)
    back = ((hip[0] + shoulder[0]) / 2, (hip[1] + shoulder[1]) / 2 + build.waist * 0.7)
    return Frame(hip, shoulder, back, head, pose.head, tail, pose.tail)


def bend(start: Point, end: Point, upper: float, lower: float, side: float) -> Point:
    """The joint of two bones from start to end; ``side`` +1 bends it to the left of the way."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    span = min(max(math.hypot(dx, dy), 1e-6), (upper + lower) * 0.999)
    along = (upper**2 - lower**2 + span**2) / (2 * span)
    out = math.sqrt(max(upper**2 - along**2, 0.0)) * side
    length = max(math.hypot(dx, dy), 1e-6)
    ux, uy = dx / length, dy / length
    return start[0] + ux * along - uy * out, start[1] + uy * along + ux * out


def _toward(start: Point, end: Point, reach: float, turn: float) -> Point:
    """A point ``reach`` from start in the direction of end, turned by degrees."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0]) + math.radians(turn)
    return start[0] + reach * math.cos(angle), start[1] + reach * math.sin(angle)


def _reach(joint: Point, foot: Point, longest: float) -> Point:
    """The foot, drawn in so that the leg can reach it."""
    dx, dy = foot[0] - joint[0], foot[1] - joint[1]
    share = min(1.0, longest / max(math.hypot(dx, dy), 1e-6))
    return joint[0] + dx * share, joint[1] + dy * share


def hind_leg(build: Build, hip: Point, foot: Point) -> list[Joint]:
    """The joints of a hind leg: hip, knee, hock, foot and toes."""
    radii = build.thigh
    bone = build.height - 2 - radii[3]
    foot = _foot(hip, foot, build.height, radii[3], bone * 1.06)
    hock = _toward(foot, hip, bone * build.hock, build.crook)
    half = bone * (1 - build.hock) * 0.54
    knee = bend((hip[0], hip[1] - 2), hock, half, half, 1)
    toe = _toe(build, hock, foot, radii[3], 10)
    return [
        (hip[0], hip[1] - 2, radii[0]),
        (*knee, radii[1]),
        (*hock, radii[2]),
        (*foot, radii[3]),
        (*toe, radii[3] * 0.9),
    ]


def fore_leg(build: Build, shoulder: Point, foot: Point) -> list[Joint]:
    """The joints of a fore leg: shoulder, elbow, wrist, foot and toes."""
    radii = build.arm
    bone = build.height - build.chest * 0.25 - radii[3]
    foot = _foot(shoulder, foot, build.height, radii[3], bone * 1.03)
    wrist = _toward(foot, shoulder, bone * 0.22, 0)
    elbow = bend(shoulder, wrist, bone * 0.41, bone * 0.4, -1)
    toe = _toe(build, wrist, foot, radii[3], -15)
    return [
        (*shoulder, radii[0]),
        (*elbow, radii[1]),
        (*wrist, radii[2]),
        (*foot, radii[3]),
        (*toe, radii[3] * 0.9),
    ]


def _foot(joint: Point, foot: Point, leg: float, sole: float, longest: float) -> Point:
    """The middle of a foot, drawn in so that the leg can reach it."""
    return _reach(joint, (joint[0] + foot[0] * leg, foot[1] * leg + sole), longest)


def _toe(build: Build, ankle: Point, foot: Point, sole: float, turn: float) -> Point:
    """The toes: flat on the ground, or hanging from a foot in the air."""
    if foot[1] - sole > build.height * 0.03:
        return _toward(foot, ankle, -build.paw, turn)
    return foot[0] + build.paw, foot[1]


def draw_far_legs(brush: Brush, build: Build, pose: Pose, frame: Frame, colour: Colour) -> None:
    """The two legs on the far side, in the shade."""
    shade = darker(colour, 0.24)
    inset = build.length * 0.06
    hip = (frame.hip[0] + inset, frame.hip[1])
    shoulder = (frame.shoulder[0] - inset, frame.shoulder[1] - build.chest * 0.25)
    brush.limb(hind_leg(build, hip, pose.hind[1]), shade)
    brush.limb(fore_leg(build, shoulder, pose.fore[1]), shade)


def draw_near_legs(brush: Brush, build: Build, pose: Pose, frame: Frame, colour: Colour) -> None:
    """The two legs on the near side."""
    shoulder = (frame.shoulder[0], frame.shoulder[1] - build.chest * 0.25)
    brush.limb(hind_leg(build, frame.hip, pose.hind[0]), colour)
    brush.limb(fore_leg(build, shoulder, pose.fore[0]), colour)


def draw_trunk(brush: Brush, build: Build, frame: Frame, colour: Colour, belly: Colour) -> None:
    """The trunk from rump to chest with a lighter belly, and the neck up to the head."""
    (hx, hy), (sx, sy) = frame.hip, frame.shoulder
    mx, my = (hx + sx) / 2, (hy + sy) / 2

    def tuck(share: float) -> Point:
        return hx + (sx - hx) * share, hy + (sy - hy) * share

    sag = build.chest - build.waist
    trunk: list[Joint] = [
        (hx - build.rump * 0.15, hy, build.rump),
        (*tuck(0.3), build.waist + (build.rump - build.waist) * 0.35),
        (mx, my + sag * 0.3, build.waist),
        (*tuck(0.78), build.chest * 0.98),
        (sx, sy, build.chest),
    ]
    brush.limb(trunk, colour)
    low = build.waist * 0.72
    brush.limb(
        [
            (*_below(tuck(0.22), low), 0.4),
            (*_below(tuck(0.5), low), build.waist * 0.26),
            (*_below(tuck(0.8), build.chest * 0.6), build.chest * 0.36),
            (*_below(tuck(1.08), build.chest * 0.3), build.chest * 0.3),
        ],
        belly,
    )


def draw_neck(brush: Brush, build: Build, frame: Frame, colour: Colour) -> None:
    """The neck from chest to head."""
    (sx, sy), (x, y) = frame.shoulder, frame.head
    root = (sx + build.chest * 0.1, sy + build.chest * 0.15)
    middle = ((root[0] + x) / 2, (root[1] + y) / 2)
    wide, slim = build.nape
    brush.limb([(*root, wide), (*middle, (wide + slim) / 2 * 0.95), (x, y, slim)], colour)


def _below(point: Point, drop: float) -> Point:
    return point[0], point[1] - drop
