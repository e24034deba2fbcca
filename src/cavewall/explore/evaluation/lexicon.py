"""Lexicons of slots (subject, place …), their concepts, and the word forms of each concept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import InputError
from cavewall.explore.evaluation.describe import words_of

__all__ = ["Concept", "Lexicon"]


@dataclass(frozen=True)
class Concept:
    """A concept that a picture can show. `forms` always include its name."""

    slot: str
    name: str
    forms: tuple[str, ...]
    synonyms: tuple[str, ...] = ()

    @property
    def synonym(self) -> str:
        """A rarer word for it; its name if there is none."""
        return self.synonyms[0] if self.synonyms else self.name


@dataclass(frozen=True)
class Lexicon:
    """Concepts by slot. A short query names its concepts in the order of the slots."""

    concepts: tuple[Concept, ...]

    @classmethod
    def shipped(cls) -> Lexicon:
        """The bundled lexicon: about a hundred English concepts of everyday photographs."""
        text = (
            resources.files("cavewall.explore.evaluation")
            .joinpath("lexicon.json")
            .read_text("utf-8")
        )
        return cls.from_json(json.loads(text), "the shipped lexicon")

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Lexicon:
        """A JSON file: slot, concept, word forms.

        Raises:
            InputError: the file cannot be read, or is not a lexicon.
        """
        name = Path(path)
        try:
            value = json.loads(name.read_text("utf-8-sig"))
        except OSError as fault:
            raise InputError(f"{name} cannot be read: {os_error_text(fault)}") from fault
        except (ValueError, RecursionError) as fault:
            raise InputError(f"{name} is not JSON: {fault}") from fault
        return cls.from_json(value, str(name))

    @classmethod
    def from_json(cls, value: Any, name: str = "the lexicon") -> Lexicon:
        """`{slot: {concept: forms}}`, forms a list, or `{"forms": […], "synonyms": […]}`."""
        slots = _mapping(value, name, "slots")
        concepts: list[Concept] = []
        for slot, found in slots.items():
            for concept, forms in _mapping(found, f"{name}, slot {slot!r}", "concepts").items():
                concepts.append(_concept(slot, concept, forms, f"{name}, {slot} {concept!r}"))
        if len({concept.slot for concept in concepts}) < 2:
            raise InputError(
                f"{name} has fewer than two slots: a swap keeps a concept of one slot and "
                "exchanges one of another"
            )
        return cls(tuple(concepts))

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(concept.slot for concept in self.concepts))

    def only(self, wanted: Callable[[Concept], bool]) -> Lexicon:
        """The lexicon with only these concepts."""
        return Lexicon(tuple(concept for concept in self.concepts if wanted(concept)))


def _mapping(value: Any, where: str, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not value:
        raise InputError(
            f"{where} is no object of {what}: a lexicon is slot → concept → word forms"
        )
    return value


def _concept(slot: str, name: str, value: Any, where: str) -> Concept:
    forms, synonyms = value, []
    if isinstance(value, dict):
        forms, synonyms = value.get("forms"), value.get("synonyms", [])
    for what, found in (("forms", forms), ("synonyms", synonyms)):
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise InputError(f"{where}: {what} are a list of words")
        if any(not words_of(item) for item in found):
            raise InputError(f"{where}: one of its {what} holds no word")
    if not words_of(name):
        raise InputError(f"{where}: the name of a concept holds no word")
    return Concept(slot, name, tuple(dict.fromkeys([name, *forms])), tuple(synonyms))
