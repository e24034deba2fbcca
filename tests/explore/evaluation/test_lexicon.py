"""Lexicons: what is read, and how a fault is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cavewall.errors import InputError
from cavewall.explore.evaluation import Concept, Lexicon

TWO: dict[str, Any] = {"subject": {"dog": ["dogs"]}, "place": {"sand": []}}


def test_forms_hold_the_name_and_synonyms_may_be_given() -> None:
    value = {
        "subject": {"dog": {"forms": ["dogs", "dog"], "synonyms": ["hound"]}},
        "place": {"sand": []},
    }
    lexicon = Lexicon.from_json(value)
    assert lexicon.concepts == (
        Concept("subject", "dog", ("dog", "dogs"), ("hound",)),
        Concept("place", "sand", ("sand",)),
    )
    assert [concept.synonym for concept in lexicon.concepts] == ["hound", "sand"]
    assert lexicon.slots == ("subject", "place")
    assert lexicon.only(lambda concept: concept.slot == "place").concepts == lexicon.concepts[1:]


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.json"
    path.write_text("\ufeff" + json.dumps(TWO), "utf-8")
    assert Lexicon.from_file(path) == Lexicon.from_json(TWO)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "the lexicon is no object of slots"),
        ({}, "the lexicon is no object of slots"),
        ({"subject": {"dog": []}}, "fewer than two slots"),
        (TWO | {"place": []}, "slot 'place' is no object of concepts"),
        (TWO | {"place": {"sand": "sandy"}}, "place 'sand': forms are a list"),
        (TWO | {"place": {"sand": [1]}}, "place 'sand': forms are a list"),
        (TWO | {"place": {"sand": {}}}, "place 'sand': forms are a list"),
        (TWO | {"place": {"sand": {"forms": [], "synonyms": "x"}}}, "synonyms are a list"),
        (TWO | {"place": {"sand": ["…"]}}, "one of its forms holds no word"),
        (TWO | {"place": {"": []}}, "the name of a concept holds no word"),
    ],
)
def test_a_fault_names_its_place(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Lexicon.from_json(value)


def test_files_that_are_no_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.json"
    with pytest.raises(InputError, match="cannot be read: No such file"):
        Lexicon.from_file(path)
    for text in ("{", "[" * 100_000, "\udcff"):
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(InputError, match="is not JSON"):
            Lexicon.from_file(path)


def test_the_shipped_lexicon_is_whole() -> None:
    lexicon = Lexicon.shipped()
    names = [concept.name for concept in lexicon.concepts]
    assert len(names) == len(set(names)) > 100
    assert lexicon.slots == ("clothes", "subject", "action", "object", "place")
    assert all(concept.synonyms for concept in lexicon.concepts)
