"""Swap questions made from captions, checked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cavewall.errors import InputError
from cavewall.explore.evaluation import (
    Lexicon,
    SwapOptions,
    captions_of,
    make_swaps,
    read_questions,
    write_swaps,
)
from cavewall.explore.evaluation.make_swaps import Ask
from cavewall.sample import draw_sample
from tests.conftest import KAGGLE

LEXICON = Lexicon.from_json(
    {
        "subject": {
            "dog": {"forms": ["dogs", "puppy"], "synonyms": ["hound"]},
            "human": {"forms": ["man"], "synonyms": ["person"]},
        },
        "place": {"sand": {"forms": ["beach"], "synonyms": ["seashore"]}, "snow": ["snowy"]},
    }
)
PICTURES = {
    "dog-sand": ("A puppy on the beach.", "a dog digs in sand"),
    "man-sand-1": ("a man on the beach", "a man in the sand"),
    "man-sand-2": ("a man at the beach", "a man lies in sand"),
    "man-sand-dog": ("a man at the beach", "a man lies in sand", "a man and a dog"),
    "man-once": ("a man at the beach", "somebody lies in sand"),
    "dog-snow": ("a dog in the snow", "a dog on a snowy hill"),
}


def lines(**options: Any) -> list[dict[str, Any]]:
    how = SwapOptions(**{"least_relevant": 2, **options})
    return make_swaps(list(PICTURES), list(PICTURES.values()), LEXICON, how)


def test_the_one_question_that_these_captions_allow() -> None:
    forms = {"keep": [["sand", "beach"]], "plus": ["human", "man"]}
    assert lines(ask="brief") == [
        {
            "query": "dog sand",
            "minus": "dog",
            "plus": "human",
            "retype": "human sand",
            "source": "dog-sand",
            "slot": "subject",
            "keep": ["sand"],
            # Not the man with a dog, nor the one whom a single caption names.
            "relevant": ["man-sand-1", "man-sand-2"],
            "forms": forms | {"minus": ["dog", "dogs", "puppy"]},
        }
    ]


def test_the_ways_of_asking() -> None:
    (picture,) = lines(ask="picture")
    assert (picture["like"], "query" in picture, "rewrite" in picture) == ("dog-sand", False, False)
    (sentence,) = lines(ask="sentence")
    assert (sentence["query"], sentence["rewrite"]) in [
        ("A puppy on the beach", "A human on the beach"),
        ("a dog digs in sand", "a human digs in sand"),
    ]
    (brief,) = lines(ask="brief", synonyms=True)
    asked = {key: brief[key] for key in ("query", "minus", "plus", "retype")}
    assert asked == {
        "query": "hound seashore",
        "minus": "hound",
        "plus": "person",
        "retype": "person seashore",
    }
    assert brief["keep"] == ["sand"]


def test_a_sentence_of_people_s_length_is_preferred() -> None:
    long = "a happy dog digs a deep hole in the white sand today"
    pictures = PICTURES | {"dog-sand": (*PICTURES["dog-sand"], long)}
    how = SwapOptions(least_relevant=2)
    (line,) = make_swaps(list(pictures), list(pictures.values()), LEXICON, how)
    assert line["query"] == long


@pytest.mark.parametrize("ask", ["picture", "sentence", "brief"])
def test_what_is_written_is_read_again(tmp_path: Path, ask: Ask) -> None:
    path = tmp_path / "swaps.jsonl"
    path.write_text("older")
    write_swaps(lines(ask=ask), path)
    (question,) = read_questions(path)
    assert question.relevant == ("man-sand-1", "man-sand-2")
    assert question.forms is not None
    assert question.slot == "subject"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="cannot be written: No such file"):
        write_swaps([], tmp_path / "no" / "swaps.jsonl")


def test_captions_that_allow_no_question() -> None:
    with pytest.raises(InputError, match="allow no question with 3 right answers or more"):
        lines(least_relevant=3)
    with pytest.raises(InputError, match="allow no question"):
        lines(least_sources=2)
    with pytest.raises(InputError, match="the lexicon matches nothing: of its 4 concepts"):
        make_swaps(["1"], [("a boat",)], LEXICON, SwapOptions())
    with pytest.raises(InputError, match="the lexicon matches too little"):
        make_swaps(["1"], [("a dog",)], LEXICON, SwapOptions())
    with pytest.raises(InputError, match="the lexicon matches nothing"):
        make_swaps([], [], LEXICON, SwapOptions())


def test_things_that_are_the_same_are_not_exchanged() -> None:
    nested = {
        "subject": {"man": [], "human": ["man"], "dog": ["puppy"]},
        "place": {"sand": ["beach"]},
    }
    how = SwapOptions("brief", least_relevant=1)
    made = make_swaps(list(PICTURES), list(PICTURES.values()), Lexicon.from_json(nested), how)
    swapped = {frozenset((line["minus"], line["plus"])) for line in made}
    assert swapped == {frozenset(("dog", "human")), frozenset(("dog", "man"))}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[tuple[str, ...]]]:
    folder = tmp_path_factory.mktemp("sample")
    draw_sample(folder)
    return captions_of(folder)


def test_the_same_seed_asks_the_same_questions_in_every_way(
    sample: tuple[list[str], list[tuple[str, ...]]],
) -> None:
    def made(ask: Ask, seed: int = 0) -> list[dict[str, Any]]:
        return make_swaps(*sample, Lexicon.shipped(), SwapOptions(ask, limit=40, seed=seed))

    def content(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        return [(line["source"], line["minus"], line["plus"]) for line in found]

    assert made("brief") == made("brief")
    assert content(made("brief")) == content(made("picture")) == content(made("sentence"))
    assert content(made("brief")) != content(made("brief", seed=1))
    assert len(made("brief")) == 40
    json.dumps(made("brief"))


def test_two_concepts_can_be_kept(sample: tuple[list[str], list[tuple[str, ...]]]) -> None:
    how = SwapOptions("brief", kept=2, least_relevant=3, limit=20)
    found = make_swaps(*sample, Lexicon.shipped(), how)
    assert {len(line["keep"]) for line in found} == {2}
    assert {len(line["forms"]["keep"]) for line in found} == {2}


def test_captions_are_read_without_pictures(kaggle: Path) -> None:
    (kaggle / "Images" / "cat.jpg").unlink()
    ids, captions = captions_of(kaggle)
    assert dict(zip(ids, captions, strict=True)) == KAGGLE
