"""The places with water: the beach, the lake and the sea below its surface."""

from __future__ import annotations

import math

from cavewall.sample import plants, town
from cavewall.sample.land import View, glints, ground, hills, peaks, ridge, water
from cavewall.sample.palette import CLOTH, WHITE, darker, lighter, mix, rgb
from cavewall.sample.sky import HEIGHT, WIDTH


def draw_beach(view: View) -> None:
    """The sea, and the sand before it."""
    brush, rng = view.brush, view.rng
    if rng.random() < 0.6:
        x = rng.uniform(40, 340)
        isle = [(x - 70, 129.0), (x - 40, 119.0), (x - 8, 110.0), (x + 30, 118.0), (x + 72, 129.0)]
        brush.blob([*isle, (x, 134.0)], view.sky.haze(rgb("#5f9c86"), 0.5))
    water(view, 126, rgb("#2fa4bd"))
    glints(view, 130, 168, 18)
    sand = rng.choice((rgb("#f3d393"), rgb("#efcb8c"), rgb("#f6dcae")))
    shore = ridge(rng, 172, 5, 5)
    brush.shaded([(x, y - 4) for x, y in shore], WHITE, WHITE)
    brush.shaded(shore, darker(sand, 0.14), sand)
    brush.shaded([(x, y + 7) for x, y in shore], lighter(sand, 0.2), darker(sand, 0.07))
    for _ in range(26):
        x, y = rng.uniform(0, WIDTH), rng.uniform(192, HEIGHT)
        brush.disc((x, y), rng.uniform(0.6, 1.3), darker(sand, 0.25), ry=0.7)
    for _ in range(3):
        x, y = rng.uniform(0, WIDTH), rng.uniform(196, 250)
        brush.stroke([(x - 40, y), (x - 10, y - 3), (x + 30, y + 1)], 2.2, darker(sand, 0.2), 0.5)
    if view.feature == "palm trees":
        plants.draw_palm(brush.at(view.x, 200, 1.25, mirror=view.side > 0), rng)
        plants.draw_palm(brush.at(view.x + view.side * 22, 190, 0.9, mirror=view.side < 0), rng)
    elif view.feature == "parasol":
        town.draw_parasol(
            brush.at(view.x - 6, 204, 1.05), CLOTH[rng.choice(("red", "blue", "orange"))]
        )
    elif view.feature == "sandcastle":
        town.draw_sandcastle(brush.at(view.x, 206, 1.0))


def draw_beach_front(view: View) -> None:
    """Starfish on the sand."""
    star = rgb("#ee7f5c")
    for _ in range(view.rng.randint(1, 2)):
        spot = view.brush.at(view.rng.uniform(14, WIDTH - 14), view.rng.uniform(240, 250),
                             view.rng.uniform(0.8, 1.2), turn=view.rng.uniform(0, 70))  # fmt: skip
        for arm in range(5):
            angle = arm * 2 * math.pi / 5
            spot.limb([(0, 0, 2.2), (6 * math.cos(angle), 4.4 * math.sin(angle), 0.8)], star)


def draw_lake(view: View) -> None:
    """Water from a far shore to our feet."""
    brush, rng = view.brush, view.rng
    if view.feature == "mountains":
        peaks(view, 122, rgb("#7f93b8"), 0.35)
    if view.feature in ("mountains", "reeds", "trees"):
        hills(view, rgb("#6fae85"), 118, 7, 0.35)
    if view.feature == "trees":
        for _ in range(12):
            tree = brush.at(rng.uniform(0, WIDTH), rng.uniform(124, 132), rng.uniform(0.42, 0.7))
            plants.draw_fir(tree, view.sky.haze(rgb("#3f8068"), 0.15))
    water(view, 130, rng.choice((rgb("#3793c9"), rgb("#2f9fb0"), rgb("#3f86c4"))))
    glints(view, 136, 240, 30)
    if view.feature == "reeds":
        plants.draw_reeds(brush.at(view.x, 206, 1.4), rng)
        plants.draw_reeds(brush.at(view.x + view.side * 22, 216, 1.2), rng)


def draw_lake_front(view: View) -> None:
    """Nearer waves: they hide what is under water."""
    glints(view, 226, 254, 7)


def draw_deep(view: View) -> None:
    """Under water, where fish swim."""
    brush, rng = view.brush, view.rng
    top, bottom = {"day": ("#4cc3d9", "#14689c"), "sunset": ("#3fa3b8", "#274f8c"),
                   "night": ("#2a6fa0", "#101f58")}[view.sky.light]  # fmt: skip
    plain = brush.lit((0, 0, 0), 0.0)
    edge = [
        (-40.0, -40.0),
        (WIDTH + 40.0, -40.0),
        (WIDTH + 40.0, HEIGHT + 40.0),
        (-40.0, HEIGHT + 40.0),
    ]
    plain.shaded(edge, rgb(top), rgb(bottom))
    for i in range(5):
        x = 20 + i * 84 + rng.uniform(-20, 20)
        plain.polygon([(x, -5), (x + 24, -5), (x - 30, 256), (x - 90, 256)], WHITE, alpha=0.09)
    hills(view, rgb("#3f88a8"), 196, 16, 0.0)
    ground(view, rgb("#e3c98c"), 228, 5)
    for _ in range(9):
        x, high = rng.uniform(0, WIDTH), rng.uniform(30, 78)
        weed = mix(rgb("#2f8f6b"), rgb("#8cc05a"), rng.random())
        brush.limb([(x, 250, 3.4), (x + 7, 250 - high * 0.35, 3.2), (x - 6, 250 - high * 0.7, 2.6),
                    (x + 4, 250 - high, 0.8)], weed)  # fmt: skip
    if view.feature == "coral":
        for shift, tone in ((0, "#f0697a"), (30, "#f2a24a"), (-28, "#c77be0")):
            base = brush.at(view.x + shift, 248)
            for lean, high in ((-16, 38), (-5, 54), (8, 48), (18, 32)):
                base.limb([(0, 0, 5), (lean * 0.5, -high * 0.5, 4.4), (lean, -high, 4)], rgb(tone))
    for _ in range(22):
        spot = (rng.uniform(0, WIDTH), rng.uniform(8, 216))
        plain.disc(spot, rng.choice((1.2, 2.0, 3.2)), WHITE, alpha=0.45)
