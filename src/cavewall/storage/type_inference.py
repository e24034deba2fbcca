"""Infers the kind of a field from its values."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cavewall.query.filters import ValueKind, moment, number, truth

__all__ = ["READINGS", "TypeInference", "is_value"]

# What texts may read as, in the order in which they are tried: 1955 is a number before a date.
READINGS: dict[ValueKind, Callable[[str], Any]] = {
    "boolean": truth,
    "number": number,
    "date": moment,
}


class TypeInference:
    """Takes values one by one. `example` is the first, `pictures` whatever its user counts.

    `readings` are the kinds that all texts so far read as.
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.listed = False
        self.example: Any = None
        self._kinds: set[ValueKind] = set()
        self.readings = list(READINGS)

    def take(self, value: Any) -> None:
        if self.example is None:
            self.example = value
        if isinstance(value, str):
            self._kinds.add("text")
            if self.readings:
                self.readings = [
                    kind for kind in self.readings if READINGS[kind](value) is not None
                ]
        elif isinstance(value, bool):
            self._kinds.add("boolean")
        else:
            self._kinds.add("date" if isinstance(value, datetime) else "number")

    @property
    def kind(self) -> ValueKind:
        """The one kind that all values are of or read as, else text."""
        others = self._kinds - {"text"}
        for kind in READINGS:
            read = "text" not in self._kinds or kind in self.readings
            if self._kinds and others <= {kind} and read:
                return kind
        return "text" if "text" in self._kinds or not others else max(others)


def is_value(value: Any) -> bool:
    """Whether something in JSON is a value: an empty text, null and NaN are missing ones."""
    if isinstance(value, str):
        return value != ""
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
