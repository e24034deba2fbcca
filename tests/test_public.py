"""What users hold, what importing costs, and which way imports point."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
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

LAYERS = [
    [
        *(
            "area",
            "errors",
            "explanation",
            "keywords",
            "objects",
            "pictures",
            "remembered",
            "spelling",
            "threads",
            "vectors",
        ),
        *("display", "derived"),
    ],
    ["expression", "negation", "filters", "images", "likeness", "encoders", "sources"],
    [
        *("rules", "words", "caption_index", "statistics", "kmeans", "vector_index"),
        *("calibration", "maps"),
    ],
    ["store"],
    [
        *("ingest", "searchable", "search", "shortlist", "conditions", "inquiry", "advice"),
        *(
            "explain",
            "selection",
            "spaces",
            "fusion",
            "fused",
            "fingerprints",
            "recognising",
            "asking",
            "saved_terms",
            "shown",
            "coverage",
            "unfolded",
            "mapping",
        ),
    ],
    ["sheet", "sample", "evaluate", "maintain", "cluster", "coverage_plot", "map_plot"],
    ["wall"],
    ["cli", "server"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
OUTSIDE = ["testing"]
LANCE_ONLY_IN = {"store"}
HTTP = {"fastapi", "pydantic", "starlette", "uvicorn", "h11"}
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


# The import graph, read off the source.


def sources() -> Iterator[tuple[str, Path]]:
    """Every file with the part of the package that it belongs to, the root's own left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if part != "__init__":
            yield part, path


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> set[tuple[str, str]]:
    """From part to part, as `from cavewall.x.y import z` and `from cavewall import x` draw them."""
    found = set()
    for part, path in sources():
        for name in imports(path):
            package, _, rest = name.partition(".")
            if package == "cavewall":
                found.add((part, rest.partition(".")[0]))
    return found


def test_every_part_has_its_layer() -> None:
    assert {part for part, _ in sources()} <= {*LEVEL, *OUTSIDE}


def test_no_import_points_up() -> None:
    upwards = [
        f"{part} → {target or 'cavewall'}"
        for part, target in sorted(arrows())
        # What is no part is a name of the root, which holds the façade.
        if part in LEVEL and LEVEL.get(target, LEVEL["wall"]) > LEVEL[part]
    ]
    assert upwards == []


def test_there_are_arrows_to_judge() -> None:
    assert {("wall", "search"), ("search", "rules"), ("rules", "expression")} <= arrows()
    assert ("store", "filters") in arrows()


def test_filters_know_nothing_of_where_pictures_are() -> None:
    assert {target for part, target in arrows() if part == "filters"} == {
        "errors",
        "filters",
        "spelling",
    }


def test_siblings_do_not_import_each_other_in_circles() -> None:
    siblings = {(a, b) for a, b in arrows() if a != b and LEVEL.get(a) == LEVEL.get(b, -1)}
    assert not {(a, b) for a, b in siblings if (b, a) in siblings}


def test_only_the_store_knows_lance() -> None:
    users = {
        part
        for part, path in sources()
        if any(name.partition(".")[0] in ("lance", "lancedb") for name in imports(path))
    }
    assert users <= LANCE_ONLY_IN


def test_only_the_server_knows_http() -> None:
    users = {
        part
        for part, path in sources()
        if any(name.partition(".")[0] in HTTP for name in imports(path))
    }
    assert users == {"server"}


def test_nothing_in_the_package_imports_the_testing_module() -> None:
    assert not {part for part, target in arrows() if target in OUTSIDE and part not in OUTSIDE}
