"""What users hold, what importing costs, and which way imports point."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import cavewall

PACKAGE = Path(cavewall.__file__).parent

PUBLIC = [
    "AddReport",
    "CavewallError",
    "Contribution",
    "Expression",
    "Hit",
    "Hits",
    "Picture",
    "Reject",
    "SavedTerm",
    "Wall",
    "analogy",
    "has",
    "image",
    "keyword",
    "like",
    "mean",
    "open",
    "parse",
    "path",
    "register",
    "saved",
    "slerp",
    "text",
    "without",
]

HEAVY = ["torch", "transformers", "sentence_transformers", "lancedb", "lance", "fastapi", "ray"]
HEAVY += ["umap", "numba", "sklearn", "matplotlib"]


def test_the_public_names_are_exactly_these() -> None:
    assert cavewall.__all__ == PUBLIC
    assert sorted(PUBLIC) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(cavewall, name))


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_importing_loads_nothing_heavy() -> None:
    script = f"import sys, cavewall; print(*[m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == ""
