"""What a test asks of the page, in its own words."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page

from tests.pages import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ARITHMETIC = "dog running through sand - dog + human"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def query(q: str, **values: str | int) -> str:
    return "?" + urllib.parse.urlencode({"q": q, **values})


def answer(address: str, q: str, **values: str | int) -> dict[str, Any]:
    """What the API says to the same."""
    return fetched(f"{address}api/search{query(q, **values)}")


def fetched(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url) as response:
        found: dict[str, Any] = json.load(response)
    return found


def ids(page: Page) -> list[str]:
    """The pictures in reading order, as many as are in the document."""
    found: list[str] = page.locator(".card").evaluate_all(
        "cards => cards.sort((a, b) => a.dataset.place - b.dataset.place).map(c => c.dataset.id)"
    )
    return found


def ask(page: Page, expression: str) -> None:
    box(page).fill(expression)
    box(page).press("Enter")
    settled(page)


def settled(page: Page) -> None:
    """Until what was asked last is on the wall."""
    page.wait_for_function("() => !document.documentElement.hasAttribute('data-busy')")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.documentElement.hasAttribute('data-busy')")
    # What is known is rendered before the second frame.
    frame = "new Promise((done) => requestAnimationFrame(done))"
    page.evaluate(f"() => {frame}.then(() => {frame})")


def box(page: Page) -> Locator:
    return page.locator("#box")


def chips(page: Page) -> Locator:
    return page.locator(".chip")


def slider(page: Page, place: int) -> Locator:
    return chips(page).nth(place).locator("input[type=range]")


def drag(page: Page, place: int, share: float) -> None:
    """The weight of a term to a share of its slider, by the mouse, in small steps."""
    track = slider(page, place).bounding_box()
    assert track is not None
    y = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + track["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(track["x"] + share * track["width"], y, steps=12)
    settled(page)


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, and its best practices."""
    page.wait_for_timeout(300)
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("() => axe.run()")
    return [
        f"{fault['id']}: {fault['help']}: {[node['html'][:200] for node in fault['nodes'][:4]]}"
        for fault in found["violations"]
    ]
