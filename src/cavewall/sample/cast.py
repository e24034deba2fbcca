"""The cast: draws whatever is the subject of a scene."""

from __future__ import annotations

from cavewall.sample.brush import Brush
from cavewall.sample.figures.birds import draw_bird
from cavewall.sample.figures.boats import draw_boat
from cavewall.sample.figures.cats import draw_cat
from cavewall.sample.figures.dogs import draw_dog
from cavewall.sample.figures.elephants import draw_elephant
from cavewall.sample.figures.fishes import draw_fish
from cavewall.sample.figures.hoofed import draw_cow, draw_horse, draw_sheep
from cavewall.sample.figures.people import draw_person
from cavewall.sample.figures.vehicles import draw_bicycle, draw_car
from cavewall.sample.palette import CLOTH
from cavewall.sample.scenes import Scene

_ANIMALS = {
    "cat": draw_cat,
    "horse": draw_horse,
    "cow": draw_cow,
    "sheep": draw_sheep,
    "bird": draw_bird,
    "fish": draw_fish,
}


def draw_figure(scene: Scene, brush: Brush, number: int) -> None:
    """Draw the subject of a scene; ``number`` varies the pose where there are several."""
    pose = scene.pose + number
    if scene.subject in _ANIMALS:
        _ANIMALS[scene.subject](brush, scene.action, scene.colour, pose)
    elif scene.subject == "dog":
        collar = CLOTH["red" if scene.colour != "brown" else "turquoise"]
        draw_dog(brush, scene.action, scene.colour, pose, collar)
    elif scene.subject == "elephant":
        bathing = scene.place == "water"
        draw_elephant(brush, "bathing" if bathing else scene.action, scene.colour, pose)
    elif scene.subject == "boat":
        draw_boat(brush, scene.kind, scene.colour)
    elif scene.subject == "car":
        draw_car(brush, scene.kind, scene.colour, scene.light == "night")
    elif scene.subject == "bicycle":
        draw_bicycle(brush, scene.colour, None)
    elif scene.person is not None and scene.action == "riding":
        draw_bicycle(brush.at(0, 0, 0.86), scene.paint, scene.person)
    elif scene.person is not None:
        draw_person(brush, scene.person, scene.action, pose)
