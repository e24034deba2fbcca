"""The image that cannot be built here: its recipe is linted, and held against the package."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cavewall.testing import toy_wall
from tests.pages import ROOT
from tests.server.served import process

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Only models other than the packaged one are read with these.
LEFT_OUT = {"torch", "transformers", "sentence-transformers"}
TOKEN = "a-token-of-sixteen-characters"


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


REQUIREMENTS = pinned("docker/requirements.txt")


def test_the_recipe_has_nothing_that_a_linter_finds() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint is not there: it comes with .[dev] on Linux")
    run = subprocess.run(
        [linter, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert run.stdout + run.stderr == ""


def test_the_versions_are_those_that_are_tested() -> None:
    tested = pinned("constraints.txt")
    assert {name: tested.get(name) for name in REQUIREMENTS} == REQUIREMENTS


def test_the_image_holds_what_the_package_needs_and_what_that_needs() -> None:
    wanted = {Requirement(text) for text in PYPROJECT["project"]["dependencies"]}
    for name in REQUIREMENTS:
        wanted |= {Requirement(text) for text in metadata.requires(name) or ()}
    needed = {
        canonicalize_name(each.name)
        for each in wanted
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }
    assert needed - LEFT_OUT - set(REQUIREMENTS) == set()
    assert LEFT_OUT & set(REQUIREMENTS) == set()


def test_both_stages_begin_with_the_same_pinned_base() -> None:
    bases = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert bases[0].count(".") == 2, "a version down to its last part"


def test_the_container_is_nobodys_in_particular() -> None:
    last = DOCKERFILE.split("FROM ")[-1]
    assert last.index("\nUSER 10001:10001\n") < last.index("\nENTRYPOINT ")
    assert "TOKEN" not in DOCKERFILE
    assert "SECRET" not in DOCKERFILE


def test_what_is_copied_is_not_ignored_and_all_else_is() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    copied = [
        name
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    ]
    assert "*" in lines
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / name).exists() for name in copied)
    assert not any(fnmatch(".git", name) or fnmatch("tests", name) for name in let_in)


@pytest.mark.parametrize(
    ("served_with", "known", "healthy"),
    [(TOKEN, TOKEN, True), (TOKEN, "", True), (TOKEN, "another-token-of-someone", False)],
)
def test_the_health_check(served_with: str, known: str, healthy: bool, tmp_path: Path) -> None:
    toy_wall(tmp_path / "toy")
    with process(tmp_path / "toy", f"token={served_with}") as (_, port):
        for _ in range(100):
            if (status := _health(port, known)) == (0 if healthy else 1):
                break
        assert status == (0 if healthy else 1)
    assert _health(port, known) == 1


def _health(port: int, token: str) -> int:
    command = [sys.executable, str(ROOT / "docker/health.py"), str(port)]
    run = subprocess.run(command, env={"CAVEWALL_TOKEN": token}, check=False, timeout=30)
    return run.returncode
