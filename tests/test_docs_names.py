"""Names on the pages: each is there in the code, and what the code has is on the pages."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import cavewall
from cavewall.cli import app
from cavewall.explore.evaluation.questions import BASELINES
from cavewall.ingest.sources import FORMATS
from cavewall.query.parser import _FUNCTIONS
from cavewall.search.connection import Namespace
from cavewall.search.rules import RULES
from tests.pages import PAGES, ROOT, blocks, commands, extras, make_targets

pytestmark = pytest.mark.lint

PACKAGE = Path(cavewall.__file__).parent
WALL = cavewall.open("nowhere")
CODE = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)")
VARIABLE = re.compile(r"(?<![\w<])CAVEWALL(?:_[A-Z0-9_]+)?\b")
# Options of other programs that the pages speak of.
FOREIGN = {"--index-url"}


def page_text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def prose(page: str) -> str:
    """The page without its blocks and their captions, `file`: alone on a line."""
    text = re.sub(r"^ *(`{3,}).*?^ *\1 *$", "", page_text(page), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^`[^`\n]+`:$", "", text, flags=re.MULTILINE)


def spans(page: str) -> Iterator[str]:
    """Code within sentences and tables."""
    for _, code in CODE.findall(prose(page)):
        yield code.strip().replace("\\|", "|")


def all_code(page: str) -> Iterator[str]:
    """Code within sentences, and lines of blocks."""
    yield from spans(page)
    for block in blocks(page):
        yield from commands(block.body)


def cells(page: str, heading: str) -> list[str]:
    """The first column of the table below a heading, its code alone."""
    table = re.search(
        rf"^\| {re.escape(heading)} \|.*\n\|[-| :]+\n((?:\|.*\n)+)", page_text(page), re.M
    )
    assert table is not None, f"{page} has no table with the heading {heading}"
    return [code for row in table[1].splitlines() for code in _first_cell(row)]


def _first_cell(row: str) -> list[str]:
    return [code for _, code in CODE.findall(row.split(" | ", maxsplit=1)[0])]


every_page = pytest.mark.parametrize("page", PAGES)


# Commands and their options; docs/cli.md has them all, for it is made of them.


def options_of(command: Any) -> set[str]:
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return {name for name in found if name.startswith("-")} | {"--help", "-h"}


def every_command(group: Any) -> Iterator[Any]:
    yield group
    for command in getattr(group, "commands", {}).values():
        yield from every_command(command)


CLI = get_command(app)
OPTIONS = set().union(*map(options_of, every_command(CLI)))


def wrong_in(line: str) -> str | None:
    """What the command line names that is not there."""
    command: Any = CLI
    for word in line.split()[1:]:
        name = word.strip("[]…")
        if hasattr(command, "commands") and re.fullmatch(r"[a-z][a-z-]*", name):
            if name not in command.commands:
                return f"no command {name}"
            command = command.commands[name]
        option = re.match(r"--[a-z][a-z-]*", name)
        if option and option[0] not in options_of(command):
            return f"no option {option[0]}"
    return None


@every_page
def test_every_command_on_the_page_is_there_with_its_options(page: str) -> None:
    lines = [code for code in all_code(page) if code.startswith("cavewall ")]
    wrong = {line: wrong_in(_before_pipes(line)) for line in lines}
    assert {line: fault for line, fault in wrong.items() if fault} == {}


def _before_pipes(line: str) -> str:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        words = line.split()
    ends = [at for at, word in enumerate(words) if word in ("|", ">", "<", "&&", ";")]
    return " ".join(word.split(" ")[0] for word in words[: min(ends, default=None)])


@every_page
def test_every_option_on_the_page_is_one_of_some_command(page: str) -> None:
    named = {
        option
        for code in spans(page)
        if not re.match(r"(pip|aws|docker|git|npm|uvicorn|pytest|gsutil|az|mkdocs) ", code)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)
    }
    assert sorted(named - OPTIONS - FOREIGN) == []


@every_page
def test_every_target_and_extra_on_the_page_is_there(page: str) -> None:
    targets, named = set[str](), set[str]()
    for code in all_code(page):
        if line := re.match(r"make ([a-z-]+)\b(?! *=)", code):
            targets.add(line[1])
        named |= {
            name for found in re.findall(r"cavewall\[([\w,]+)\]", code) for name in found.split(",")
        }
    assert sorted(targets - make_targets()) == []
    assert sorted(named - extras()) == []


def test_every_extra_is_told_of() -> None:
    told = "\n".join(page_text(page) for page in PAGES)
    of_users = extras() - {"dev", "docs"}
    assert [name for name in sorted(of_users) if f"cavewall[{name}]" not in told] == []


# Python.


@every_page
def test_every_name_of_python_on_the_page_is_there(page: str) -> None:
    gone = set()
    for code in all_code(page):
        gone |= {
            f"wall.{name}"
            for name in re.findall(r"\b[Ww]all\.([a-z]\w*(?:\.[a-z]\w*)?)\b", code)
            if not _is_of_a_wall(name) and name not in ("py", "lance", "csv", "lance.versions")
        }
        gone |= {
            f"cavewall.{name}"
            for name in re.findall(r"(?<![\w./])cavewall\.([A-Za-z]\w*)", code)
            if not hasattr(cavewall, name) and not _is_part(name)
        }
    assert gone == set()


def _is_of_a_wall(name: str) -> bool:
    first, _, second = name.partition(".")
    namespace = vars(WALL).get(first)
    if isinstance(namespace, Namespace):
        return not second or hasattr(namespace, second)
    return first in dir(WALL)


def _is_part(name: str) -> bool:
    return (PACKAGE / f"{name}.py").is_file() or (PACKAGE / name / "__init__.py").is_file()


@pytest.mark.parametrize("name", cavewall.__all__)
def test_every_public_name_is_on_the_page_of_python(name: str) -> None:
    assert name in cells("docs/python.md", "name")


# Rules, formats, functions.


def test_the_page_of_arithmetic_has_the_rules_that_there_are() -> None:
    section = page_text("docs/arithmetic.md").split("\n## The rules\n")[1].split("\n### ")[0]
    assert sorted(re.findall(r"^\*\*`(\w+)`\*\*", section, re.MULTILINE)) == sorted(RULES)


@every_page
def test_every_rule_on_the_page_is_there(page: str) -> None:
    named = {rule for code in all_code(page) for rule in re.findall(r"--rule ([a-z]+)", code)}
    assert sorted(named - set(RULES) - set(BASELINES)) == []


def test_the_page_of_sources_has_the_formats_that_there_are() -> None:
    assert cells("docs/sources.md", "`--format`") == list(FORMATS)


def test_the_readme_has_the_functions_that_there_are() -> None:
    told = " ".join(cells("README.md", "write"))
    assert set(re.findall(r"\b(\w+)\(", told)) == {*_FUNCTIONS, "has"}


# The environment.


@cache
def variables(*roots: Path) -> set[str]:
    """The variables of ours that Python files name in strings."""
    found = set[str]()
    for path in (path for root in roots for path in root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} & set(VARIABLE.findall(node.value))
    return found


def test_the_page_of_the_shell_has_the_variables_that_there_are() -> None:
    told = {code.lstrip("$") for code in cells("docs/shell.md", "variable")}
    assert {name for name in told if name.startswith("CAVEWALL")} == variables(PACKAGE)


@every_page
def test_every_variable_on_the_page_is_read_somewhere(page: str) -> None:
    read = variables(PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "scripts")
    assert sorted(set(VARIABLE.findall(page_text(page))) - read) == []


# Files and links.


@every_page
def test_every_file_on_the_page_is_there(page: str) -> None:
    named = {
        code
        for code in spans(page)
        if re.fullmatch(r"(src|tests|docs|benchmarks|scripts|examples|web)/[\w./-]+", code)
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@every_page
def test_every_link_of_the_page_leads_somewhere(page: str) -> None:
    lost = []
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", re.sub(CODE, "", prose(page))):
        target, _, anchor = link.partition("#")
        file = (ROOT / page).parent / target if target else ROOT / page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(link)
    assert lost == []


def anchors(page: Path) -> set[str]:
    """What links may name behind a #, as GitHub and MkDocs make it of headings."""
    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", head.lower()).strip() for head in heads)
    return {re.sub(r"\s", "-", head) for head in plain}
