"""The rooms of the package, and which may import which: the table of CONTRIBUTING, as a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cavewall

PACKAGE = Path(cavewall.__file__).parent

BASE = {"errors", "_internal"}
# Each room with what it may import, itself aside.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "_internal": {"errors"},
    "models": BASE,
    "query": BASE,
    "encoders": BASE,
    "index": BASE | {"query"},
    "storage": BASE | {"models", "query", "encoders", "index"},
    "search": BASE | {"models", "query", "encoders", "index", "storage"},
    "explore": BASE | {"models", "query", "encoders", "index", "storage", "search", "ingest"},
    "ingest": BASE | {"models", "query", "encoders", "storage"},
}
BELOW = set(ROOMS)
ROOMS |= {
    # The engine for a cluster comes with an extra, and is imported where it is asked for.
    "maintenance": BELOW | {"cluster"},
    "wall": BELOW | {"maintenance"},
    "server": BELOW | {"maintenance", "wall"},
    "cli": BELOW | {"maintenance", "wall", "server", "sample"},
    "cluster": BELOW | {"maintenance", "wall"},
    "sample": BASE,
    "testing": {"wall", "models", *BASE, "encoders"},
}
HTTP = {"fastapi", "pydantic", "starlette", "uvicorn", "h11"}


def sources() -> Iterator[tuple[str, Path]]:
    """Every file with its room, the package's own `__init__` left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room != "__init__":
            yield room, path


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it, but for annotations alone."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            # Values at the root say in their annotations what they carry.
            if id(node) not in typing_only or path.parent != PACKAGE:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> set[tuple[str, str]]:
    """From room to room; the root's own names count as the façade's."""
    found = set()
    for room, path in sources():
        for name in imports(path):
            package, _, rest = name.partition(".")
            if package == "cavewall":
                target = rest.partition(".")[0]
                found.add((room, target if target in ROOMS else "wall"))
    return found


def users_of(modules: set[str]) -> set[str]:
    return {
        room
        for room, path in sources()
        if any(name.partition(".")[0] in modules for name in imports(path))
    }


def test_every_file_is_in_a_room() -> None:
    assert {room for room, _ in sources()} == set(ROOMS)


def test_no_arrow_points_the_wrong_way() -> None:
    wrong = [f"{a} → {b}" for a, b in sorted(arrows()) if a != b and b not in ROOMS[a]]
    assert wrong == []


def test_there_are_arrows_to_judge() -> None:
    assert {("wall", "search"), ("search", "storage"), ("storage", "query")} <= arrows()


def test_only_storage_knows_lance() -> None:
    assert users_of({"lance", "lancedb"}) == {"storage"}


def test_only_the_server_knows_http() -> None:
    assert users_of(HTTP) == {"server"}
