"""What is built for users: one version, and a wheel with all that it needs and no more."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
import yaml

import cavewall
from tests.pages import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def asked() -> dict[str, str]:
    """The packages that users get, those of extras too, each with the oldest that will do."""
    optional = PROJECT["optional-dependencies"]
    of_users = [one for name in optional if name not in ("dev", "docs") for one in optional[name]]
    found: dict[str, str] = {}
    for requirement in [*PROJECT["dependencies"], *of_users]:
        name, _, oldest = requirement.partition(">=")
        found[name.partition("[")[0]] = oldest
    return found


# One version.


@pytest.mark.lint
def test_the_versions_agree() -> None:
    newest = re.findall(r"^## (\d\S*)", CHANGELOG, re.MULTILINE)[0]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {cavewall.__version__, newest, str(cited["version"])} == {PROJECT["version"]}


@pytest.mark.lint
def test_the_changelog_is_kept_as_others_are() -> None:
    """https://keepachangelog.com: the kinds of change, and versions newest first."""
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)) <= kinds
    versions = re.findall(r"^## (\d+)\.(\d+)\.(\d+)", CHANGELOG, re.MULTILINE)
    assert versions == sorted(versions, key=lambda parts: tuple(map(int, parts)), reverse=True)


@pytest.mark.lint
def test_the_citation_has_what_the_format_asks_for() -> None:
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(told)
    assert told["license"] == PROJECT["license"]


@pytest.mark.lint
def test_the_oldest_versions_are_those_that_are_asked_for() -> None:
    """torch alone is not held to: no older build for processors alone can be installed by name."""
    lines = (ROOT / "constraints-oldest.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    wanted = asked()
    assert {name: wanted[name] for name in pinned} == pinned
    assert set(wanted) - set(pinned) == {"torch"}


@pytest.mark.lint
def test_there_is_a_reason_for_each_that_is_depended_on() -> None:
    page = (ROOT / "docs/decisions/0003-dependencies.md").read_text("utf-8")
    row = r"^\| ([\w, -]+?)(?: \(extra `(?!docs)\w+`\))? \| "
    named = re.findall(row, page, re.MULTILINE)
    reasons = {name.lower() for row in named for name in row.split(", ")} - {"package"}
    assert set(asked()) ^ reasons == set()


# What is built.


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel, built from the source archive, and that archive."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.release
def test_an_index_would_take_it(built: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *sorted(built.iterdir()))


@pytest.mark.release
def test_the_wheel_has_all_of_the_package(wheel: zipfile.ZipFile) -> None:
    kept = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src/cavewall").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept == {name for name in wheel.namelist() if ".dist-info/" not in name}


@pytest.mark.release
@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "explore/evaluation/lexicon.json",
        "sample/scenes.py",
        "server/page/index.html",
        "server/page/tour.html",
        "server/page/LICENSES.txt",
    ],
)
def test_the_wheel_has_what_is_no_code(wheel: zipfile.ZipFile, name: str) -> None:
    assert f"cavewall/{name}" in wheel.namelist()


@pytest.mark.release
def test_the_wheel_has_nothing_that_only_builds_or_tests(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"cavewall"}
    assert [
        name for name in names if re.search(r"\.(tsx?|map|pyc)$|test_|node_modules", name)
    ] == []
    assert sum(info.file_size for info in wheel.infolist()) < 5_000_000


@pytest.mark.release
def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    folder = f"cavewall-{PROJECT['version']}.dist-info"
    told = message_from_string(wheel.read(f"{folder}/METADATA").decode())
    assert told["Requires-Python"] == PROJECT["requires-python"]
    assert told["License-Expression"] == "Apache-2.0"
    assert wheel.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert b"cavewall = cavewall.cli:main" in wheel.read(f"{folder}/entry_points.txt")


@pytest.mark.release
def test_the_archive_builds_and_tests_without_anything_else(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "Makefile", "constraints.txt"} <= names
    assert {"src/cavewall/py.typed", "tests/conftest.py", "web/package.json"} <= names
    assert not any(re.search(r"node_modules|\.venv|shared/|__pycache__", name) for name in names)
