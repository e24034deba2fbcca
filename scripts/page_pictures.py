"""Pictures for docs/page.md and docs/map.md: `make page-pictures`. Needs Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CAVEWALL = str(Path(sys.executable).with_name("cavewall"))
ARITHMETIC = "dog running through sand - dog + human"
PLAYING = {"q": "a dog playing - night", "against": "a dog playing"}
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 780}


def opened(
    browser: Browser, address: str, size: ViewportSize, scheme: str, q: str = "", **view: str
) -> Page:
    page = browser.new_page(
        viewport=size,
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=size is PHONE,
        is_mobile=size is PHONE,
    )
    asked = {**({"q": q} if q else {}), **view}
    page.goto(address + ("?" + urllib.parse.urlencode(asked) if asked else ""))
    settled(page)
    return page


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.documentElement.hasAttribute('data-busy')")
    page.wait_for_timeout(600)


def kept(page: Page, name: str) -> None:
    settled(page)
    page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=70)
    page.close()


def draw(browser: Browser, address: str) -> None:
    kept(opened(browser, address, WIDE, "light"), "page-start")
    kept(opened(browser, address, WIDE, "light", ARITHMETIC), "page-wall")
    page = opened(browser, address, WIDE, "dark", "dog + 0.7 * snow - night")
    page.locator(".chip").nth(1).hover()
    kept(page, "page-dark")
    page = opened(browser, address, WIDE, "light", ARITHMETIC)
    page.locator(".card .open").nth(1).click(position={"x": 90, "y": 150})
    kept(page, "page-picture")
    kept(opened(browser, address, PHONE, "light", ARITHMETIC), "page-phone")
    page = opened(browser, address, PHONE, "dark", ARITHMETIC)
    page.locator(".card .open").nth(1).tap(position={"x": 40, "y": 60})
    kept(page, "page-phone-picture")
    draw_comparisons(browser, address)
    draw_tour(browser, address)
    draw_map(browser, address)
    page = opened(browser, address, {"width": 1280, "height": 420}, "light", "human on a beach")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="width").click()
    page.locator("#box").fill("human on a beach -night")
    kept(page, "page-fault")


def draw_map(browser: Browser, address: str) -> None:
    kept(opened(browser, address, WIDE, "light", view="map"), "map-clusters")
    goal = {"view": "map", "to": "a boat on the sea"}
    kept(opened(browser, address, WIDE, "light", ARITHMETIC, **goal), "map-search")
    area = "0.1,-0.7,0.85,-0.75,0.95,0.2,0.3,0.3"
    kept(opened(browser, address, WIDE, "dark", "dog + snow", view="map", area=area), "map-dark")
    kept(opened(browser, address, PHONE, "light", "dog on a beach", view="map"), "map-phone")


def draw_comparisons(browser: Browser, address: str) -> None:
    page = opened(browser, address, {"width": 1280, "height": 900}, "light")
    page.goto(address + "?" + urllib.parse.urlencode(PLAYING))
    kept(page, "page-compare")
    page = opened(browser, address, WIDE, "dark")
    way = {"q": "a boat at night", "against": "a dog in the snow", "step": 4}
    page.goto(address + "?" + urllib.parse.urlencode(way))
    kept(page, "page-walk")


def draw_tour(browser: Browser, address: str) -> None:
    for step, name, height in ((7, "words", 800), (8, "arithmetic", 680), (12, "not", 940)):
        page = browser.new_page(viewport={"width": 1000, "height": height}, color_scheme="light")
        page.goto(f"{address}tour#{step}")
        settled(page)
        page.screenshot(path=IMAGES / f"tour-{name}.jpg", type="jpeg", quality=70)
        page.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sample, wall = f"{folder}/sample", f"{folder}/wall"
        subprocess.run([CAVEWALL, "sample", sample], check=True)
        subprocess.run([CAVEWALL, "add", sample, "--wall", wall], check=True)
        command = [CAVEWALL, "serve", "--wall", wall, "--port", "0", "--json", "--quiet"]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
            sync_playwright() as playwright,
        ):
            assert server.stdout is not None
            try:
                address = json.loads(server.stdout.readline())["url"]
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
                draw(browser, address)
                browser.close()
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
