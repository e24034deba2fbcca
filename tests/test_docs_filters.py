"""docs/filters.md is what filters do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from cavewall.encoders import EncoderIdentity
from cavewall.models import Picture
from cavewall.query.filters import parse_filter, parser
from cavewall.storage import NewPicture, Store
from tests.pages import ROOT

PAGE = (ROOT / "docs/filters.md").read_text("utf-8")
ROWS = re.findall(r"^\| (`{1,2})(.+?)\1 \| (.*?) ?\|$", PAGE, re.MULTILINE)


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.create(str(tmp_path_factory.mktemp("wall")), EncoderIdentity("x", 2, "x" * 64))
    vector = np.array([1, 0], np.float32)
    rows = []
    for line in block("json").splitlines():
        said = json.loads(line)
        name, captions = said.pop("image"), tuple(said.pop("captions"))
        path = Path("/photos") / name
        rows.append(NewPicture(Picture(name, captions, path, metadata=said), vector))
    store.upsert(rows)
    return store


@pytest.mark.parametrize(("source", "names"), [(source, names) for _, source, names in ROWS])
def test_each_example_chooses_what_the_page_says(store: Store, source: str, names: str) -> None:
    ids = np.array(store.snapshot().ids.to_pylist())
    chosen = ids[store.evaluate_filter(store.version, parse_filter(source))]
    assert sorted(chosen) == sorted(f"{name}.jpg" for name in names.split())


@pytest.mark.lint
def test_there_are_examples() -> None:
    assert len(ROWS) > 20


@pytest.mark.lint
def test_the_grammar_is_the_parsers() -> None:
    said = (parser.__doc__ or "").split("\n\n")[1]
    assert said in PAGE


def test_the_python_runs() -> None:
    exec(block("python"), {})
