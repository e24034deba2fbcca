"""Dates of any precision, from a year to a second; each is a period of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np

__all__ = ["Date", "moment"]

# ISO 8601, as EXIF readers and most catalogues write it. A UTC offset is ignored: the local date at
# the place where a picture was taken counts.
_WRITTEN = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r" ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)

# Completes a year or a month to a day, by the number of parts written.
_REST = {1: "-01-01", 2: "-01"}


@dataclass(frozen=True)
class Date:
    """The period of a date: `2019`, `2019-06`, `2019-06-01` or `2019-06-01T10:30:00`.

    `parts` are year, month, day, hour, minute and second, as many as were written.
    """

    parts: tuple[int, ...]

    @classmethod
    def from_text(cls, text: str) -> Date | None:
        """Parse a date; None if the text is not one."""
        written = _WRITTEN.fullmatch(text)
        if written is None or _first_second(written) is None:
            return None
        return cls(tuple(int(part) for part in written.groups() if part is not None))

    def period(self) -> tuple[np.datetime64, np.datetime64]:
        """Its first second, and the first second after it."""
        first = np.datetime64(str(self))  # in years, months, days …, as many as are written
        return first.astype("M8[s]"), (first + 1).astype("M8[s]")

    def __str__(self) -> str:
        year, *rest = self.parts
        day = "-".join([f"{year:04}", *(f"{part:02}" for part in rest[:2])])
        return day + ("T" + ":".join(f"{part:02}" for part in rest[2:]) if rest[2:] else "")


def moment(text: str) -> datetime | None:
    """The first second of the date in a stored text; None if it is not a date."""
    written = _WRITTEN.fullmatch(text.strip())
    return None if written is None else _first_second(written)


def _first_second(written: re.Match[str]) -> datetime | None:
    parts = written.lastindex or 1
    text = written[0][: written.end(parts)] + _REST.get(parts, "")
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None
