"""Scenes: what a picture shows, decided before it is drawn or described.

A scene is the truth about its picture.  The drawing and the captions both follow from it, and so
do the true answers of the swap queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from cavewall.sample.catalogue import (
    COLOURS,
    COMBINATIONS,
    FEATURES,
    FLOCKS,
    IMPLIED_BY_PLACE,
    KINDS,
    PAINTS,
)
from cavewall.sample.figures.people import Person
from cavewall.sample.palette import CLOTH, HAIR


@dataclass(frozen=True)
class Scene:
    """What one picture shows."""

    name: str
    """The file name of the picture."""
    subject: str
    action: str
    place: str
    light: str
    """day, sunset or night."""
    count: int
    colour: str
    """Of the animal, or of the vehicle's paint."""
    kind: str
    """Of boat or car; empty for others."""
    person: Person | None
    pose: int
    feature: str
    """Something else in the place, such as palm trees; may be empty."""
    side: int
    seed: str
    """Starts the random numbers of drawing and captions."""

    @property
    def paint(self) -> str:
        """The colour of the bicycle that a person rides."""
        return PAINTS[self.pose % len(PAINTS)]

    @property
    def concepts(self) -> frozenset[str]:
        """The plain words that are true of this picture."""
        return frozenset(
            {self.subject, self.action, self.place, self.light}
            | set(IMPLIED_BY_PLACE.get(self.place, ()))
        )


def plan_scenes(seed: int) -> list[Scene]:
    """Every scene of the collection that belongs to a seed."""
    scenes: list[Scene] = []
    numbers: dict[tuple[str, str, str], int] = {}
    for subject, actions in COMBINATIONS.items():
        for action, places in actions.items():
            for place, pictures in places.items():
                for _ in range(pictures):
                    key = (subject, action, place)
                    numbers[key] = numbers.get(key, 0) + 1
                    scenes.append(_plan(seed, len(scenes), key, numbers[key]))
    return scenes


def _plan(seed: int, index: int, key: tuple[str, str, str], number: int) -> Scene:
    """One scene; its number within the combination walks through light and pose."""
    subject, action, place = key
    seeding = f"cavewall sample {seed} {index}"
    rng = Random(seeding)
    light = _light(rng, number)
    features = FEATURES[place]
    return Scene(
        name=f"{subject}_{action}_{place}_{number}.jpg",
        subject=subject,
        action=action,
        place="water" if place == "underwater" else place,
        light=light,
        count=rng.choice(FLOCKS.get((subject, action), (1,))),
        colour=_colour(rng, subject, action, number, light),
        kind=rng.choice(KINDS[subject]) if subject in KINDS else _depth(place),
        person=_person(rng) if subject == "human" else None,
        pose=number + rng.randrange(6),
        feature=features[(number + rng.randrange(2)) % len(features)],
        side=rng.choice((-1, 1)),
        seed=seeding,
    )


def _depth(place: str) -> str:
    return "underwater" if place == "underwater" else ""


def _light(rng: Random, number: int) -> str:
    """Days most often; every third picture of a combination in the evening or at night."""
    if number % 3 == 0:
        return rng.choice(("sunset", "night"))
    return rng.choice(("day", "day", "day", "day", "sunset", "night"))


def _colour(rng: Random, subject: str, action: str, number: int, light: str) -> str:
    """A colour that differs from the last one's; no black figures before a night sky."""
    colours = COLOURS.get(f"{subject} {action}", COLOURS[subject])
    if light == "night":
        colours = tuple(colour for colour in colours if colour != "black")
    return colours[(number + rng.randrange(len(colours))) % len(colours)]


def _person(rng: Random) -> Person:
    kind = rng.choice(("man", "woman", "boy", "girl"))
    female = kind in ("woman", "girl")
    styles = ("long", "ponytail", "bob", "bun") if female else ("short", "short", "curly")
    if kind == "girl":
        styles = ("braids", "ponytail", "long", "bob")
    skin = rng.randrange(5)
    hair = rng.choice([name for name in HAIR if name != "grey" or kind in ("man", "woman")])
    if skin >= 3 and hair in ("blond", "red"):
        hair = "black"
    return Person(
        kind=kind,
        shirt=rng.choice(list(CLOTH)),
        hair=hair,
        style=rng.choice(styles),
        skin=skin,
        legs=rng.randrange(12),
        bare=rng.random() < 0.6,
        hat=rng.choice(("red", "yellow", "blue")) if rng.random() < 0.2 else None,
    )
