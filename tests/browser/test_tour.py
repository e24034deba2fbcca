"""The tour, from start to end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

import cavewall
from tests.browser.conftest import PHONE, SIZE, Open, serving
from tests.browser.views import AXE, violations
from tests.conftest import picture_bytes
from tests.pages import ROOT

CLAIMS: dict[str, Any] = json.loads((ROOT / "web/src/tour/claims.json").read_text("utf-8"))
STEPS = 13


def arrived(page: Page, step: int) -> None:
    expect(page.locator(".count")).to_have_text(f"{step} of {STEPS}")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".waiting")).to_have_count(0)


def test_from_start_to_end_by_keys(open_page: Open) -> None:
    page = open_page("tour")
    titles = []
    for step in range(1, STEPS + 1):
        arrived(page, step)
        expect(page.locator(".wrong")).to_have_count(0)
        titles.append(page.locator("h1").inner_text())
        if step > 1:
            expect(page.locator("h1")).to_be_focused()
            assert page.url.endswith(f"/tour#{step}")
        page.keyboard.press("ArrowRight")
    assert len(set(titles)) == STEPS
    assert page.url.endswith(f"/tour#{STEPS}")
    page.keyboard.press("ArrowLeft")
    arrived(page, STEPS - 1)
    page.go_back()
    arrived(page, STEPS)
    page.reload()
    arrived(page, STEPS)
    page.locator(".progress a").first.press("Enter")
    arrived(page, 1)


def test_every_suggestion_of_every_step_works(open_page: Open) -> None:
    page = open_page("tour")
    for step in range(1, STEPS + 1):
        page.goto(page.url.split("#")[0] + f"#{step}")
        arrived(page, step)
        offered = page.locator(".try button[aria-pressed]")
        if step < STEPS:
            expect(offered.nth(1)).to_be_visible()
        for place in range(offered.count()):
            offered.nth(place).click()
            expect(offered.nth(place)).to_have_attribute("aria-pressed", "true")
            page.wait_for_load_state("networkidle")
            expect(page.locator(".wrong")).to_have_count(0)


def test_words_of_ones_own(open_page: Open) -> None:
    page = open_page("tour#3")
    arrived(page, 3)
    expect(page.locator(".so")).to_have_text("Nearest: queen")
    fields = page.locator(".try input")
    for place, word in enumerate(("<b>sea</b>", "lake", "hammer")):
        fields.nth(place).fill(word)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".bars caption")).to_have_text("How near to <b>sea</b>")
    expect(page.locator(".so")).to_have_text("Nearest: lake")
    # In a field the arrows are its own.
    fields.first.press("ArrowRight")
    assert page.url.endswith("#3")


def test_a_row_is_laid_open(open_page: Open) -> None:
    page = open_page("tour#5")
    arrived(page, 5)
    row = page.locator(".opened")
    expect(row.locator("tr.vector")).to_contain_text("384 numbers")
    name = row.locator("tbody tr").first.locator(".held")
    first = name.inner_text()
    page.locator(".choices button").nth(1).click()
    expect(name).not_to_have_text(first)


def test_words_find_nothing_and_meaning_does(open_page: Open) -> None:
    page = open_page("tour#7")
    arrived(page, 7)
    expect(page.get_by_role("region", name="By words").locator(".nothing")).to_be_visible()
    found = page.get_by_role("region", name="By meaning").locator("[data-id^=cat_sleeping]")
    expect(found).to_have_count(4)


def test_terms_are_live(open_page: Open) -> None:
    page = open_page("tour#8")
    arrived(page, 8)
    expect(page.locator(".answer [data-right=true]")).to_have_count(6)
    page.get_by_role("button", name="− dog", exact=True).click()
    page.get_by_role("button", name="+ human", exact=True).click()
    expect(page.locator(".asked")).to_have_text("dog running through sand")
    expect(page.locator(".answer [data-id^=dog_]")).to_have_count(6)
    for place, text in enumerate(("a cat - in snow", "cat", "dog")):
        page.locator(".try input").nth(place).fill(text)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".asked")).to_have_text('"a cat - in snow" - cat + dog')
    expect(page.locator(".answer li")).to_have_count(6)


def test_a_weight_is_live(open_page: Open) -> None:
    page = open_page("tour#9")
    arrived(page, 9)
    weight = page.get_by_label("Weight of snow")
    weight.press("Home")
    expect(page.locator(".answer [data-right=true]")).to_have_count(1)
    weight.press("End")
    expect(page.locator(".answer [data-right=true]")).to_have_count(8)


def test_where_it_fails_it_is_seen_to_fail(open_page: Open) -> None:
    page = open_page("tour#10")
    arrived(page, 10)
    expect(page.locator(".answer [data-right=false]")).to_have_count(6)
    page.goto(page.url.split("#")[0] + "#12")
    arrived(page, 12)
    said, meant = (page.get_by_role("region", name=f"As it is {how}") for how in ("said", "meant"))
    expect(said.locator("[data-right=false]")).to_have_count(6)
    expect(meant.locator("[data-right=true]")).to_have_count(6)


@pytest.fixture(scope="module")
def own_wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("own")
    with cavewall.open(folder / "holidays") as made:
        made.add([cavewall.Picture("a.jpg", ("a dog",), image=picture_bytes())])
    with serving(folder / "holidays") as url:
        yield url


def test_on_another_wall_there_is_what_works_there(open_page: Open, own_wall: str) -> None:
    page = open_page("tour#1", at=own_wall)
    expect(page.locator(".count")).to_have_text("1 of 5")
    expect(page.locator(".elsewhere")).to_contain_text("cavewall tour")
    expect(page.locator(".elsewhere")).to_contain_text("holidays")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_load_state("networkidle")
        expect(page.locator(".wrong")).to_have_count(0)
    expect(page.locator(".count")).to_have_text("5 of 5")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci in web/ brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SIZE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_the_tour(open_page: Open, scheme: str, size: ViewportSize) -> None:
    page = open_page("tour", color_scheme=scheme, size=size)
    for step in range(1, STEPS + 1):
        page.goto(page.url.split("#")[0] + f"#{step}")
        arrived(page, step)
        assert violations(page) == [], step
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= size["width"], step
