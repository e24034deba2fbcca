"""A brush that puts smooth shapes on a picture, in coordinates that suit the thing drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cavewall.sample.palette import Colour, mix

Point: TypeAlias = tuple[float, float]
Joint: TypeAlias = tuple[float, float, float]
"""A point on a limb's middle line and the limb's radius there."""
Floats: TypeAlias = NDArray[np.float64]

_STEPS = 7


@lru_cache(maxsize=4)
def _catmull_rom(steps: int) -> Floats:
    """Weights of four neighbouring control points along the span between the middle two."""
    t = np.arange(steps) / steps
    return 0.5 * np.stack(
        [
            -t + 2 * t**2 - t**3,
            2 - 5 * t**2 + 3 * t**3,
            t + 4 * t**2 - 3 * t**3,
            -(t**2) + t**3,
        ],
        axis=1,
    )


def smooth(points: Sequence[Sequence[float]], closed: bool, steps: int = _STEPS) -> Floats:
    """Points along the spline through the given ones; extra columns (a radius) come along."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([knots[:1], knots, knots[-1:]])
    spans = len(padded) - 3
    windows = np.stack([padded[i : i + spans] for i in range(4)], axis=1)
    curve = np.einsum("sk,nkd->nsd", _catmull_rom(steps), windows).reshape(-1, knots.shape[1])
    return curve if closed else np.concatenate([curve, knots[-1:]])


@dataclass(frozen=True)
class Brush:
    """Draws on one picture through an affine map, its colours tinted by the light of the scene."""

    image: Image.Image
    matrix: tuple[float, float, float, float, float, float]
    tint: Colour = (0, 0, 0)
    strength: float = 0.0

    @classmethod
    def on(cls, image: Image.Image, scale: float) -> Brush:
        """A brush in picture coordinates (y grows downwards), ``scale`` pixels to a unit."""
        return cls(image, (scale, 0.0, 0.0, 0.0, scale, 0.0))

    def lit(self, tint: Colour, strength: float) -> Brush:
        """The same brush with its colours drawn towards the colour of the light."""
        return replace(self, tint=tint, strength=strength)

    def at(
        self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, mirror: bool = False
    ) -> Brush:
        """A brush whose origin is moved, then turned (degrees), scaled and perhaps mirrored."""
        cos = math.cos(math.radians(turn)) * scale
        sin = math.sin(math.radians(turn)) * scale
        flip = -1.0 if mirror else 1.0
        return self._after((cos * flip, -sin, x, sin * flip, cos, y))

    def upright(self) -> Brush:
        """The same brush with y growing upwards, as figures are described."""
        return self._after((1.0, 0.0, 0.0, 0.0, -1.0, 0.0))

    def _after(self, inner: tuple[float, float, float, float, float, float]) -> Brush:
        a, b, c, d, e, f = self.matrix
        p, q, r, s, t, u = inner
        outer = (
            a * p + b * s,
            a * q + b * t,
            a * r + b * u + c,
            d * p + e * s,
            d * q + e * t,
            d * r + e * u + f,
        )
        return replace(self, matrix=outer)

    @property
    def scale(self) -> float:
        """Pixels to a local unit."""
        a, b, _, d, e, _ = self.matrix
        return math.sqrt(abs(a * e - b * d))

    @property
    def mirrored(self) -> bool:
        """Whether an upright brush has left and right exchanged."""
        a, b, _, d, e, _ = self.matrix
        return a * e - b * d > 0

    def polygon(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0) -> None:
        """A shape with straight edges."""
        self._fill(self._pixels(np.asarray(points, dtype=np.float64)), fill, alpha)

    def blob(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0) -> None:
        """A closed shape with a smooth outline through the points."""
        self._fill(self._pixels(smooth(points, closed=True)), fill, alpha)

    def disc(
        self,
        centre: Point,
        rx: float,
        fill: Colour,
        ry: float | None = None,
        turn: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        """A circle, or an ellipse turned by some degrees."""
        angles = np.linspace(0.0, 2 * math.pi, 40, endpoint=False)
        x, y = np.cos(angles) * rx, np.sin(angles) * (rx if ry is None else ry)
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        ring = np.stack([centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos], axis=1)
        self._fill(self._pixels(ring), fill, alpha)

    def limb(self, joints: Sequence[Joint], fill: Colour) -> None:
        """A rounded limb through joints, thick as their radii say."""
        curve = smooth(joints, closed=False)
        pixels = self._pixels(curve[:, :2])
        radii = np.maximum(curve[:, 2], 0.05) * self.scale
        pen, colour = ImageDraw.Draw(self.image), self._colour(fill)
        steps = np.diff(pixels, axis=0)
        lengths = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-6)
        normals = np.stack([-steps[:, 1], steps[:, 0]], axis=1) / lengths[:, None]
        left, right = radii[:-1, None] * normals, radii[1:, None] * normals
        starts, ends = pixels[:-1], pixels[1:]
        quads = np.stack([starts + left, ends + right, ends - right, starts - left], axis=1)
        for quad in quads.reshape(-1, 8).tolist():
            pen.polygon(quad, fill=colour)
        boxes = np.concatenate([pixels - radii[:, None], pixels + radii[:, None]], axis=1)
        for box in boxes.tolist():
            pen.ellipse(box, fill=colour)

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A smooth line of one width with round ends."""
        self.limb([(x, y, width / 2) for x, y in points], fill)

    def stroke(self, points: Sequence[Point], width: float, fill: Colour, alpha: float) -> None:
        """A see-through line, smooth, pointed at both ends: wind, dust, glints on water."""
        curve = smooth(points, closed=False)
        swell = np.sin(np.linspace(0.0, math.pi, len(curve))) * width / 2
        steps = np.gradient(curve, axis=0)
        lengths = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-6)
        normals = np.stack([-steps[:, 1], steps[:, 0]], axis=1) / lengths[:, None]
        offset = normals * swell[:, None]
        outline = np.concatenate([curve + offset, (curve - offset)[::-1]])
        self._fill(self._pixels(outline), fill, alpha)

    def shaded(self, points: Sequence[Point], top: Colour, bottom: Colour) -> None:
        """A smooth closed shape filled from one colour at its top to another at its bottom."""
        pixels = self._pixels(smooth(points, closed=True))
        width, height = self.image.size
        low = np.clip(np.floor(pixels.min(axis=0)), 0, (width, height)).astype(int)
        high = np.clip(np.ceil(pixels.max(axis=0)), 0, (width, height)).astype(int)
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) <= 0:
            return
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon((pixels - low).ravel().tolist(), fill=255)
        fill = gradient(size, self._colour(top), self._colour(bottom))
        self.image.paste(fill, (int(low[0]), int(low[1])), mask)

    def _pixels(self, points: Floats) -> Floats:
        a, b, c, d, e, f = self.matrix
        x, y = points[:, 0], points[:, 1]
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)

    def _colour(self, fill: Colour) -> Colour:
        return mix(fill, self.tint, self.strength) if self.strength else fill

    def _fill(self, pixels: Floats, fill: Colour, alpha: float) -> None:
        flat: list[Any] = pixels.ravel().tolist()
        if alpha >= 1.0:
            ImageDraw.Draw(self.image).polygon(flat, fill=self._colour(fill))
        else:
            colour = (*self._colour(fill), round(alpha * 255))
            ImageDraw.Draw(self.image, "RGBA").polygon(flat, fill=colour)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A picture that runs from one colour to another from top to bottom."""
    share = np.linspace(0.0, 1.0, size[1])[:, None]
    rows = np.asarray(top) * (1 - share) + np.asarray(bottom) * share
    column = Image.fromarray(np.rint(rows).astype(np.uint8)[:, None, :])
    return column.resize(size, Image.Resampling.NEAREST)
