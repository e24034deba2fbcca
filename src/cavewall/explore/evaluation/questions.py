"""Files of swap questions: a query, a text to subtract, a text to add, and the relevant pictures.

One JSON object per line:

    {"query": "dog sand", "minus": "dog", "plus": "human", "relevant": ["1.jpg", "2.jpg"]}

`like` (an image_id) may replace `query`. `rewrite`, `retype`, `source`, `slot` and `forms` are
optional; other keys are ignored. `forms` are the word forms of each concept in captions:

    {"keep": [[…], …], "plus": […], "minus": […]}
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import CavewallError, InputError
from cavewall.query import Expression, like, text

__all__ = ["BASELINES", "Forms", "Question", "read_questions"]

# The baselines that rules are compared with, each a single term.
BASELINES = ("none", "plus", "rewrite", "retype")

_LONGEST_LINE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Forms:
    """The word forms of each kept concept, of the added and of the subtracted one."""

    keep: tuple[tuple[str, ...], ...]
    plus: tuple[str, ...]
    minus: tuple[str, ...]

    @classmethod
    def from_json(cls, value: object) -> Forms | None:
        """None if the value is not an object of forms."""
        if not isinstance(value, dict):
            return None
        keep, plus, minus = value.get("keep"), value.get("plus"), value.get("minus")
        if not (_are_words(plus) and _are_words(minus)):
            return None
        if not isinstance(keep, list) or not keep or not all(map(_are_words, keep)):
            return None
        return cls(tuple(map(tuple, keep)), tuple(plus or ()), tuple(minus or ()))

    def to_json(self) -> dict[str, Any]:
        keep = [list(words) for words in self.keep]
        return {"keep": keep, "plus": list(self.plus), "minus": list(self.minus)}


@dataclass(frozen=True)
class Question:
    """One line. `query` is a text or, with `is_like`, an image_id."""

    line: int
    query: str
    is_like: bool
    minus: str
    plus: str
    relevant: tuple[str, ...]
    rewrite: str | None = None
    retype: str | None = None
    source: str | None = None
    slot: str | None = None
    forms: Forms | None = None

    def asked(self, name: str) -> Expression | None:
        """The expression for a rule or baseline; None if the line lacks the text it needs.

        Texts become terms verbatim, never parsed.
        """
        if name == "plus":
            return text(self.plus)
        if name in ("rewrite", "retype"):
            words = self.rewrite if name == "rewrite" else self.retype
            return None if words is None else text(words)
        query: Expression = like(self.query) if self.is_like else text(self.query)
        return query if name == "none" else query - text(self.minus) + text(self.plus)

    def texts(self) -> list[str]:
        """All texts that have to be encoded."""
        found = [] if self.is_like else [self.query]
        found += [self.minus, self.plus]
        return found + [words for words in (self.rewrite, self.retype) if words is not None]


def read_questions(
    path: str | os.PathLike[str], *, longest_line: int = _LONGEST_LINE
) -> Iterator[Question]:
    """The questions of a file, one line at a time, none of more than `longest_line` bytes.

    Raises:
        InputError: the file cannot be read, or a line is not a question.
    """
    name = Path(path)
    try:
        with name.open("rb") as file:
            for number, line in enumerate(_lines(file, name, longest_line), 1):
                if line.strip():
                    yield _question(line, number, name)
    except OSError as fault:
        raise InputError(f"{name} cannot be read: {os_error_text(fault)}") from fault


def _lines(file: BinaryIO, path: Path, longest: int) -> Iterator[str]:
    number = 0
    while data := file.readline(longest):
        number += 1
        if len(data) == longest:
            raise InputError(
                f"{path}, line {number} is longer than {longest // 2**20} MiB: "
                "a file of questions holds one JSON object a line"
            )
        try:
            yield data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            raise InputError(f"{path}, line {number} is not UTF-8") from fault


def _question(line: str, number: int, path: Path) -> Question:
    where = f"{path}, line {number}"
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{where} is not JSON: {fault}") from fault
    if not isinstance(value, dict):
        raise InputError(f"{where} holds {_kind(value)}: expected an object with query, minus, …")
    if ("query" in value) == ("like" in value):
        found = "both query and like" if "query" in value else "neither query nor like"
        raise InputError(f"{where} has {found}: a question has one of them")
    is_like = "like" in value
    question = Question(
        number,
        _string(value, "like" if is_like else "query", where),
        is_like,
        _string(value, "minus", where),
        _string(value, "plus", where),
        _relevant(value, where),
        _optional(value, "rewrite", where),
        _optional(value, "retype", where),
        _optional(value, "source", where),
        slot=value["slot"] if isinstance(value.get("slot"), str) else None,
        forms=Forms.from_json(value.get("forms")),
    )
    _check(question, where)
    return question


def _check(question: Question, where: str) -> None:
    """Check that every text is a valid term, so that the evaluation does not fail half-way."""
    for name in ("add", *BASELINES):
        try:
            question.asked(name)
        except CavewallError as fault:
            raise InputError(f"{where}: {fault}") from fault


def _string(value: dict[str, Any], key: str, where: str) -> str:
    if key not in value:
        raise InputError(f"{where} has no {key}")
    found = value[key]
    if not isinstance(found, str):
        raise InputError(f"{where}: {key} is a text, not {_kind(found)}")
    return found


def _optional(value: dict[str, Any], key: str, where: str) -> str | None:
    return None if value.get(key) is None else _string(value, key, where)


def _relevant(value: dict[str, Any], where: str) -> tuple[str, ...]:
    if "relevant" not in value:
        raise InputError(f"{where} has no relevant")
    found = value["relevant"]
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InputError(f"{where}: relevant is a list of image_ids")
    return tuple(dict.fromkeys(found))


def _are_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return kinds.get(type(value), "a number")
