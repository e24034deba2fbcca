"""`make release-check`: build what users get, and install it on the newest and oldest versions.

Everything lies in build/release. Some minutes, and the packages of two environments (3 GB) from
the index that pip knows. Prints a line a step; ends at the first that fails.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "release"
# What the fast part of the tests needs besides the package.
TEST_TOOLS = ["pytest", "hypothesis", "pandas", "boto3", "moto[s3]", "flask", "flask-cors"]
FAST = [
    "tests/query",
    "tests/storage",
    "tests/ingest/sources",
    "tests/search/test_rules.py",
]
FAST += [
    "tests/search/test_search.py",
    "tests/test_wall.py",
    "tests/_internal/test_images.py",
    "tests/cli/test_cli.py",
]


def main() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    newest, oldest = PLACE / "newest", PLACE / "oldest"
    steps: dict[str, Callable[[], None]] = {
        "one version, one wheel with what it needs": lambda: test("tests/test_release.py"),
        "CITATION.cff keeps its schema": citation,
        "built": lambda: call(sys.executable, "-m", "build", "--outdir", PLACE / "dist", ROOT),
        "installed on the newest versions": lambda: install(newest),
        "a first search there": lambda: first_search(newest),
        "installed on the oldest versions": lambda: install(
            oldest, ROOT / "constraints-oldest.txt"
        ),
        "a first search there, too": lambda: first_search(oldest),
        "tests on the oldest versions": lambda: test_installed(oldest),
    }
    for name, step in steps.items():
        start = time.monotonic()
        step()
        print(f"{time.monotonic() - start:6.0f} s  {name}", flush=True)


def call(*command: str | Path, folder: Path = ROOT) -> None:
    """Run a command away from the source, and end with what it says where it fails."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=kept, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def test(*chosen: str) -> None:
    call(sys.executable, "-m", "pytest", "-q", *chosen)


def environment(folder: Path, *wanted: str | Path) -> None:
    call(sys.executable, "-m", "venv", folder)
    call(folder / "bin/python", "-m", "pip", "install", "--quiet", *wanted)


def citation() -> None:
    """In an environment of its own: the validator keeps other packages at old versions."""
    environment(PLACE / "cff", "cffconvert")
    call(PLACE / "cff/bin/cffconvert", "--validate")


def install(folder: Path, constraints: Path | None = None) -> None:
    """The wheel with its extras into an empty environment."""
    (wheel,) = (PLACE / "dist").glob("*.whl")
    # The build that is here: the newest by name brings CUDA.
    torch = PLACE / "torch.txt"
    torch.write_text(f"torch=={version('torch').partition('+')[0]}\n")
    held: list[str | Path] = ["--constraint", torch]
    held += [] if constraints is None else ["--constraint", constraints]
    environment(folder, *held, f"{wheel}[heif,kaggle,map,plot,siglip]", *TEST_TOOLS)


def first_search(folder: Path) -> None:
    """What someone does first, with the command, in an empty folder."""
    (away := PLACE / f"{folder.name}-away").mkdir()
    command = folder / "bin/cavewall"
    for line in (["--version"], ["sample", "photos"], ["add", "photos"], ["doctor"]):
        call(command, *line, folder=away)
    call(command, "search", "dog running through sand - dog + human", "--json", folder=away)


def test_installed(folder: Path) -> None:
    """The fast part of the tests, of what is installed."""
    copy = PLACE / "tests"
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs", copy / "docs")
    shutil.copy(ROOT / "pyproject.toml", copy)
    # Older packages warn of what has changed since.
    options = ["-q", "-m", "not encoder and not s3", "-W", "default"]
    call(folder / "bin/python", "-m", "pytest", *options, *FAST, folder=copy)


if __name__ == "__main__":
    main()
