"""docs/sources.md: every format has an example, and each example reads as the page says."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cavewall
from cavewall.encoders import Encoder
from cavewall.ingest.sources import FORMATS, Columns, SourceColumns, open_source
from cavewall.models import Picture
from cavewall.testing import FakeEncoder
from tests.cli.test_cli import Cli, cli
from tests.conftest import picture_bytes
from tests.pages import ROOT

__all__ = ["cli"]

PAGE = (ROOT / "docs/sources.md").read_text("utf-8")
_BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?```(text|python|sh|json)\n(.*?)```", re.M | re.S)


class Example(NamedTuple):
    """What stands before a result: files by name, Python to run, and the command."""

    files: dict[str, str]
    script: str
    command: str
    result: dict[str, list[str]]


def examples(section: str) -> Iterator[Example]:
    files: dict[str, str] = {}
    script = command = ""
    for name, language, body in _BLOCK.findall(section):
        if language == "text":
            files[name] = body
        elif language == "python":
            script = body
        elif language == "sh":
            command = body.strip()
        else:
            yield Example(files, script, command, json.loads(body))
            files, script, command = {}, "", ""


SECTIONS = {part.split("\n", 1)[0].strip("` "): part for part in PAGE.split("\n## ")[1:]}
EXAMPLES = [
    pytest.param(example, id=f"{title}-{number}")
    for title, part in SECTIONS.items()
    for number, example in enumerate(examples(part))
]


@pytest.mark.lint
def test_every_format_has_a_section_with_an_example_and_a_line_in_the_table() -> None:
    assert [title for title in SECTIONS if title in FORMATS] == list(FORMATS)
    for title in FORMATS:
        assert list(examples(SECTIONS[title]))
        assert f"\n| `{title}` |" in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_reads_as_the_page_says(
    example: Example, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = cavewall.open

    def opened(
        uri: str | os.PathLike[str], encoder: str | Encoder | None = None, *_: object
    ) -> cavewall.Wall:
        return real(uri, encoder or FakeEncoder())

    monkeypatch.setattr(cavewall, "open", opened)
    monkeypatch.chdir(tmp_path)
    for name, text in example.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")
    exec(example.script, {})
    _, verb, source, *options = shlex.split(example.command)
    assert verb == "add"
    if not example.script or "pyarrow" in example.script:
        draw(source, options)
    report = cli("add", source, *options, "--json").json
    assert (report["added"], report["skipped"]) == (len(example.result), [])
    wall = opened("wall")
    found: dict[str, Any] = {name: list(wall.picture(name).captions) for name in example.result}
    assert found == example.result
    assert all(wall.picture(name).image for name in example.result)


def draw(source: str, options: list[str]) -> None:
    """Pictures where the source's names say that they are."""
    named = dict(zip(options[::2], options[1::2], strict=False))
    columns = Columns(
        named.get("--image-column"), named.get("--caption-column"), named.get("--id-column")
    )
    for found in open_source(source, layout=SourceColumns(columns=columns)).pictures:
        assert isinstance(found, Picture)
        assert isinstance(found.path, Path)
        found.path.parent.mkdir(parents=True, exist_ok=True)
        found.path.write_bytes(picture_bytes())
