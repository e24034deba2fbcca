"""A real server on the drawn sample, and Debian's Chromium in front of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.sample import draw_sample

pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install it")

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
SIZE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)> a dog on sand"

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


def _with_metadata(sample: Path) -> Path:
    """The sample as JSON lines, with something to filter by and a caption that means harm."""
    captions: dict[str, list[str]] = {}
    for line in (sample / "captions.txt").read_text("utf-8").splitlines()[1:]:
        name, _, caption = line.partition(",")
        captions.setdefault(name, []).append(caption.strip('"'))
    rows: list[dict[str, Any]] = [
        {
            "image": name,
            "captions": said,
            "camera": ("X100", "D90", "Box")[at % 3],
            "rating": at % 5 + 1,
            "tags": [name.split("_")[0], "drawn"],
        }
        for at, (name, said) in enumerate(captions.items())
    ]
    shutil.copy(sample / "Images" / rows[0]["image"], sample / "Images" / "hostile.jpg")
    rows.append({"image": "hostile.jpg", "captions": [HOSTILE], "camera": "X100"})
    found = sample / "pictures.jsonl"
    found.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return found


@pytest.fixture(scope="package")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wall of the sample with metadata; no test writes to it."""
    folder = tmp_path_factory.mktemp("browser")
    draw_sample(folder / "sample")
    with cavewall.open(folder / "wall") as made:
        made.add(_with_metadata(folder / "sample"), images=folder / "sample" / "Images")
        made.terms.save("seaside", "sand + sea")
    return folder / "wall"


@contextmanager
def serving(wall: Path, **environment: str) -> Iterator[str]:
    """The address of `cavewall serve`, stopped afterwards."""
    cavewall = str(Path(sys.executable).with_name("cavewall"))
    command = [cavewall, "serve", "--wall", str(wall), "--port", "0"]
    with subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    ) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())["url"]
        finally:
            server.terminate()


@pytest.fixture(scope="package")
def address(wall: Path) -> Iterator[str]:
    with serving(wall) as url:
        yield url


# Of the package: until Playwright ends, its loop runs in the thread that all tests run in.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page, in a window of its own; at the end nothing may have been complained of.

    An answer that says no (422 and the like) is in the console too, and is no complaint of ours.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(
        query: str = "", at: str = address, size: ViewportSize = SIZE, **options: Any
    ) -> Page:
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type in ("error", "warning")
                and "the server responded with" not in said.text
                # Of drawing without a graphics card: the browser reads back what it drew itself.
                and "GL Driver Message" not in said.text
                else None
            ),
        )
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.goto(at + query)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
