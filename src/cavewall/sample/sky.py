"""The sky at day, at sunset and at night, and the light it throws on things."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from cavewall.sample.brush import Brush, gradient
from cavewall.sample.palette import WHITE, Colour, mix, rgb

WIDTH, HEIGHT = 384, 256
"""The size of a picture in its own units; one unit is one pixel of the finished picture."""


@dataclass(frozen=True)
class Light:
    """A time of day: skies to choose from, and how far things take on the colour of its light."""

    skies: tuple[tuple[str, str], ...]
    tint: Colour
    ground: float
    """How strongly the land is tinted."""
    figure: float
    """How strongly what stands on it is tinted: less, so that it stands out."""


LIGHTS: dict[str, Light] = {
    "day": Light(
        (("#58b1e6", "#d9f2f1"), ("#7cc8ea", "#fdf1d3"), ("#86d2d6", "#f3f6dc"),
         ("#6aa9e4", "#e2ecfa")),
        rgb("#fff3d8"), 0.0, 0.0,
    ),
    "sunset": Light(
        (("#5f4b9b", "#ffab7a"), ("#ef6a6d", "#ffdb94"), ("#3f5a9e", "#fbb38f"),
         ("#c05a92", "#ffc77f")),
        rgb("#ef8a5a"), 0.24, 0.08,
    ),
    "night": Light(
        (("#141d55", "#5169b4"), ("#201852", "#7460b0"), ("#0f2852", "#3f83a2")),
        rgb("#3446a4"), 0.55, 0.04,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Sky:
    """The sky of one picture."""

    light: str
    top: Colour
    bottom: Colour

    @property
    def land(self) -> float:
        """How strongly the land is tinted."""
        return LIGHTS[self.light].ground

    def land_brush(self, brush: Brush) -> Brush:
        """A brush for the land in this light."""
        return brush.lit(LIGHTS[self.light].tint, LIGHTS[self.light].ground)

    def figure_brush(self, brush: Brush) -> Brush:
        """A brush for what stands on the land in this light."""
        return brush.lit(LIGHTS[self.light].tint, LIGHTS[self.light].figure)

    def haze(self, colour: Colour, distance: float) -> Colour:
        """A colour seen from afar; ``distance`` 0 is near, 1 is the horizon."""
        return mix(colour, self.bottom, distance)


def draw_sky(brush: Brush, light: str, rng: Random, horizon: float, clouds: int) -> Sky:
    """Paint the whole sky down to the lower edge and say what it was."""
    top, bottom = (rgb(code) for code in rng.choice(LIGHTS[light].skies))
    sky = Sky(light, top, bottom)
    width, height = brush.image.size
    reach = min(height, round(height * (horizon + 24) / HEIGHT))
    brush.image.paste(bottom, (0, 0, width, height))
    brush.image.paste(gradient((width, reach), top, bottom), (0, 0))
    if light == "night":
        _draw_stars(brush, rng, horizon)
        _draw_moon(brush, rng, sky)
    else:
        _draw_sun(brush, rng, sky, horizon)
    for _ in range(clouds):
        x, y = rng.uniform(10, WIDTH - 10), rng.uniform(18, max(30.0, horizon - 44))
        _draw_cloud(brush.at(x, y, rng.uniform(0.55, 1.15)), rng, sky)
    return sky


def _draw_stars(brush: Brush, rng: Random, horizon: float) -> None:
    for _ in range(48):
        x, y = rng.uniform(2, WIDTH - 2), rng.uniform(3, horizon - 6)
        size = rng.choice((0.5, 0.6, 0.8, 1.1))
        brush.disc((x, y), size, rgb("#fff4cf"), alpha=rng.uniform(0.5, 0.99))
    for _ in range(3):
        x, y = rng.uniform(10, WIDTH - 10), rng.uniform(8, horizon * 0.6)
        for turn in (0, 90):
            spark = brush.at(x, y, turn=turn)
            spark.polygon([(-4, 0), (0, -0.8), (4, 0), (0, 0.8)], rgb("#fff8e0"))


def _draw_glow(brush: Brush, radius: float, colour: Colour, alpha: float) -> None:
    for share in (3.6, 2.7, 2.0, 1.45):
        brush.disc((0, 0), radius * share, colour, alpha=alpha)


def _draw_moon(brush: Brush, rng: Random, sky: Sky) -> None:
    moon = brush.at(rng.choice((rng.uniform(34, 110), rng.uniform(274, 350))), rng.uniform(34, 60))
    radius = rng.uniform(13, 18)
    _draw_glow(moon, radius, rgb("#cfd8ff"), 0.07)
    moon.disc((0, 0), radius, rgb("#fdf3cf"))
    if rng.random() < 0.5:
        shade = mix(sky.top, sky.bottom, 0.3)
        moon.disc((radius * 0.46, -radius * 0.16), radius * 0.86, shade)
    else:
        for x, y, size in ((-0.35, -0.3, 0.2), (0.3, 0.1, 0.28), (-0.2, 0.45, 0.16)):
            moon.disc((x * radius, y * radius), size * radius, rgb("#ecdfb4"))


def _draw_sun(brush: Brush, rng: Random, sky: Sky, horizon: float) -> None:
    low = sky.light == "sunset"
    y = rng.uniform(horizon - 26, horizon - 4) if low else rng.uniform(30, 62)
    x = rng.uniform(60, WIDTH - 60) if low else rng.choice(
        (rng.uniform(32, 110), rng.uniform(274, 352)))  # fmt: skip
    sun = brush.at(x, y)
    radius = rng.uniform(24, 32) if low else rng.uniform(13, 19)
    colour = rgb("#ffe7a3") if low else rgb("#fff3c4")
    _draw_glow(sun, radius, colour, 0.13 if low else 0.16)
    sun.disc((0, 0), radius, mix(colour, WHITE, 0.2))


def _draw_cloud(brush: Brush, rng: Random, sky: Sky) -> None:
    """A flat-bottomed cloud of several puffs, lighter above."""
    white = {"day": WHITE, "sunset": rgb("#ffd9c2"), "night": rgb("#7d86c4")}[sky.light]
    veil = {"day": 0.06, "sunset": 0.16, "night": 0.55}[sky.light]
    air = mix(sky.top, sky.bottom, 0.5)
    count = rng.randint(4, 5)
    puffs = [
        (-27 + 54 * i / (count - 1), 7 + 8 * math.sin(math.pi * (i + 0.6) / (count + 0.2)))
        for i in range(count)
    ]
    for colour, rise in ((mix(white, air, veil + 0.16), 0.0), (mix(white, air, veil), 2.4)):
        brush.limb([(-34, 0 - rise, 5.6), (34, 0 - rise, 5.6)], colour)
        for x, radius in puffs:
            brush.disc((x, 3 - radius * 0.7 - rise), radius, colour)
