"""The values that go in and come out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cavewall.models import AddReport, Contribution, Hit, Hits, Notice, Picture, Reject

DOG = Hit(
    "dog.jpg",
    0.75,
    ("a dog", "a brown dog"),
    "/photos/dog.jpg",
    (Contribution("dog", 1.0, 0.5), Contribution("sand", 0.5, 0.25)),
    b"\xff\xd8jpeg",
    width=640,
    height=480,
)
CAT = Hit("cat.jpg", 0.5, (), None, (Contribution("dog", 1.0, 0.5),))
HITS = Hits((DOG, CAT), "dog + 0.5 * sand", "add", "fake", 3, 1.23456)


class Page(HTMLParser):
    """The elements of a fragment with their attributes, and its text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(hits: Hits) -> Page:
    return Page(hits._repr_html_())


# The contract of the command line.


def test_an_answer_has_exactly_the_keys_of_the_contract() -> None:
    answer = HITS.to_dict()
    keys = ["expression", "rule", "encoder", "version", "where", "offset", "total", "took_ms"]
    keys += ["hits", "advice"]
    assert list(answer) == keys
    keys = ["image_id", "score", "captions", "path", "terms", "percentile"]
    keys += ["width", "height"]
    assert list(answer["hits"][0]) == keys
    assert list(answer["hits"][0]["terms"][0]) == ["term", "weight", "contribution"]


def test_an_answer_as_a_dict() -> None:
    assert HITS.to_dict() == {
        "expression": "dog + 0.5 * sand",
        "rule": "add",
        "encoder": "fake",
        "version": 3,
        "where": None,
        "offset": 0,
        "total": None,
        "took_ms": 1.235,
        "hits": [
            {
                "image_id": "dog.jpg",
                "score": 0.75,
                "captions": ["a dog", "a brown dog"],
                "path": "/photos/dog.jpg",
                "terms": [
                    {"term": "dog", "weight": 1.0, "contribution": 0.5},
                    {"term": "sand", "weight": 0.5, "contribution": 0.25},
                ],
                "percentile": None,
                "width": 640,
                "height": 480,
            },
            {
                "image_id": "cat.jpg",
                "score": 0.5,
                "captions": [],
                "path": None,
                "terms": [{"term": "dog", "weight": 1.0, "contribution": 0.5}],
                "percentile": None,
                "width": None,
                "height": None,
            },
        ],
        "advice": [],
    }


def test_a_report_as_a_dict() -> None:
    skipped = (Reject("a.jpg", "missing: no such file"),)
    report = AddReport(3, 2, 1, skipped, 1.23456, (Notice("b.jpg", "rotated"),))
    assert report.to_dict() == {
        "added": 3,
        "updated": 2,
        "unchanged": 1,
        "skipped": [{"image_id": "a.jpg", "reason": "missing: no such file"}],
        "seconds": 1.235,
        "notices": [{"image_id": "b.jpg", "notice": "rotated"}],
        "moved": 0,
        "vanished": 0,
        "removed": 0,
    }


@pytest.mark.parametrize("value", [HITS, AddReport(0, 0, 0, (), 0.0), DOG, DOG.terms[0]])
def test_dicts_are_json(value: Hits | AddReport | Hit | Contribution) -> None:
    assert json.loads(json.dumps(value.to_dict(), allow_nan=False)) == value.to_dict()


# Hits are a sequence.


def test_hits_are_a_sequence_best_first() -> None:
    assert list(HITS) == [DOG, CAT]
    assert len(HITS) == 2
    assert HITS[0] is DOG
    assert HITS[-1] is CAT
    assert HITS[:1] == (DOG,)
    assert HITS[::-1] == (CAT, DOG)
    assert CAT in HITS
    assert HITS.index(CAT) == 1
    assert list(reversed(HITS)) == [CAT, DOG]
    with pytest.raises(IndexError):
        HITS[2]


def test_no_hits_are_false() -> None:
    assert not replace(HITS, hits=())
    assert HITS


# In a notebook.


def test_a_notebook_shows_expression_rule_scores_and_captions() -> None:
    shown = page(HITS)
    assert shown.text == "dog + 0.5 * sand · rule add0.750 a dog0.500 "
    assert shown.open == []
    (img,) = [attributes for tag, attributes in shown.elements if tag == "img"]
    assert img["alt"] == "dog.jpg"
    assert img["src"] == "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8jpeg").decode()


def test_a_notebook_shows_an_empty_answer() -> None:
    assert page(replace(HITS, hits=())).text == "dog + 0.5 * sand · rule add"


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(HITS, hits=(replace(DOG, captions=(HOSTILE,)),)),
        lambda: replace(HITS, hits=(replace(DOG, image_id=HOSTILE),)),
        lambda: replace(HITS, hits=(replace(DOG, image_id=HOSTILE, path=HOSTILE),)),
        lambda: replace(HITS, hits=(DOG,), expression=HOSTILE),
        lambda: replace(HITS, hits=(DOG,), rule=HOSTILE),
    ],
)
def test_a_notebook_never_runs_what_strangers_wrote(make: Callable[[], Hits]) -> None:
    hits = make()
    assert "<script" not in hits._repr_html_()
    shown = page(hits)
    tags = [tag for tag, _ in shown.elements]
    assert tags == ["div", "p", "b", "div", "figure", "img", "figcaption", "b"]
    assert all("onerror" not in attributes for _, attributes in shown.elements)
    assert HOSTILE in shown.text or shown.elements[5][1]["alt"] == HOSTILE


# Frozen values that show themselves.


@pytest.mark.parametrize(
    ("value", "name"),
    [(Picture("a"), "image_id"), (DOG, "score"), (HITS, "rule"), (Reject("a", "b"), "reason")],
)
def test_values_are_frozen(value: Any, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, "other")


def test_bytes_are_not_shown() -> None:
    assert "jpeg" not in repr(DOG)
    picture = Picture("a.jpg", ("a dog",), Path("a.jpg"), b"BYTES", thumbnail=b"THUMB")
    assert repr(picture).startswith("Picture(image_id='a.jpg', captions=('a dog',), path=")
    assert "BYTES" not in repr(picture)
    assert "THUMB" not in repr(picture)


def test_a_picture_needs_only_its_id() -> None:
    picture = Picture("a.jpg")
    assert (picture.captions, picture.path, picture.image, picture.metadata) == ((), None, None, {})


def test_pictures_do_not_share_metadata() -> None:
    assert Picture("a").metadata is not Picture("b").metadata
