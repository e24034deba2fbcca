"""The worked examples of CONTRIBUTING, followed in a copy of the code."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pages import ROOT, commands, environment, make_targets

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
EXAMPLES = ("To add a source format", "To add a rule", "To add an encoder")
# A file's name on a line of its own stands for the blocks below it.
_STEP = re.compile(r"^(?:`([\w./]+)`:|(`{3,})(\w+)\n(.*?)^\2)$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """What a block says: the file that it is (`python`) or changes (`diff`), or what to type."""

    file: str
    language: str
    body: str


def steps(section: str) -> Iterator[Step]:
    file = ""
    for named, _, language, body in _STEP.findall(SECTIONS[section]):
        if named:
            file = named
        else:
            yield Step(file, language, body)


def changed(text: str, diff: str) -> str:
    """The text after a diff without line numbers, whose lines of context may be beginnings."""
    lines, told = text.splitlines(), diff.splitlines()
    before = [line for line in told if line[0] != "+"]
    places = [at for at in range(len(lines)) if _stands(before, lines[at : at + len(before)])]
    assert len(places) == 1, f"in {len(places)} places instead of one: {diff}"
    (at,) = places
    after = []
    for line in told:
        if line[0] == "+":
            after.append(line[1:])
        else:
            after += [lines[at]] if line[0] == " " else []
            at += 1
    return "\n".join([*lines[: places[0]], *after, *lines[at:], ""])


def _stands(before: list[str], lines: list[str]) -> bool:
    return len(lines) == len(before) and all(
        line.startswith(told[1:]) if told[0] == " " else line == told[1:]
        for told, line in zip(before, lines, strict=True)
    )


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    for name in ("src", "tests", "docs", "scripts", "benchmarks", "examples", "web"):
        shutil.copytree(
            ROOT / name,
            folder / name,
            ignore=shutil.ignore_patterns("__pycache__", "node_modules", "site"),
        )
    for path in (*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "Makefile"):
        shutil.copy(path, folder)
    return folder


@pytest.mark.release
@pytest.mark.parametrize("section", EXAMPLES)
def test_the_example_works(section: str, code: Path) -> None:
    """All three in one copy: none is in the way of another."""
    for step in steps(section):
        file = code / step.file
        if step.language == "sh":
            type_in(step.body, code)
        elif step.language == "diff":
            file.write_text(changed(file.read_text("utf-8"), step.body), "utf-8")
        else:
            assert not file.exists()
            file.write_text(step.body, "utf-8")


def type_in(body: str, folder: Path) -> None:
    """Run the commands of a block in a folder with code of its own."""
    run = subprocess.run(
        ["sh", "-euc", body],
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.lint
def test_nothing_else_is_to_be_typed_but_targets_of_make() -> None:
    others = [step for name in SECTIONS if name not in EXAMPLES for step in steps(name)]
    lines = [line for step in others for line in commands(step.body)]
    assert {line.removeprefix("make ") for line in lines} <= make_targets()
    assert {step.language for step in others} == {"sh"}
