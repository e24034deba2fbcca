"""The places in the country: snow, meadow, forest, desert and mountains."""

from __future__ import annotations

from cavewall.sample import plants, town
from cavewall.sample.land import View, ground, hills, peaks, ridge, scatter
from cavewall.sample.palette import WHITE, Colour, darker, lighter, mix, rgb
from cavewall.sample.sky import HEIGHT, WIDTH


def draw_snow(view: View) -> None:
    """A white field between white hills."""
    brush, rng = view.brush, view.rng
    hills(view, rgb("#a9c7e6"), 116, 16, 0.42)
    hills(view, rgb("#c4dbf0"), 140, 10, 0.2)
    pine = rgb("#3f7a72")
    row = sorted(rng.uniform(140, 166) for _ in range(11 if view.feature == "fir trees" else 4))
    for y in row:
        tree = brush.at(rng.uniform(0, WIDTH), y + 8, (y - 112) / 52)
        plants.draw_fir(tree, view.sky.haze(pine, (176 - y) / 70), snow=True)
    ground(view, rgb("#e4eefb"), 170, 5)
    if view.feature == "cabin":
        town.draw_cabin(brush.at(view.x - view.side * 12, 184, 1.08), view.lit)
    elif view.feature == "fir trees":
        plants.draw_fir(brush.at(view.x, 208, 1.7), pine, snow=True)
        plants.draw_fir(brush.at(view.x + view.side * 26, 216, 1.25), pine, snow=True)
    for _ in range(5):
        x, y = rng.uniform(0, WIDTH), rng.uniform(188, 250)
        brush.stroke([(x - 46, y), (x, y - 4), (x + 46, y + 1)], 4, rgb("#b9cfec"), 0.55)


def draw_snow_front(view: View) -> None:
    """Falling snow, dense or sparse."""
    falling = view.feature == "snowflakes"
    for _ in range(110 if falling else 16):
        size = view.rng.choice((0.9, 1.3, 1.8, 2.4))
        spot = (view.rng.uniform(0, WIDTH), view.rng.uniform(0, HEIGHT))
        view.brush.disc(spot, size, WHITE, alpha=0.9)


def draw_meadow(view: View) -> None:
    """Green hills and a meadow."""
    brush, rng = view.brush, view.rng
    hills(view, rgb("#7db58c"), 118, 16, 0.5)
    hills(view, rgb("#84bf6c"), 138, 12, 0.22)
    for _ in range(rng.randint(2, 4)):
        tree = brush.at(rng.uniform(0, WIDTH), rng.uniform(140, 152), rng.uniform(0.25, 0.42))
        plants.draw_round_tree(tree, rng, view.sky.haze(rgb("#4f9a62"), 0.2))
    grass = rng.choice((rgb("#84c25a"), rgb("#74b85a"), rgb("#94c95e")))
    ground(view, grass, 168, 7)
    if view.feature == "fence":
        town.draw_fence(brush.at(0, 190), -6, WIDTH + 6)
    elif view.feature == "tree":
        leaf = rng.choice((rgb("#4d9b58"), rgb("#e08a4a"), rgb("#f0a7b8")))
        plants.draw_round_tree(brush.at(view.x, 206, 1.75), rng, leaf)
    scatter(view, lambda b: plants.draw_tuft(b, darker(grass, 0.2)), 22, 186)
    if view.feature == "flowers":
        petals = rng.sample(plants.FLOWERS, 3)
        scatter(view, lambda b: plants.draw_flower(b, rng.choice(petals)), 34, 186)


def draw_meadow_front(view: View) -> None:
    """Blades of grass and flowers close to us."""
    for _ in range(12):
        spot = view.brush.at(view.rng.uniform(0, WIDTH), view.rng.uniform(250, 260), 1.5)
        plants.draw_tuft(spot, rgb("#5fa34c"))
    if view.feature == "flowers":
        for _ in range(7):
            spot = view.brush.at(view.rng.uniform(0, WIDTH), view.rng.uniform(252, 260), 1.5)
            plants.draw_flower(spot, view.rng.choice(plants.FLOWERS))


def _canopy(view: View, leaf: Colour, base: float, size: float) -> None:
    """Leaves that hang in from above."""
    for i in range(-1, 13):
        x = i * 33 + view.rng.uniform(-8, 8)
        y = base + view.rng.uniform(-9, 9)
        view.brush.disc((x, y), size + view.rng.uniform(-4, 5), leaf)
    view.brush.polygon([(0, -10), (WIDTH, -10), (WIDTH, base), (0, base)], leaf)


def draw_forest(view: View) -> None:
    """Trunks and leaves in three depths, and a clearing."""
    brush, rng = view.brush, view.rng
    greens = (rgb("#3f8f5c"), rgb("#5f9f4c"))
    leaf = rng.choice(greens if view.sky.light == "night" else (*greens, rgb("#d98f3a")))
    glow = mix(leaf, view.sky.bottom, 0.66)
    brush.shaded(ridge(rng, -30, 1), mix(leaf, view.sky.top, 0.3), lighter(glow, 0.3))
    for depth in (0.55, 0.34, 0.12):
        bark = mix(rgb("#5a4036"), glow, depth * 1.25)
        for _ in range(6):
            x, r = rng.uniform(0, WIDTH), 9 - depth * 10
            brush.limb([(x, -10, r * 0.8), (x + 2, 90, r), (x, 192, r * 1.3)], bark)
        shrub = mix(leaf, glow, depth)
        for i in range(9):
            x = i * 48 + rng.uniform(-20, 20)
            brush.disc((x, 186), rng.uniform(12, 28) - depth * 6, shrub)
        _canopy(view, shrub, 46 - (1 - depth) * 26, 22)
    if view.feature == "sunbeams":
        for i in range(3):
            x = 90 + i * 84
            beam = [(x, 0.0), (x + 26.0, 0.0), (x - 40.0, 210.0), (x - 96.0, 210.0)]
            brush.polygon(beam, rgb("#fff2b8"), alpha=0.2)
    moss = mix(leaf, rgb("#86b35a"), 0.5)
    ground(view, darker(moss, 0.06), 182, 4)
    if view.feature == "path":
        brush.shaded([(176, 180), (206, 180), (232, 207), (330, 262), (60, 262), (150, 207)],
                     rgb("#e0bd8e"), rgb("#b98b5c"))  # fmt: skip
    x = WIDTH / 2 + view.side * 166
    brush.limb([(x, -12, 15), (x + 2, 110, 16), (x, 190, 19), (x, 212, 25)], rgb("#5f4234"))
    brush.limb([(x - 6, 0, 2), (x - 5, 100, 2.6), (x - 7, 190, 2)], rgb("#7d5a45"))
    for side_x in (x - 34, x + 34):
        plants.draw_bush(brush.at(side_x, 216, 0.95), darker(leaf, 0.1))
    _canopy(view, darker(leaf, 0.12), 2, 20)
    scatter(view, lambda b: plants.draw_tuft(b, darker(moss, 0.24)), 14, 196)


def draw_forest_front(view: View) -> None:
    """Mushrooms and tufts close to us."""
    if view.feature == "mushrooms":
        for _ in range(6):
            edge = view.rng.choice((view.rng.uniform(8, 110), view.rng.uniform(270, 376)))
            spot = view.brush.at(edge, view.rng.uniform(232, 254), view.rng.uniform(0.8, 1.4))
            plants.draw_mushroom(spot)
    for _ in range(7):
        spot = view.brush.at(view.rng.uniform(0, WIDTH), view.rng.uniform(252, 260), 1.5)
        plants.draw_tuft(spot, rgb("#356b46"))


def draw_desert(view: View) -> None:
    """Dunes in three distances."""
    brush, rng = view.brush, view.rng
    if view.feature == "red rocks":
        for _ in range(3):
            x, half, high = rng.uniform(30, 350), rng.uniform(26, 44), rng.uniform(34, 62)
            rock = view.sky.haze(rgb("#c2593c"), 0.25)
            right = [(x + half * 0.7, 140 - high), (x + half, 150.0)]
            brush.polygon([(x - half, 150), (x - half * 0.74, 140 - high), *right], rock)
            shade = darker(rock, 0.16)
            brush.polygon([(x + half * 0.2, 150), (x + half * 0.3, 140 - high), *right], shade)
    hills(view, rgb("#e9a763"), 134, 14, 0.3)
    hills(view, rgb("#e8a152"), 154, 12, 0.08)
    ground(view, rgb("#eeb266"), 176, 8)
    for _ in range(7):
        x, y = rng.uniform(0, WIDTH), rng.uniform(188, 250)
        brush.stroke([(x - 56, y + 2), (x, y - 3), (x + 56, y + 1)], 2.6, rgb("#c9823f"), 0.5)
    if view.feature == "cacti":
        plants.draw_cactus(brush.at(view.x, 208, 1.5))
        plants.draw_cactus(brush.at(view.x - view.side * 262, 186, 0.75))
    elif view.feature == "palm trees":
        plants.draw_palm(brush.at(view.x, 200, 1.2, mirror=view.side > 0), rng)
        plants.draw_bush(brush.at(view.x + 8, 204, 0.8), rgb("#5f9a55"))


def draw_mountains(view: View) -> None:
    """Two rows of peaks behind a meadow."""
    brush, rng = view.brush, view.rng
    peaks(view, 132, rgb("#6f86b3"), 0.42)
    peaks(view, 152, rgb("#6c7fa0"), 0.12)
    hills(view, rgb("#5f9a78"), 152, 8, 0.16)
    if view.feature == "fir trees":
        for _ in range(14):
            tree = brush.at(rng.uniform(0, WIDTH), rng.uniform(158, 172), rng.uniform(0.45, 0.7))
            plants.draw_fir(tree, rgb("#3b7562"))
    grass = rgb("#8cb765")
    ground(view, grass, 174, 6)
    rock = rgb("#8d8fa3")
    if view.feature == "rocks":
        plants.draw_rock(brush.at(view.x, 206, 1.7), rock)
        plants.draw_rock(brush.at(view.x - view.side * 26, 214, 0.9), rock)
    for _ in range(3):
        plants.draw_rock(brush.at(rng.uniform(0, WIDTH), rng.uniform(186, 198), 0.35), rock)
    scatter(view, lambda b: plants.draw_tuft(b, darker(grass, 0.22)), 16, 190)
    if view.feature == "flowers":
        scatter(view, lambda b: plants.draw_flower(b, plants.FLOWERS[3]), 24, 190)
