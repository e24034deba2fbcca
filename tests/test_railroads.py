"""Whatever way a railroad of docs/grammar.md takes is read by the parser that it is drawn of."""

from __future__ import annotations

import re
import runpy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall.query import parse
from cavewall.query.filters import parse_filter
from cavewall.query.filters.nodes import OPERATORS
from cavewall.query.filters.tokens import KEYWORDS
from cavewall.query.parser import _FUNCTIONS
from tests.pages import ROOT

railroad = pytest.importorskip("railroad", reason="pip install 'cavewall[docs]'")

DRAWN: dict[str, Any] = runpy.run_path(str(ROOT / "scripts/railroads.py"))
PAGE = (ROOT / "docs/grammar.md").read_text("utf-8")
# Nested further than this, a way takes the shortest branch.
_DEEP = 4

# What is in the boxes that have no rails of their own.
BOXES = {
    "bare text": st.sampled_from(["dog", "a dog on sand", "t-shirt", "C++", "2 dogs", "man's"]),
    '"any text"': st.sampled_from(['"Paris - Eiffel"', r'"a \"b\" \\ c"', '"man (smiling)"']),
    "number": st.sampled_from(["2", "0.5", ".5", "1e-3", "3."]),
    "@name": st.sampled_from(["@beach", "@trip-2", "@海辺"]),
    '"words"': st.sampled_from(['"brighton"', '"red bus"', '"bright*"']),
    '"image_id"': st.sampled_from(['"beach.jpg"', '"a/b (1).png"']),
    '"path"': st.sampled_from(['"mine.jpg"', '"C:/pictures/mine.jpg"']),
    "0 to 1": st.sampled_from(["0", "0.3", "1"]),
}
FILTER_BOXES = {
    "text": st.sampled_from(['"draft"', "'a \"b\"'", '"X 100"']),
    "number": st.sampled_from(["3", "-0.5", "1e3"]),
    "date": st.sampled_from(["2019-06", "2019-06-01"]),
    "word": st.sampled_from(["camera", "scanner", "iso_2"]),
    "`any name`": st.sampled_from(["`focal length`", "`and`", "`a``b`"]),
}


def way(draw: Any, node: Any, rails: dict[str, Any], boxes: dict[str, Any], depth: int = 0) -> str:
    """A text that goes along a diagram, its parts between spaces."""

    def along(*parts: Any) -> str:
        return " ".join(filter(None, (way(draw, part, rails, boxes, depth) for part in parts)))

    if isinstance(node, railroad.NonTerminal) and node.text in rails:
        return way(draw, rails[node.text], rails, boxes, depth + 1)
    if isinstance(node, railroad.Terminal | railroad.NonTerminal):
        return str(draw(boxes[node.text]) if node.text in boxes else node.text)
    if isinstance(node, railroad.OneOrMore):
        rounds = 0 if depth > _DEEP else draw(st.integers(0, 2))
        return along(node.item, *([node.rep, node.item] * rounds))
    if isinstance(node, railroad.Choice | railroad.HorizontalChoice):
        taken = 0 if depth > _DEEP else draw(st.integers(0, len(node.items) - 1))
        return along(node.items[taken])
    return along(*getattr(node, "items", ()))


@given(st.data())
def test_every_way_through_the_language_is_read(data: st.DataObject) -> None:
    rails = DRAWN["EXPRESSION"]
    # Rails cannot say that a condition stands beside a term.
    source = way(data.draw, rails["query"], rails, BOXES) + " + dog"
    found = parse(source)
    assert parse(str(found)) == found


@given(st.data())
def test_every_way_through_filters_is_read(data: st.DataObject) -> None:
    rails = DRAWN["FILTER"]
    found = parse_filter(way(data.draw, rails["filter"], rails, FILTER_BOXES))
    assert parse_filter(str(found)) == found


def typed(node: Any) -> set[str]:
    """What stands in a diagram to be typed."""
    if isinstance(node, railroad.Terminal):
        return {node.text}
    inner = [*getattr(node, "items", ()), *(getattr(node, each, None) for each in ("item", "rep"))]
    return set().union(*(typed(each) for each in inner if each is not None))


def test_every_function_and_word_is_drawn() -> None:
    language = set().union(*map(typed, DRAWN["EXPRESSION"].values()))
    assert {text[:-1] for text in language if re.match(r"\w+\(", text)} == set(_FUNCTIONS)
    filters = set().union(*map(typed, DRAWN["FILTER"].values()))
    assert {text.rstrip("(") for text in filters if text[0].isalpha()} - {"metadata"} == KEYWORDS
    assert set(OPERATORS) <= filters


@pytest.mark.lint
def test_every_diagram_is_on_the_page() -> None:
    assert re.findall(r"\(images/grammar/([\w-]+\.svg)\)", PAGE) == list(DRAWN["FILES"])
