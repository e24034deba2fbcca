"""For everyone: keys alone, narrow screens, axe-core without a violation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import PHONE, SIZE, Open
from tests.browser.views import ARITHMETIC, AXE, box, chips, ids, query, settled, slider, violations


def _focused(page: Page) -> str:
    found: str = page.evaluate("() => document.activeElement.closest('.card')?.dataset.place ?? ''")
    return found


def test_everything_by_keys(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("human + sand")
    page.keyboard.press("Enter")
    settled(page)
    shown = ids(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.closest('.card')?.dataset.place === '0'")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.closest('.card')?.dataset.place === '1'")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.closest('.card')?.dataset.place > '1'")
    above, below = (
        page.locator(f'[data-place="{at}"]').bounding_box() for at in (1, _focused(page))
    )
    assert above is not None
    assert below is not None
    assert below["y"] > above["y"] + above["height"]
    assert below["x"] < above["x"] + above["width"]
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => document.activeElement.closest('.card')?.dataset.place === '1'")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 selected")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("() => document.activeElement.closest('.card')?.dataset.place === '1'")
    page.keyboard.press("-")
    expect(box(page)).to_have_value(f'human + sand - like("{shown[1]}")')
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")


def test_a_weight_by_keys(open_page: Open) -> None:
    page = open_page(query("dog + snow"))
    settled(page)
    slider(page, 0).focus()
    page.keyboard.press("ArrowLeft")
    expect(box(page)).to_have_value("0.95 * dog + snow")


def test_the_focus_is_seen(open_page: Open) -> None:
    page = open_page(query("dog"))
    settled(page)
    box(page).focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.matches('.open')")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_phone_has_room_for_everything(open_page: Open) -> None:
    page = open_page(query(ARITHMETIC), size=PHONE, has_touch=True, is_mobile=True)
    settled(page)
    wide = "() => document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= PHONE["width"]
    expect(chips(page)).to_have_count(3)
    page.get_by_role("button", name="Filter", exact=True).tap()
    expect(page.locator("#filter")).to_be_visible()
    assert page.evaluate(wide) <= PHONE["width"]
    page.get_by_label("Close the filters").tap()
    page.locator(".card .open").first.tap(position={"x": 20, "y": 20})
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="− this")).to_be_visible()
    assert page.evaluate(wide) <= PHONE["width"]
    sheet.get_by_label("select").check()
    sheet.get_by_role("button", name="− this").tap()
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(chips(page)).to_have_count(4)


def test_nothing_moves_for_who_wants_it_calm(open_page: Open) -> None:
    page = open_page(query("dog + snow"), reduced_motion="reduce")
    settled(page)
    page.evaluate(
        """() => {
          window.moves = 0;
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (...all) {
            window.moves++;
            return animate.apply(this, all);
          };
        }"""
    )
    before = ids(page)
    chips(page).nth(1).locator(".sign").click()
    settled(page)
    assert ids(page) != before
    assert page.evaluate("() => window.moves") == 0


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci in web/ brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SIZE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing(open_page: Open, scheme: str, size: ViewportSize) -> None:
    page = open_page(color_scheme=scheme, size=size)
    expect(page.locator(".some img")).to_have_count(18)
    assert violations(page) == []
    page.goto(page.url.split("?")[0] + query("dog without a leash - 0.5 * (sand + sea)"))
    settled(page)
    page.locator(".card .open").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Filter")).click()
    page.get_by_role("button", name="camera").click()
    page.locator("#filter").fill("camra = 1")
    page.locator("#filter").press("Enter")
    expect(page.locator("#filter-fault")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Clear").click()
    page.locator("#box").fill("dog -cat")
    expect(page.locator("#box-fault")).to_be_visible()
    assert violations(page) == []
    page.goto(page.url.split("?")[0] + query(ARITHMETIC, picture="hostile.jpg"))
    expect(page.locator(".near img")).to_have_count(12)
    assert violations(page) == []
    page.keyboard.press("Escape")
    for opens in ("History", "Keys"):
        button = page.get_by_role("button", name=opens)
        if button.is_visible():
            button.click()
            assert violations(page) == []
            page.keyboard.press("Escape")
    assert _focused(page) == ""


def test_what_is_typed_before_the_wall_has_answered_stays(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/wall", hold)
    page.reload(wait_until="domcontentloaded")
    box(page).press_sequentially("a dog")
    (waiting,) = held
    waiting.continue_()
    settled(page)
    expect(box(page)).to_have_value("a dog")
    assert ids(page)
    assert "q=a+dog" in page.url
