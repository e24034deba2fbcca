"""Filters by the thousand, and a second opinion on which pictures they are true of.

The opinion is as plain as can be, one picture and one value at a time: it shares no code with the
store but the tree itself.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cavewall.query.filters import (
    And,
    Comparison,
    Contains,
    ContainsWords,
    Date,
    Field,
    Filter,
    In,
    Missing,
    Not,
    Or,
    Tagged,
    Value,
)

NASTY = [
    *("", " ", "'", '"', "\\", "\\'", "''", "`", ";", "--", "/* */", "%", "_", "\0", "\n", "$."),
    *("' OR 1=1 --", '"; DROP TABLE pictures; --', '$."a"', "é", "日本", "😀", "“X100”", "ｙear"),
    *(
        "NaN",
        "inf",
        "1e999",
        "null",
        "true",
        "2019-02-30",
        "x" * 300,
        ".*",
        "(?i)",
        "[a",
        "\\x{41}",
    ),
]
TEXTS = ["X100", "x100", "D90", "Canon EOS", "a red bus", "dog", "draft", "2019", "2019-06", "100"]
PHRASES = ["red bus", "RED", "dog*", "dog", "run*", "bus stop", "日本", "t-shirt", "fußgänger"]
PHRASES += ["man's", "r* b*", "a_b", "läuf*", "(?i) red"]
TAGS = ("tags", "tag", "keywords", "categories", "labels")

METADATA: list[dict[str, Any]] = [
    {"date": "2019-06-01T10:00:00", "camera": "X100", "iso": "100", "tags": ["draft", "Beach"]},
    {"date": "2019-06-01T10:00:59+02:00", "camera": "D90", "iso": "-2.5e2", "rating": 5},
    {"date": "2020-02-29", "camera": "x100", "rating": 3.5, "flag": True, "exif": {"iso": 7}},
    {"date": "1999", "flag": False, "tags": [], "keywords": "dog; Draft ,sea", "mixed": 3},
    {"date": "2019-07", "camera": "", "rating": None, "mixed": "three", "odd 'name\"": "\\"},
    {"camera": "日本 😀", "mixed": True, "scores": [1, 2.5, None, "x"], "width": "wide"},
    {"camera": "a'b\"c\\d`e", "tags": ["a, b", "dog"], "years": [1999, 2019], "and": 1},
    {"mixed": "2019-06", "done": "TRUE", "exif": {"iso": 8, "a.b": "x", "more": {"deep": 1}}},
    {"done": "false", "scores": 7, "camera": " X100", "serial": 9007199254740993},
    {},
]
CAPTIONS: list[tuple[str, ...]] = [
    ("a red bus", "the city"),
    ("a RED, bus-stop", "dogs run"),
    ("a dog",),
    ("running dogs", "a_b c"),
    ("Ein Fußgänger läuft",),
    ("red", "bus"),
    ("t-shirt man's",),
    ("日本 の dog",),
    ("a redbus",),
    ("   ...   ",),
]

FIELDS = [
    *(Field((name,)) for name in ("date", "camera", "iso", "rating", "flag", "tags", "keywords")),
    *(Field((name,)) for name in ("mixed", "scores", "years", "done", "year", "serial")),
    *(Field((name,)) for name in ("odd 'name\"", "and", "width", "image_id", "captions", "month")),
    Field(("exif", "iso")),
    Field(("exif", "a.b")),
    Field(("exif", "more", "deep")),
    Field(("width",), metadata=True),
]
UNKNOWN = [Field(("nothing",)), Field(("wídth",)), Field(("metadata",)), Field(("exif",))]
NUMBERS: list[int | float] = [0, 1, -1, 3, 5, 7, 100, 1999, 2019, 2020, 2.5, 3.5, -250, 1e300]
NUMBERS += [9007199254740992, 9007199254740993, 2**63, -(2**70), 640, 10_000]
DATES = ["2019-06", "2019-06-01", "2019-07", "2020-02-29", "1999-01", "9999-12-31", "0001-01-01"]
MOMENTS = ["2019-06-01T10:00", "2019-06-01T10:00:59", "1999", "2020-02-29 00:00:00"]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Maker:
    """Makes filters out of chance; `drawn` decides everything."""

    drawn: Random
    fields: list[Field] = field(default_factory=lambda: FIELDS)

    def filter(self, depth: int = 3) -> Filter:
        kind = self.drawn.randrange(6) if depth else 5
        if kind == 0:
            return Not(self.filter(depth - 1))
        if kind in (1, 2):
            count = self.drawn.randrange(2, 4)
            parts = tuple(self.filter(depth - 1) for _ in range(count))
            return And(parts) if kind == 1 else Or(parts)
        return self.leaf()

    def leaf(self) -> Filter:
        name = self.drawn.choice(self.fields)
        match self.drawn.randrange(9):
            case 0:
                return In(name, tuple(self.value() for _ in range(self.drawn.randrange(1, 4))))
            case 1:
                return Contains(name, Value(self.text()))
            case 2:
                return Missing(name)
            case 3:
                return Tagged(self.drawn.choice(["draft", "DOG", "sea", "a, b", "b", "é", "'\\"]))
            case 4:
                return ContainsWords(self.drawn.choice(PHRASES))
            case _:
                value = self.value()
                signs = ["=", "!="] if value.kind == "boolean" else ["=", "!=", *OPERATORS]
                return Comparison(name, self.drawn.choice(signs), value)

    def value(self) -> Value:
        match self.drawn.randrange(6):
            case 0 | 1:
                return Value(self.drawn.choice(NUMBERS))
            case 2:
                return Value(Date.from_text(self.drawn.choice(DATES)) or 1)
            case 3:
                return Value(self.drawn.random() < 0.5)
            case _:
                return Value(self.text())

    def text(self) -> str:
        return self.drawn.choice([*TEXTS, *DATES, *MOMENTS, *filter(None, NASTY)])

    def mutated(self, text: str) -> str:
        """The text with a piece left out, doubled, moved or replaced."""
        for _ in range(self.drawn.randrange(1, 4)):
            at, to = sorted(self.drawn.randrange(len(text) + 1) for _ in range(2))
            new = self.drawn.choice(["", text[at:to] * 2, *NASTY, "(", ")", "not ", " and ", ","])
            text = (text[:at] + new + text[to:])[:6000]
        return text

    def noise(self) -> str:
        pieces = ["year", "camera", " ", "=", "(", ")", '"', "'", "`", ".", ",", "and", "or", "not"]
        pieces += ["in", "is", "missing", "contains", "tagged", "has", "2019", "-06", "1e9", *NASTY]
        return "".join(self.drawn.choice(pieces) for _ in range(self.drawn.randrange(20)))


class Unlike(Exception):  # noqa: N818
    """A field that is not there, or a value of another kind."""


@dataclass
class Opinion:
    """What `matching` should say, found by looking at one picture after the other."""

    pictures: list[Mapping[str, Any]]  # columns by name, metadata under "metadata"

    def matching(self, condition: Filter) -> list[bool]:  # noqa: PLR0911 -- a case a line
        match condition:
            case And(parts):
                return [all(each) for each in zip(*map(self.matching, parts), strict=True)]
            case Or(parts):
                return [any(each) for each in zip(*map(self.matching, parts), strict=True)]
            case Not(part):
                return [not each for each in self.matching(part)]
            case Missing(name):
                return [not values for values in self.values(name)]
            case Comparison(name, "!=", value):
                return [not each for each in self.matching(Comparison(name, "=", value))]
            case Comparison(name, sign, value):
                return self.compared(name, sign, value)
            case In(name, values):
                each_value = [self.compared(name, "=", value) for value in values]
                return [any(each) for each in zip(*each_value, strict=True)]
            case Contains(name, text):
                return self.containing(name, str(text.value))
            case Tagged(tag):
                return [
                    tag.strip().lower() in bears or bears_whole(picture, tag)
                    for picture, bears in ((p, tags(p)) for p in self.pictures)
                ]
            case ContainsWords():
                return [said(picture["captions"], condition) for picture in self.pictures]
        raise AssertionError(condition)

    def values(self, name: Field) -> list[list[Any]]:
        if not name.metadata and len(name.path) == 1:
            column = {"caption": "captions"}.get(name.path[0], name.path[0])
            if column in self.pictures[0] and column != "metadata":
                return [usable(picture[column]) for picture in self.pictures]
        found = [usable(dug(picture["metadata"], name.path)) for picture in self.pictures]
        if not any(found) and name in (Field(("year",)), Field(("month",))):
            year = name.path == ("year",)
            found = [
                [
                    when.year if year else when.month
                    for text in dates
                    if (when := read_date(str(text))) and (year or len(str(text)) > 4)
                ]
                for dates in self.values(Field(("date",)))
            ]
        if not any(found):
            raise Unlike(name)
        return found

    def compared(self, name: Field, sign: str, value: Value) -> list[bool]:
        held = self.values(name)
        flat = [each for values in held for each in values]
        kind, given, asked = kind_of(flat), value.value, str(value.kind)
        if kind == "date" and asked == "number" and isinstance(given, int) and 0 < given < 10_000:
            asked, given = "date", f"{given:04}"
        if asked == "text" and kind != "text":
            asked = kind
            if reading(given, kind) is None:
                raise Unlike(value)
        if flat and all(as_kind(each, asked) is None for each in flat):
            raise Unlike(value)
        return [
            any(
                holds(have, sign, given, asked)
                for have in (as_kind(each, asked) for each in values)
                if have is not None
            )
            for values in held
        ]

    def containing(self, name: Field, text: str) -> list[bool]:
        held = self.values(name)
        if any(held) and not any(isinstance(each, str) for values in held for each in values):
            raise Unlike(name)
        return [
            any(isinstance(each, str) and text.lower() in each.lower() for each in values)
            for values in held
        ]


def usable(value: Any) -> list[Any]:
    values = value if isinstance(value, list | tuple) else [value]
    return [each for each in values if isinstance(each, str | int | float) and each != ""]


def dug(metadata: Any, path: Iterable[str]) -> Any:
    for name in path:
        metadata = metadata.get(name) if isinstance(metadata, dict) else None
    return metadata


def kind_of(values: list[Any]) -> str:
    for kind in ("boolean", "number", "date"):
        if values and all(as_kind(value, kind) is not None for value in values):
            return kind
    texts = any(isinstance(value, str) for value in values)
    return "text" if texts or not values else "number"


def as_kind(value: Any, kind: str) -> Any:
    """A stored value as one of that kind, None where it is none."""
    if isinstance(value, str):
        return value if kind == "text" else reading(value, kind)
    stored = "boolean" if isinstance(value, bool) else "number"
    return value if stored == kind else None


def reading(text: Any, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(str(text).strip().lower())
    if kind == "date":
        return read_date(str(text))
    if not re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", text):
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        return int(text)
    return float(text) if abs(float(text)) != float("inf") else None


def read_date(text: str) -> datetime | None:
    found = re.fullmatch(
        r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:Z|[+-]\d\d:\d\d)?)?)?)?",
        text.strip(),
        re.ASCII,
    )
    parts = [] if found is None else [int(part) for part in found.groups() if part]
    try:
        year, month, day, *time = [*parts, 1, 1][: max(3, len(parts))] or [0, 0, 0]
        hour, minute, second = (*time, 0, 0, 0)[:3]
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def holds(have: Any, sign: str, given: Any, kind: str) -> bool:
    if kind != "date":
        given = reading(given, kind) if isinstance(given, str) and kind != "text" else given
        return bool(OPERATORS[sign](have, given))
    text = str(given)
    first, last = read_date(text), read_date(text)
    assert first is not None
    assert last is not None
    digits = len(re.findall(r"\d+", text))
    if digits == 1:
        last = datetime(first.year, 12, 31, 23, 59, 59)
    elif digits == 2:
        days = 31
        while True:
            try:
                last = datetime(first.year, first.month, days, 23, 59, 59)
                break
            except ValueError:
                days -= 1
    elif digits == 3:
        last = first.replace(hour=23, minute=59, second=59)
    elif digits == 5:
        last = first + timedelta(seconds=59)
    found: dict[str, bool] = {
        "=": first <= have <= last,
        "<": have < first,
        "<=": have <= last,
        ">": have > last,
        ">=": have >= first,
    }
    return found[sign]


def tags(picture: Mapping[str, Any]) -> set[str]:
    found = [each for name in TAGS for each in usable(picture["metadata"].get(name))]
    return {
        part.strip().lower()
        for text in found
        if isinstance(text, str)
        for part in re.split("[,;]", text)
    }


def bears_whole(picture: Mapping[str, Any], tag: str) -> bool:
    found = [each for name in TAGS for each in usable(picture["metadata"].get(name))]
    return any(isinstance(text, str) and text.lower() == tag.lower() for text in found)


def said(captions: Iterable[str], condition: ContainsWords) -> bool:
    wanted = [(word.casefold(), begins) for word, begins in condition.words]
    for caption in captions:
        words = re.findall(r"[一-鿿]|[^\W_一-鿿]+", caption.casefold())
        for start in range(len(words) - len(wanted) + 1):
            pairs = zip(words[start:], wanted, strict=False)
            if all(w == word or (begins and w.startswith(word)) for w, (word, begins) in pairs):
                return True
    return False
