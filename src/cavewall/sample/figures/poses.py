"""The human skeleton: poses as joint angles, and where they put the joints.

Angles are degrees from straight down, positive forwards (to the right); knees bend backwards and
elbows forwards.  A standing adult is a hundred units high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavewall.sample.brush import Point

THIGH, SHIN, SPINE, UPPER_ARM, FOREARM, NECK = 24.0, 23.0, 27.0, 16.5, 15.0, 12.5


@dataclass(frozen=True)
class Limb:
    """Two bones: the angle of the first, and how far the joint between them bends."""

    swing: float
    bend: float


@dataclass(frozen=True)
class BodyPose:
    """Angles of trunk and limbs; near limbs come first."""

    legs: tuple[Limb, Limb]
    arms: tuple[Limb, Limb]
    lean: float = 0.0
    nod: float = 0.0
    lift: float = 0.0
    """How far the lowest point is above the ground."""
    lying: bool = False


POSES: dict[str, list[BodyPose]] = {
    "standing": [
        BodyPose((Limb(6, 4), Limb(-6, 2)), (Limb(-8, 14), Limb(12, 18))),
        BodyPose((Limb(8, 6), Limb(-5, 2)), (Limb(150, 12), Limb(-14, 20))),
    ],
    "walking": [BodyPose((Limb(26, 6), Limb(-20, 22)), (Limb(-26, 18), Limb(26, 26)), 3)],
    "running": [
        BodyPose((Limb(64, 68), Limb(-30, 34)), (Limb(-56, 82), Limb(44, 88)), 13, 0, 5),
        BodyPose((Limb(-36, 62), Limb(58, 40)), (Limb(58, 84), Limb(-50, 78)), 15, 0, 4),
    ],
    "jumping": [
        BodyPose((Limb(46, 78), Limb(-34, 62)), (Limb(122, 24), Limb(-118, -26)), 0, 0, 24),
        BodyPose((Limb(82, 36), Limb(-58, 42)), (Limb(128, 12), Limb(-112, -20)), 8, 0, 22),
    ],
    "sitting": [
        BodyPose((Limb(135, 110), Limb(142, 114)), (Limb(72, 26), Limb(58, 22)), -7),
        BodyPose((Limb(94, 14), Limb(116, 84)), (Limb(-32, -8), Limb(-22, 0)), -16),
    ],
    "eating": [
        BodyPose((Limb(135, 110), Limb(142, 114)), (Limb(36, 118), Limb(40, 40)), -5, 4),
        BodyPose((Limb(94, 14), Limb(116, 84)), (Limb(36, 118), Limb(-30, 0)), -10, 4),
    ],
    "sleeping": [
        BodyPose((Limb(92, 6), Limb(128, 88)), (Limb(76, 14), Limb(-78, -20)), -90, lying=True),
    ],
    "playing": [
        BodyPose((Limb(62, 4), Limb(-18, 14)), (Limb(-48, 16), Limb(70, 24)), -12, 0, 0),
        BodyPose((Limb(14, 12), Limb(-16, 14)), (Limb(160, 8), Limb(148, 14)), -3, -6, 3),
    ],
    "riding": [
        BodyPose((Limb(62, 62), Limb(34, 62)), (Limb(62, 8), Limb(66, 10)), 26, -8),
    ],
}


@dataclass(frozen=True)
class Skeleton:
    """The joints of a posed person, feet on the ground or above it."""

    pelvis: Point
    chest: Point
    head: Point
    legs: tuple[tuple[Point, Point, Point], tuple[Point, Point, Point]]
    """Hip, knee and ankle of each leg, the near one first."""
    arms: tuple[tuple[Point, Point, Point], tuple[Point, Point, Point]]
    """Shoulder, elbow and hand of each arm, the near one first."""
    tilt: float
    """How far the head leans back, in degrees."""


def _step(start: Point, length: float, angle: float) -> Point:
    """The point ``length`` away at an angle from straight down."""
    turn = math.radians(angle)
    return start[0] + length * math.sin(turn), start[1] - length * math.cos(turn)


def _bones(
    start: Point, limb: Limb, upper: float, lower: float, way: float
) -> tuple[Point, Point, Point]:
    middle = _step(start, upper, limb.swing)
    return start, middle, _step(middle, lower, limb.swing + way * limb.bend)


def bones_of(pose: BodyPose, sole: float = 3.4) -> Skeleton:
    """Place the joints of a pose so that its lowest part touches the ground, or is lifted."""
    pelvis: Point = (0.0, 0.0)
    chest = _step(pelvis, SPINE, 180 - pose.lean)
    shoulder = _step(pelvis, SPINE - 3.5, 180 - pose.lean)
    head = _step(chest, NECK, 180 - pose.lean - pose.nod)
    near, far = (_bones(pelvis, leg, THIGH, SHIN, -1) for leg in pose.legs)
    arms = tuple(_bones(shoulder, arm, UPPER_ARM, FOREARM, 1) for arm in pose.arms)
    low = min(near[2][1] - sole, far[2][1] - sole, pelvis[1] - 7.0, chest[1] - 8.0)
    rise = pose.lift - low

    def up(point: Point) -> Point:
        return point[0], point[1] + rise

    def up3(chain: tuple[Point, Point, Point]) -> tuple[Point, Point, Point]:
        return up(chain[0]), up(chain[1]), up(chain[2])

    return Skeleton(
        up(pelvis), up(chest), up(head), (up3(near), up3(far)), (up3(arms[0]), up3(arms[1])),
        pose.lean * (1.0 if pose.lying else 0.45) + pose.nod,
    )  # fmt: skip
