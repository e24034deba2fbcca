"""The site: what is generated is fresh, and what its pages name is there."""

from __future__ import annotations

import importlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

import cavewall
from cavewall.encoders import EncoderIdentity
from cavewall.storage.schema import FORMAT, table_schema
from tests.pages import ROOT, bodies

DOCS = ROOT / "docs"
THREATS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "threats.md").read_text("utf-8"))


@pytest.mark.lint
@pytest.mark.parametrize("script", ["http_docs", "layers", "railroads"])
def test_what_is_generated_is_fresh(script: str) -> None:
    if script == "railroads":
        pytest.importorskip("railroad", reason="pip install 'cavewall[docs]'")
    told = subprocess.run(
        [sys.executable, ROOT / "scripts" / f"{script}.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.lint
@pytest.mark.parametrize(
    ("page", "module"),
    [
        ("python", "cavewall"),
        ("testing", "cavewall.testing"),
        ("evaluate", "cavewall.explore.evaluation"),
    ],
)
def test_the_reference_has_every_public_name_once(page: str, module: str) -> None:
    text = (DOCS / "reference" / f"{page}.md").read_text("utf-8")
    named = re.findall(rf"^::: {re.escape(module)}\.(\w+)$", text, re.MULTILINE)
    if module == "cavewall":
        assert named.pop() == "errors"
    assert sorted(named) == sorted(importlib.import_module(module).__all__)


@pytest.mark.lint
def test_the_table_page_is_the_schema() -> None:
    text = (DOCS / "table.md").read_text("utf-8")
    # As the packaged model makes it.
    schema = table_schema(EncoderIdentity("any", 384, "d" * 64))
    kinds = {"arrow.json": "json", "lance.blob.v2": "blob"}
    assert re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", text, re.MULTILINE) == [
        (field.name, kinds.get(getattr(field.type, "extension_name", ""), str(field.type)))
        for field in schema
    ]
    history = text.partition("## Versions of the format")[2]
    assert re.findall(r"^\| (\d+) \|", history, re.MULTILINE)[-1] == str(FORMAT)
    (said,) = bodies("docs/table.md", "json")
    known = json.loads(schema.metadata[b"cavewall"])
    assert set(json.loads(said)) == set(known)
    assert set(json.loads(said)["encoder"]) == set(known["encoder"])


@pytest.mark.lint
@pytest.mark.parametrize(("module", "test"), THREATS)
def test_a_threat_is_held_by_a_test_that_is_there(module: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / module).read_text("utf-8")


@pytest.mark.lint
def test_every_threat_names_a_test() -> None:
    threats = re.findall(r"^- \*\*.*$", (DOCS / "threats.md").read_text("utf-8"), re.MULTILINE)
    assert len(threats) > 25
    assert [threat for threat in threats if "<br>`tests/" not in threat] == []


@pytest.mark.lint
def test_figures_told_to_beginners_are_those_of_the_measurement() -> None:
    learn = (DOCS / "learn.md").read_text("utf-8")
    measured = (DOCS / "arithmetic.md").read_text("utf-8").replace("**", "")
    rows = re.findall(r"^\| [\w ]+ \| [\w ]+ \| (\.\d+) \| (\.\d+) \| (\.\d+) \|$", learn, re.M)
    assert len(rows) == 4
    for words, add, retype in rows:
        assert re.search(rf"\| {words} \| {add} \|.* {retype} \|$", measured, re.M)


@pytest.mark.lint
def test_the_site_has_the_colours_of_the_page() -> None:
    colours = re.compile(r"#[0-9a-f]{6}\b")
    page = colours.findall((ROOT / "web/src/styles/colours.css").read_text("utf-8"))
    site = colours.findall((DOCS / "styles/site.css").read_text("utf-8"))
    assert set(site) - set(page) == set()


@pytest.mark.encoder
def test_the_pictures_of_the_learn_page_show_what_the_wall_answers(sampled: Path) -> None:
    text = (DOCS / "learn.md").read_text("utf-8")
    with cavewall.open(sampled / "wall") as wall:
        for name in ("feline", "swap", "others", "three"):
            assert f"images/learn/{name}.jpg" in text
            with Image.open(DOCS / f"images/learn/{name}.jpg") as picture:
                shown = json.loads(picture.info["comment"])
            for query, ids in shown.items():
                assert f'first("{query}"' in text
                assert [hit.image_id for hit in wall.search(query, 4)] == ids


# What MkDocs does besides. That the site can be built is for `make docs`.


@pytest.fixture(scope="module")
def hooks() -> dict[str, Any]:
    pytest.importorskip("mkdocs", reason="pip install 'cavewall[docs]'")
    return runpy.run_path(str(ROOT / "scripts/site_hooks.py"))


def page_of(source: str, home: bool = False) -> Any:
    return SimpleNamespace(file=SimpleNamespace(src_uri=source), is_homepage=home, meta={})


@pytest.mark.parametrize(
    ("page", "link", "moved"),
    [
        ("learn.md", "map.md#what-it-shows", "map.md#what-it-shows"),
        ("design.md", "../CONTRIBUTING.md", "contributing.md"),
        ("howto/serve.md", "../../CONTRIBUTING.md#habits", "../contributing.md#habits"),
        ("decisions/0009-exports.md", "../performance.md", "../performance.md"),
        ("page.md", "../README.md", "index.md"),
        (
            "contributing.md",
            "docs/decisions/0007-nothing-lost.md",
            "decisions/0007-nothing-lost.md",
        ),
        ("contributing.md", "docs/decisions", "decisions/index.md"),
        ("changelog.md", "docs/scale.md", "scale.md"),
        # What is not on the site stays, so that MkDocs tells of it; so do other sites and mail.
        ("design.md", "../src/cavewall/wall.py", "../src/cavewall/wall.py"),
        ("index.md", "https://lancedb.com", "https://lancedb.com"),
    ],
)
def test_links_of_the_repository_lead_to_the_site(
    hooks: dict[str, Any], page: str, link: str, moved: str
) -> None:
    text = hooks["on_page_markdown"](f"see [this]({link}), and", page=page_of(page))
    assert text == f"see [this]({moved}), and"


def test_home_alone_has_no_menus(hooks: dict[str, Any]) -> None:
    home, other = page_of("index.md", home=True), page_of("learn.md")
    for page in (home, other):
        hooks["on_page_markdown"]("", page=page)
    assert (home.meta, other.meta) == ({"hide": ["navigation", "toc"]}, {})


@pytest.mark.lint
def test_every_decision_is_in_the_menu_in_its_order(hooks: dict[str, Any]) -> None:
    inside = ["decisions/index.md"]
    hooks["on_config"](SimpleNamespace(nav=[{"Explanation": ["design.md", {"Decisions": inside}]}]))
    assert inside[1:] == sorted(f"decisions/{path.name}" for path in DOCS.glob("decisions/0*.md"))
    assert len(inside) > 20


@pytest.mark.parametrize(
    ("hook", "html"),
    [
        ("on_post_page", '<script src="https://unpkg.com/x"></script>'),
        ("on_post_page", "<img alt=x src=//example.org/a.png>"),
        ("on_post_page", '<link rel="stylesheet" href="https://fonts.example/css">'),
        ("on_page_content", "<p>These are\n- not\n- a list</p>"),
    ],
)
def test_what_would_be_wrong_on_the_site_fails(hooks: dict[str, Any], hook: str, html: str) -> None:
    with pytest.raises(Exception, match=r"learn\.md") as found:
        hooks[hook](html, page=page_of("learn.md"))
    assert type(found.value).__name__ == "PluginError"


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://lancedb.com">LanceDB</a><img src="images/a.png"><script src="a.js">',
        '<link rel="canonical" href="https://example.org/learn.html">',
        "<p>a</p>\n<ul>\n<li>b</li></ul><pre>a\n- b</pre>",
    ],
)
def test_what_is_right_stays(hooks: dict[str, Any], html: str) -> None:
    for hook in ("on_post_page", "on_page_content"):
        assert hooks[hook](html, page=page_of("learn.md")) == html
