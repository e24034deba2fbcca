"""The stage: puts the subject into its place and draws the picture."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

from cavewall.sample import effects
from cavewall.sample.brush import Brush, smooth
from cavewall.sample.cast import draw_figure
from cavewall.sample.land import Place, View
from cavewall.sample.palette import SHADE
from cavewall.sample.places import PLACES
from cavewall.sample.plants import draw_branch
from cavewall.sample.scenes import Scene
from cavewall.sample.sky import HEIGHT, WIDTH, draw_sky

_OVERSAMPLING = 3

_SIZES: dict[str, float] = {
    "dog": 1.5, "cat": 1.7, "human": 1.5, "horse": 1.2, "bird": 1.5, "boat": 1.25, "car": 1.32,
    "bicycle": 1.6, "elephant": 1.2, "cow": 1.32, "sheep": 1.5, "fish": 1.6,
}  # fmt: skip
_SPREAD: dict[str, float] = {
    "horse": 112,
    "elephant": 118,
    "cow": 112,
    "bird": 92,
    "fish": 100,
    "dog": 104,
}
"""How far apart several of the same stand."""
_SPREAD_OUT = {"", "snowflakes", "flowers", "fence", "path", "sunbeams", "mountains", "mushrooms"}
"""Features that a closer view keeps in the picture."""
_CLOSEST = {"horse": 1.12, "elephant": 1.08, "boat": 1.2, "car": 1.14, "human": 1.3}
_GROUPS = {1: 1.0, 2: 0.78, 3: 0.66}
_RESIZED = {
    ("human", "riding"): 1.02, ("human", "walking"): 1.08, ("human", "sitting"): 1.16,
    ("human", "eating"): 1.16, ("human", "swimming"): 1.14,
    ("human", "jumping"): 0.92, ("human", "playing"): 0.9, ("bird", "standing"): 1.15,
    ("dog", "sitting"): 1.12, ("dog", "sleeping"): 1.12, ("dog", "swimming"): 1.15,
}  # fmt: skip
_AFLOAT = {("dog", "swimming"), ("human", "swimming"), ("bird", "swimming"),
           ("boat", "sailing"), ("elephant", "standing"), ("fish", "jumping")}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """Where one of the subjects stands, and how large."""

    x: float
    y: float
    size: float
    mirror: bool


def draw_scene(scene: Scene) -> Image.Image:
    """The finished picture of a scene."""
    rng = Random(scene.seed + " drawing")
    scale = _OVERSAMPLING
    image = Image.new("RGB", (WIDTH * scale, HEIGHT * scale))
    plain = Brush.on(image, scale)
    place = PLACES["underwater" if scene.kind == "underwater" else scene.place]
    sky = draw_sky(plain, scene.light, rng, place.horizon, place.clouds)
    view = View(sky.land_brush(plain), sky, rng, scene.feature, scene.side)
    place.back(view)
    spots = _spots(scene, place, rng)
    for number, spot in enumerate(spots):
        _draw_subject(scene, view, plain, spot, number)
    place.front(view)
    return _framed(image, scene, spots[-1], rng)


def _framed(image: Image.Image, scene: Scene, spot: Spot, rng: Random) -> Image.Image:
    """Reduce the drawing; where nothing stands at its side, some pictures are closer views."""
    alone = scene.count == 1 and scene.feature in _SPREAD_OUT
    tall = scene.subject == "human" and scene.action in ("playing", "jumping")
    if not alone or tall or rng.random() < 0.25:
        return image.reduce(_OVERSAMPLING)
    zoom = rng.uniform(1.06, _CLOSEST.get(scene.subject, 1.25))
    wide, high = WIDTH / zoom, HEIGHT / zoom
    left = min(max(spot.x - wide * rng.uniform(0.44, 0.56), 0), WIDTH - wide)
    top = min(max(spot.y - high * rng.uniform(0.78, 0.9), 0), HEIGHT - high)
    box = (left, top, left + wide, top + high)
    scaled = tuple(edge * _OVERSAMPLING for edge in box)
    return image.resize(
        (WIDTH, HEIGHT), Image.Resampling.BOX, box=(scaled[0], scaled[1], scaled[2], scaled[3])
    )


def _spots(scene: Scene, place: Place, rng: Random) -> list[Spot]:
    """Where the subjects go: beside the feature, nearer ones lower and last."""
    size = _SIZES[scene.subject] * _GROUPS[scene.count] * rng.uniform(0.92, 1.08)
    size *= _RESIZED.get((scene.subject, scene.action), 1.0)
    if scene.kind == "rowing":
        size *= 1.3
    low, high = place.ground
    y = rng.uniform(low, high)
    if scene.action == "flying":
        y = rng.uniform(92, 136) if scene.place != "sky" else rng.uniform(108, 150)
    elif scene.subject == "bird" and scene.action == "sitting":
        y = rng.uniform(150, 168)
    x = WIDTH / 2 - scene.side * rng.uniform(14, 42)
    mirror = rng.random() < 0.5
    gap = _SPREAD.get(scene.subject, 92) * (0.92 if scene.count == 3 else 1.1)
    spots = []
    for i in range(scene.count):
        shift = (i - (scene.count - 1) / 2) * gap
        middle = x if scene.count == 1 else WIDTH / 2
        drop = (-13 if i % 2 == 0 else 9) * (1.6 if scene.action == "flying" else 0.6)
        spots.append(Spot(middle + shift, y + (drop if scene.count > 1 else 0), size, mirror))
    return sorted(spots, key=lambda spot: spot.y)


def _draw_subject(scene: Scene, view: View, plain: Brush, spot: Spot, number: int) -> None:
    sky = view.sky
    brush = sky.figure_brush(plain).at(spot.x, spot.y, spot.size, mirror=spot.mirror).upright()
    if (scene.subject, scene.action) in _AFLOAT and scene.place == "water":
        _draw_afloat(scene, view, plain, brush, spot, number)
        return
    if scene.subject == "bird" and scene.action == "sitting":
        draw_branch(view.brush.at(spot.x, spot.y, mirror=spot.mirror), view.rng)
    elif scene.action not in ("flying", "swimming"):
        _draw_shadow(scene, view.brush.at(spot.x, spot.y, spot.size, mirror=spot.mirror))
    effects.behind(scene, view, brush)
    draw_figure(scene, brush, number)
    effects.before(scene, view, brush)


def _draw_shadow(scene: Scene, brush: Brush) -> None:
    """A soft shadow on the ground, paler under what is in the air."""
    half, middle = _FOOTPRINTS.get((scene.subject, scene.action), _FOOTPRINTS[scene.subject, ""])
    alpha = 0.07 if scene.action == "jumping" else 0.1
    for share in (1.0, 0.82, 0.62):
        brush.disc((middle, 1), half * share, SHADE, ry=max(3.0, half * 0.11) * share, alpha=alpha)


_FOOTPRINTS: dict[tuple[str, str], tuple[float, float]] = {
    ("dog", ""): (44, 2), ("dog", "sitting"): (36, -6), ("dog", "sleeping"): (58, 4),
    ("cat", ""): (38, 2), ("cat", "sitting"): (30, -4), ("cat", "sleeping"): (38, 0),
    ("human", ""): (26, 2), ("human", "sleeping"): (58, -2), ("human", "riding"): (48, 0),
    ("human", "sitting"): (34, 14), ("human", "eating"): (34, 14),
    ("horse", ""): (52, 2), ("horse", "running"): (66, 4), ("bird", ""): (28, 0),
    ("boat", ""): (50, 0), ("car", ""): (66, 0), ("bicycle", ""): (50, 0),
    ("elephant", ""): (62, 2), ("cow", ""): (56, 2), ("sheep", ""): (38, 0), ("fish", ""): (30, 0),
}  # fmt: skip
"""Half the width and the middle of the shadow."""


def _draw_afloat(
    scene: Scene, view: View, plain: Brush, brush: Brush, spot: Spot, number: int
) -> None:
    """Draw the subject, then put the water back over what is below the water line."""
    image = plain.image
    depth = {"elephant": 26.0, "fish": -34.0}.get(scene.subject, 0.0)
    line = spot.y - 2
    below = image.copy()
    effects.mirror_in_water(view, spot, line)
    draw_figure(scene, brush.at(0, -depth), number)
    wave = [(spot.x - 170 + i * 17, line + (1.3 if i % 2 else -1.3)) for i in range(21)]
    crest = smooth(wave, closed=False)
    scale = _OVERSAMPLING
    outline = [(x * scale, y * scale) for x, y in crest.tolist()]
    outline += [((spot.x + 170) * scale, HEIGHT * scale), ((spot.x - 170) * scale, HEIGHT * scale)]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    image.paste(below, (0, 0), mask)
    effects.splash(scene, view, spot, line)
