"""Five sentences about a scene, as five different people might write them.

All sentences follow from the scene, so they are true of the drawing.  Most sentences name subject,
action and place; some only two of them, as people do.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from cavewall.sample import words
from cavewall.sample.figures.people import Person
from cavewall.sample.scenes import Scene

CAPTIONS = 5
_SHORTEST, _LONGEST = 4, 18


@dataclass(frozen=True)
class _Voice:
    """One annotator, about to write about a scene."""

    scene: Scene
    rng: Random

    def pick(self, table: dict[str, str], *keys: str) -> str:
        """One of the alternatives of the first key that the table has."""
        text = next(table[key] for key in keys if key in table)
        return self.rng.choice(text.split("|"))

    @property
    def many(self) -> bool:
        """Whether there are several of the same."""
        return self.scene.count > 1

    def verb(self) -> tuple[str, str]:
        """The forms of a verb after *is* and after the subject."""
        scene = self.scene
        activity = "bathing" if _bathes(scene) else scene.action
        number = {"eating": scene.pose % 3, "playing": scene.pose % 2}.get(scene.action, 0)
        text = self.pick(
            words.VERBS,
            f"{scene.subject} {scene.kind}",
            f"{scene.subject} {activity} {number}",
            f"{scene.subject} {activity}",
            activity,
        ).replace("{paint}", _with_article(scene.paint))
        progressive, single, several = text.split("/")
        if self.many:
            return progressive.replace("its ", "their "), several
        return progressive, single

    def place(self, still: bool = False) -> str:
        """Where it happens; ``still`` for a subject rather than for a movement."""
        scene = self.scene
        special = self._special_place()
        if special is not None:
            return self.rng.choice(special.split("|"))
        moves = scene.action in ("running", "walking", "driving", "riding", "swimming")
        return self.pick(words.MOVING if moves and not still else words.RESTING, scene.place)

    def _special_place(self) -> str | None:
        """The ways to say the place of what swims below, floats, flies or perches."""
        scene = self.scene
        special: str | None = None
        if scene.subject == "fish":
            special = words.UNDER_WATER if scene.kind == "underwater" else words.LEAPING_OUT
        elif scene.subject == "boat":
            special = words.BOATING
        elif _bathes(scene):
            special = words.BATHING
        elif scene.subject == "bird" and scene.action == "sitting":
            special = words.PERCHED[scene.place]
        elif scene.action == "flying":
            special = words.FLYING[scene.place]
        return special

    def light(self) -> str:
        """The time of day."""
        sheltered = self.scene.place == "forest" or self.scene.kind == "underwater"
        return self.pick(words.SHELTERED if sheltered else words.LIGHTS, self.scene.light)

    def feature(self) -> str:
        """What else stands there; empty if nothing does."""
        scene = self.scene
        if not scene.feature:
            return ""
        return self.pick(words.FEATURES, f"{scene.place} {scene.feature}", scene.feature)

    def manner(self) -> str:
        """How it is done."""
        scene = self.scene
        activity = "bathing" if _bathes(scene) else scene.action
        text = self.pick(
            words.MANNERS, f"{scene.subject} {scene.kind}", f"{scene.subject} {activity}"
        )
        text = text.replace("{colour}", scene.colour)
        return _for_several(text) if self.many else text

    def subject(self, detailed: bool | None = None) -> str:
        """Who or what, with its article and perhaps a colour or clothes."""
        scene = self.scene
        detailed = self.rng.random() < 0.6 if detailed is None else detailed
        if scene.person is not None:
            return _someone(scene, scene.person, self.rng, detailed)
        noun = self.pick(
            words.NOUNS,
            f"{scene.subject} {scene.kind}",
            f"{scene.subject} {scene.action}",
            scene.subject,
        )
        adjective = f"{self._colour()} " if detailed else ""
        if not self.many:
            return _with_article(adjective + noun)
        several = words.PLURALS.get(noun, noun + "s")
        counts = (
            ("two", "two", "a pair of") if scene.count == 2 else ("three", "three", "a group of")
        )
        return f"{self.rng.choice(counts)} {adjective}{several}"

    def _colour(self) -> str:
        scene = self.scene
        if scene.subject == "boat" and scene.kind == "sailing":
            return self.rng.choice(("small", "wooden"))
        if scene.subject == "dog" and scene.colour == "spotted":
            return self.rng.choice(("spotted", "black and white"))
        if scene.subject == "cat" and scene.colour == "striped":
            return self.rng.choice(("striped", "brown tabby"))
        if scene.subject == "sheep":
            return self.rng.choice((f"woolly {scene.colour}", scene.colour))
        if scene.subject == "elephant":
            return self.rng.choice(("big", scene.colour, f"large {scene.colour}"))
        return scene.colour


def _for_several(text: str) -> str:
    """A manner written for one animal, said of several."""
    for part in ("mane", "tail", "head", "tongue"):
        text = text.replace(f"its {part}", f"their {part}s")
    return text.replace("its", "their").replace("it can", "they can")


def _bathes(scene: Scene) -> bool:
    return scene.subject == "elephant" and scene.place == "water"


def _with_article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _someone(scene: Scene, who: Person, rng: Random, detailed: bool) -> str:
    """A person, perhaps with clothes or hair that the drawing shows."""
    noun = rng.choice(words.NOUNS[f"human {who.kind}"].split("|"))
    if not detailed:
        return _with_article(noun)
    return rng.choice(_looks(scene, who, noun))


def _looks(scene: Scene, who: Person, noun: str) -> list[str]:
    """Ways to say what a person looks like."""
    plain = _with_article(noun)
    if scene.action == "swimming":
        return [f"{plain} in {_with_article(who.shirt)} swimming cap", plain]
    striped = "striped " if who.striped else ""
    if who.dressed:
        looks = [f"{plain} in {_with_article(who.shirt)} dress"]
        looks.append(f"{plain} wearing {_with_article(f'{striped}{who.shirt}')} dress")
    else:
        cloth = (
            f"{who.shirt} and white striped" if who.striped and who.shirt != "white" else who.shirt
        )
        looks = [f"{plain} in {_with_article(cloth)} shirt"]
        looks.append(f"{plain} wearing {_with_article(who.shirt)} T-shirt")
    if who.hat is not None:
        looks.append(f"{plain} with a {who.hat} cap")
    elif who.style in ("long", "ponytail", "braids", "bun"):
        hair = {"long": f"long {who.hair} hair", "ponytail": "a ponytail", "braids": "a braid",
                "bun": f"{who.hair} hair in a bun"}[who.style]  # fmt: skip
        looks.append(f"{plain} with {hair}")
    elif "little" not in noun and "human" not in noun:
        looks.append(_with_article(f"{who.hair}-haired {noun}"))
    if who.bearded and noun in ("man", "guy"):
        looks.append(f"a bearded {noun}")
    return looks


def _plain(voice: _Voice) -> str:
    """Subject, action, place."""
    who, (doing, does), where = voice.subject(), voice.verb(), voice.place()
    be = "are" if voice.many else "is"
    return voice.rng.choice(
        (f"{who} {doing} {where}", f"{who} {doing} {where}", f"{who} {be} {doing} {where}",
         f"{who} {does} {where}")
    )  # fmt: skip


def _timed(voice: _Voice) -> str:
    """Subject, action, place and time of day."""
    who, (doing, does), where = voice.subject(), voice.verb(), voice.place()
    when = voice.light()
    return voice.rng.choice(
        (f"{who} {does} {where} {when}", f"{when}, {who} {does} {where}",
         f"{who} {doing} {where} {when}")
    )  # fmt: skip


def _set(voice: _Voice) -> str:
    """What else stands in the place."""
    feature = voice.feature()
    who, (doing, does), where = voice.subject(), voice.verb(), voice.place()
    sky = voice.pick(words.SKIES, voice.scene.light)
    if not feature:
        if voice.scene.kind == "underwater":
            return f"{who} {doing} {where} {voice.manner()}"
        front = voice.place(still=True)
        return voice.rng.choice(
            (f"{sky}, and {who} {doing} {where}", f"{front}, {who} {does} {voice.manner()}")
        )
    there = "there are" if voice.many else "there is"
    return voice.rng.choice(
        (f"{who} {doing} {where} {feature}", f"{who} {does} {feature}",
         f"{who} {doing} {where}, {feature}", f"{there} {who} {doing} {feature}")
    )  # fmt: skip


def _partly(voice: _Voice) -> str:
    """Only the subject and what it does, or only the subject and where it is."""
    who, (doing, does) = voice.subject(detailed=True), voice.verb()
    if voice.rng.random() < 0.45:
        where, when = voice.place(still=True), voice.light()
        there = "there are" if voice.many else "there is"
        return voice.rng.choice((f"{who} {where} {when}", f"{there} {who} {where} {when}"))
    manner = voice.manner()
    return voice.rng.choice((f"{who} {doing} {manner}", f"{who} {does} {manner}"))


def _closely(voice: _Voice) -> str:
    """Subject, action, place and manner."""
    who, (doing, does), where = voice.subject(), voice.verb(), voice.place()
    manner = voice.manner()
    forms = [f"{who} {doing} {where}", f"{who} {does} {where}"]
    if not manner.startswith("on the ground"):
        forms += [f"{who} {doing} {where} {manner}", f"{who} {does} {where} {manner}"]
    return voice.rng.choice(forms)


def write_captions(scene: Scene) -> list[str]:
    """Five different sentences that are true of a scene."""
    voice = _Voice(scene, Random(scene.seed + " captions"))
    forms = [_plain, _timed, _set, _partly, _closely]
    voice.rng.shuffle(forms)
    captions: list[str] = []
    for form in forms:
        sentence = _sentence(form(voice))
        while sentence in captions or not _SHORTEST <= len(sentence.split()) <= _LONGEST:
            sentence = _sentence(form(voice))
        captions.append(sentence)
    return captions


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
