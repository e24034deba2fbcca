"""Reasons on the terminal and in JSON: the contract, the width, and that captions are inert."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import cavewall
from cavewall.cli import main
from cavewall.cli.output.explanation import print_comparison, print_explanation
from cavewall.search.explanation import (
    Change,
    Comparison,
    Explanation,
    HitExplanation,
    RankChange,
    TermReason,
    WithoutTerm,
    WordMatch,
)
from cavewall.testing import FakeEncoder, toy_wall

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "[bold red]markup[/bold red] [/]",
    "\u202eevil\u202c \u2066bidi\u2069",
    "line\nfeed\rreturn\ttab \u2028 \0",
)

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Runs the command on the toy wall."""
    toy_wall(tmp_path / "toy")
    opened = cavewall.open
    monkeypatch.setattr(cavewall, "open", lambda address, *_: opened(address, FakeEncoder()))

    def run(*args: str) -> tuple[int, str, str]:
        command = ["cavewall", args[0], *args[1:], "--wall", str(tmp_path / "toy")]
        monkeypatch.setattr(sys, "argv", command)
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert isinstance(stop.value.code, int) or stop.value.code is None
        return stop.value.code or 0, out, err

    return run


def answer(cli: Cli, *args: str) -> Any:
    code, out, err = cli(*args, "--json")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    return json.loads(out)


KEYS = ["expression", "rule", "encoder", "version", "where", "offset", "total", "took_ms"]
KEYS += ["hits", "advice"]


def test_json_has_the_explanation_only_where_it_is_asked_for(cli: Cli) -> None:
    plain = answer(cli, "search", "dog - snow")
    assert list(plain) == KEYS
    assert list(plain["hits"][0])[-3:] == ["percentile", "width", "height"]
    explained = answer(cli, "search", "dog - snow", "--explain")
    assert list(explained) == [*KEYS, "explanation"]
    assert explained["hits"] == plain["hits"]


def test_json_has_the_comparison_where_it_is_asked_for(cli: Cli) -> None:
    found = answer(cli, "search", "dog", "-k", "2", "--compared-to", "- dog")
    assert list(found) == [*KEYS, "comparison"]
    assert (found["comparison"]["before"], found["comparison"]["after"]) == ("- dog", "dog")
    assert found["comparison"]["k"] == 2


def test_what_is_compared_is_of_the_same_pictures_as_the_answer(cli: Cli) -> None:
    args = ("search", "dog", "-k", "2", "--compared-to", "boat", "--where", 'has("snow")')
    found = answer(cli, *args)
    shown = [hit["image_id"] for hit in found["hits"]]
    changed = found["comparison"]
    assert {change["image_id"] for change in changed["entered"]} <= set(shown)
    told = [*changed["entered"], *changed["left"], *changed["moved"]]
    assert {change["image_id"].partition("-")[0] for change in told} <= {"snow"}


def test_what_is_compared_has_its_negation_applied_too(cli: Cli) -> None:
    args = ("search", "dog without snow", "--apply-negation", "--compared-to", "dog")
    assert answer(cli, *args)["comparison"]["after"] == "dog - snow"


def test_advice_is_on_stderr_after_the_table_and_in_json(cli: Cli) -> None:
    code, out, err = cli("search", "dog without snow")
    assert (code, "advice" in out) == (0, False)
    assert err.startswith("advice: `dog without snow` says in words")
    assert answer(cli, "search", "dog without snow")["advice"] == [
        err.removeprefix("advice: ").strip()
    ]
    assert answer(cli, "search", "dog without snow", "--apply-negation")["advice"] == []


def test_the_tail_is_cut(cli: Cli) -> None:
    hits = answer(cli, "search", "a dog in deep snow", "--min-percentile", "90")["hits"]
    assert 0 < len(hits) < 6
    assert all(hit["percentile"] >= 90 for hit in hits)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("search", "dog", "--min-percentile", "101"), 2, "0"),
        (("search", "dog", "--min-percentile", "-1"), 2, "0"),
        (("search", "dog", "--min-percentile", "nan"), 2, "100"),
        (("search", "dog", "--compared-to", "dog"), 1, "compared with itself"),
        (("search", "dog", "--compared-to", "dog -cat"), 1, "white space before -"),
        (("search", "dog", "--literal", "--apply-negation"), 1, "--literal takes the text"),
        (("path", "dog", "boat", "--steps", "1"), 2, "2"),
    ],
)
def test_bad_input_is_told(cli: Cli, args: tuple[str, ...], code: int, message: str) -> None:
    found, out, err = cli(*args)
    assert (found, out) == (code, "")
    assert message in err


def test_a_path_is_an_answer(cli: Cli, tmp_path: Path) -> None:
    found = answer(cli, "path", "a dog on the beach", "- a boat", "--steps", "3")
    assert found["expression"] == "path from a dog on the beach to - a boat"
    assert found["hits"][0]["image_id"] == "beach-dog.jpg"
    assert len(found["hits"]) == 3
    sheet = tmp_path / "path.png"
    code, out, err = cli("path", "dog", "boat", "--sheet", str(sheet))
    assert (code, err) == (0, "")
    assert sheet.is_file()
    assert "path from dog to boat" in out


def test_the_terminal_shows_bars_reasons_and_changes(cli: Cli) -> None:
    code, out, err = cli("search", "dog - snow", "-k", "2", "--explain", "--compared-to", "dog")
    assert (code, err) == (0, "")
    assert re.search(r"dog +│█+▌? +\+\d\.\d{3}", out)
    assert "Without each term" in out
    assert "What changed from dog to dog - snow" in out


# Drawing.


def reasons(*texts: str) -> Explanation:
    hits = []
    for text in texts:
        words = (WordMatch(text, text, 1.0), WordMatch(text, text + "s", 0.5))
        parts = (TermReason(text, -0.5, -0.25, text, 0.5, words), TermReason("dog", 1.0, 0.5))
        hits.append(HitExplanation(text, 0.25, parts))
    moves = tuple(RankChange(text, 1, 1234) for text in texts)
    without = (
        WithoutTerm(texts[0], -0.5, False, texts, texts, moves),
        WithoutTerm(texts[0], 1.0, False, (), (), moves),
        WithoutTerm("dog", 1.0, cancels=True),
        WithoutTerm("cat", 1.0),
    )
    return Explanation(texts[0], "add", tuple(hits), without)


def changes(*texts: str) -> Comparison:
    entered = tuple(Change(text, None, 1, text, 0.5) for text in texts)
    left = tuple(Change(text, 1, None, text, -0.5) for text in texts)
    moved = tuple(Change(text, 1, 2, text, -0.5) for text in texts)
    return Comparison(texts[0], texts[-1], "add", 2, entered, left, moved)


def test_bars_have_their_side_length_and_sign(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_explanation(reasons("cat"))
    lines = capsys.readouterr().out.splitlines()
    cat, dog = (line for line in lines if "│" in line)
    assert (len(cat), len(dog)) == (len(dog), len(cat))
    left, right = cat.split("│")
    assert (left.count("█") * 2 + left.count("▐"), right.count("█")) == (19, 0)
    assert cat.endswith("−0.250")
    left, right = dog.split("│")
    assert (left.count("█"), right.count("█")) == (0, 19)
    assert dog.endswith("+0.500")


def test_words_say_what_happens_without_a_term(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(reasons("cat"))
    out = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "− 0.5 × cat: 1 enter (cat); 1 leave (cat to 1,234) " in out
    assert "cat: 1 move (cat 1 → 1234) " in out
    assert "dog: nothing would be left to search for" in out
    assert "cat: the answer stays the same" in out
    print_comparison(changes("cat"))
    out = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "+ entered at 1 cat by cat +0.500 − left from 1 cat by cat −0.500 ~ moved 1 → 2" in out
    print_comparison(Comparison("a", "b", "add", 2, (), (), ()))
    assert "the answer stays the same" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["x", "x" * 400, "犬" * 200, "many words " * 40, "🐕‍🦺" * 60])
@pytest.mark.parametrize("width", [80, 40, 20])
def test_no_line_is_longer_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_explanation(reasons(text, "b"))
    print_comparison(changes(text, "b"))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width


def test_hostile_captions_are_inert(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(reasons(*HOSTILE))
    print_comparison(changes(*HOSTILE))
    out = capsys.readouterr().out
    for character in out.replace("\n", ""):
        assert character.isprintable() or character == "\u200d", repr(character)
    assert "[bold red]markup[/bold red]" in re.sub(r"\s+", " ", out)
