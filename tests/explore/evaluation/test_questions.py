"""Reading swap questions: what is taken, and how a fault is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cavewall.errors import InputError
from cavewall.explore.evaluation import Forms, read_questions

GOOD: dict[str, Any] = {"query": "dog sand", "minus": "dog", "plus": "cat", "relevant": ["1.jpg"]}


def write(path: Path, *lines: Any) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


def test_a_line_says_what_is_asked_under_each_name(tmp_path: Path) -> None:
    line: dict[str, Any] = GOOD | {
        "rewrite": "cat sand",
        "source": "0.jpg",
        "slot": "subject",
        "else": [1],
    }
    (question,) = read_questions(write(tmp_path / "q.jsonl", line))
    assert str(question.asked("words")) == "dog sand - dog + cat"
    assert str(question.asked("none")) == "dog sand"
    assert str(question.asked("plus")) == "cat"
    assert str(question.asked("rewrite")) == "cat sand"
    assert question.asked("retype") is None
    assert (question.source, question.slot, question.line) == ("0.jpg", "subject", 1)
    assert question.texts() == ["dog sand", "dog", "cat", "cat sand"]


def test_a_picture_can_be_the_query(tmp_path: Path) -> None:
    line: dict[str, Any] = {
        "like": "0.jpg",
        "minus": "dog",
        "plus": "cat",
        "retype": None,
        "relevant": [],
    }
    (question,) = read_questions(write(tmp_path / "q.jsonl", line))
    assert str(question.asked("add")) == 'like("0.jpg") - dog + cat'
    assert str(question.asked("none")) == 'like("0.jpg")'
    assert question.texts() == ["dog", "cat"]
    assert question.asked("retype") is None


def test_texts_are_never_parsed(tmp_path: Path) -> None:
    line: dict[str, Any] = GOOD | {"query": 'a - "b', "minus": "2 * x", "plus": "mean(a)"}
    (question,) = read_questions(write(tmp_path / "q.jsonl", line))
    value = question.asked("add")
    assert value is not None
    assert [str(leaf) for leaf in value.leaves()] == ['"a - \\"b"', '"2 * x"', '"mean(a)"']


def test_blank_lines_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", "\ufeff" + json.dumps(GOOD), "", "  ", GOOD)
    assert [question.line for question in read_questions(path)] == [1, 4]


def test_forms_are_understood_and_anything_else_there_is_left_alone(tmp_path: Path) -> None:
    forms = {"keep": [["sand", "beach"]], "plus": ["cat"], "minus": ["dog", "puppy"]}
    others: list[Any] = [3, {}, {"keep": [], "plus": ["a"], "minus": ["b"]}, {"keep": "x"}]
    lines = [GOOD | {"forms": found, "slot": 3} for found in [forms, *others]]
    first, *rest = read_questions(write(tmp_path / "q.jsonl", *lines))
    assert first.forms == Forms((("sand", "beach"),), ("cat",), ("dog", "puppy"))
    assert first.forms.to_json() == forms
    assert [question.forms for question in rest] == [None] * 4
    assert first.slot is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ("[1]", "line 2 holds a list"),
        ("null", "line 2 holds null"),
        ("7", "line 2 holds a number"),
        ("1" * 5000, "line 2 is not JSON"),
        ({"minus": "a", "plus": "b", "relevant": []}, "line 2 has neither query nor like"),
        (GOOD | {"like": "1.jpg"}, "line 2 has both query and like"),
        ({"query": "a", "plus": "b", "relevant": []}, "line 2 has no minus"),
        ({"query": "a", "minus": "b", "relevant": []}, "line 2 has no plus"),
        ({"query": "a", "minus": "b", "plus": "c"}, "line 2 has no relevant"),
        (GOOD | {"query": 3}, "line 2: query is a text, not a number"),
        (GOOD | {"minus": None}, "line 2: minus is a text, not null"),
        (GOOD | {"plus": ["a"]}, "line 2: plus is a text, not a list"),
        (GOOD | {"retype": True}, "line 2: retype is a text, not true or false"),
        (GOOD | {"source": {}}, "line 2: source is a text, not an object"),
        (GOOD | {"relevant": "1.jpg"}, "line 2: relevant is a list"),
        (GOOD | {"relevant": [1]}, "line 2: relevant is a list"),
        (GOOD | {"query": "  "}, "line 2: the text of a term is empty"),
        (GOOD | {"rewrite": ""}, "line 2: the text of a term is empty"),
        (GOOD | {"plus": "x" * 5000}, "line 2: the text of a term of 5,000 characters"),
        (GOOD | {"minus": "\ud800"}, "line 2: the text of a term is not valid"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, line: Any, message: str) -> None:
    path = write(tmp_path / "q.jsonl", GOOD, line, GOOD)
    with pytest.raises(InputError, match=message):
        list(read_questions(path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.jsonl cannot be read: No such file"):
        list(read_questions(tmp_path / "no.jsonl"))
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        list(read_questions(tmp_path))
    path = tmp_path / "q.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"query": "caf\xe9"}\n')
    with pytest.raises(InputError, match="line 2 is not UTF-8"):
        list(read_questions(path))


def test_a_line_without_end_is_not_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", GOOD, "x" * 5000)
    with pytest.raises(InputError, match="line 2 is longer than"):
        list(read_questions(path, longest_line=1024))
