"""Examples in docstrings are run."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import cavewall

PACKAGE = Path(cavewall.__file__).parent


def modules() -> list[str]:
    """The modules that show an example."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"^ *>>> ", path.read_text("utf-8"), re.MULTILINE):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found.append(".".join(parts).removesuffix(".__init__"))
    return found


@pytest.mark.parametrize("name", modules())
def test_the_examples_do_what_they_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    result = doctest.testmod(module, verbose=False)
    assert result.failed == 0
    assert result.attempted > 0
    assert "+SKIP" not in Path(str(module.__file__)).read_text("utf-8")


def test_there_are_examples() -> None:
    assert len(modules()) > 3
