"""The places: what lies behind the subject, and what lies before it."""

from __future__ import annotations

from cavewall.sample import plants, shores, town, wilds
from cavewall.sample.land import Place, View, hills, nothing
from cavewall.sample.palette import CLOTH, rgb
from cavewall.sample.sky import HEIGHT, WIDTH


def _city(view: View) -> None:
    """Towers, house fronts, a pavement and a street."""
    brush, rng = view.brush, view.rng
    x = -12.0
    while x < WIDTH:
        wide = rng.uniform(24, 44)
        tone = view.sky.haze(rgb("#7f92b5"), 0.45)
        town.draw_tower(brush.at(x, 190), rng, wide, rng.uniform(84, 150), tone, view.lit)
        x += wide + rng.uniform(-4, 6)
    x = -20.0
    while x < WIDTH:
        wide, high = rng.uniform(46, 78), rng.uniform(62, 112)
        town.draw_house(brush.at(x, 194), rng, wide, high, rng.choice(town.WALLS), view.lit)
        x += wide + rng.choice((0.0, 0.0, 5.0))
    brush.polygon([(0, 192), (WIDTH, 192), (WIDTH, 236), (0, 236)], rgb("#d9d2cc"))
    brush.polygon([(0, 192), (WIDTH, 192), (WIDTH, 195), (0, 195)], rgb("#b8b0b0"))
    for i in range(10):
        brush.line([(i * 44 - 8, 195), (i * 44 - 26, 234)], 0.8, rgb("#b8b0b0"))
    brush.polygon([(0, 214), (WIDTH, 214), (WIDTH, HEIGHT), (0, HEIGHT)], rgb("#5d6076"))
    brush.polygon([(0, 212), (WIDTH, 212), (WIDTH, 216), (0, 216)], rgb("#efe8dd"))
    for i in range(6):
        dash = brush.at(i * 72 + 6, 247)
        dash.polygon([(2, 0), (38, 0), (36, 4), (0, 4)], rgb("#f3dfa0"))
    if view.feature == "street lamps":
        town.draw_lamp(brush.at(view.x, 213, 1.25), view.lit)
        town.draw_lamp(brush.at(view.x - view.side * 250, 213, 1.25), view.lit)
    elif view.feature == "trees":
        for shift in (0, 46):
            plants.draw_round_tree(brush.at(view.x + view.side * (shift - 20), 210, 1.0), rng)


def _open_sky(view: View) -> None:
    """The sky above low hills."""
    if view.feature == "balloon":
        balloon = view.brush.at(view.x, view.rng.uniform(66, 100), 1.2)
        town.draw_balloon(balloon, CLOTH[view.rng.choice(("red", "purple", "orange"))])
    hills(view, rgb("#6fae85"), 228, 9, 0.3)
    hills(view, rgb("#5f9f6c"), 244, 7, 0.05)


PLACES: dict[str, Place] = {
    "sand": Place(126, (214, 234), shores.draw_beach, shores.draw_beach_front),
    "snow": Place(134, (212, 234), wilds.draw_snow, wilds.draw_snow_front, 2),
    "grass": Place(140, (212, 236), wilds.draw_meadow, wilds.draw_meadow_front),
    "water": Place(130, (186, 206), shores.draw_lake, shores.draw_lake_front),
    "city": Place(150, (224, 242), _city, nothing, 2),
    "forest": Place(120, (216, 236), wilds.draw_forest, wilds.draw_forest_front, 0),
    "desert": Place(146, (214, 236), wilds.draw_desert, nothing, 1),
    "mountains": Place(136, (214, 236), wilds.draw_mountains, wilds.draw_meadow_front, 3),
    "sky": Place(228, (120, 160), _open_sky, nothing, 5),
    "underwater": Place(60, (120, 160), shores.draw_deep, nothing, 0),
}
