"""What changed between two expressions, side by side and on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import PHONE, SIZE, Open
from tests.browser.views import (
    ARITHMETIC,
    AXE,
    ask,
    box,
    chips,
    fetched,
    ids,
    query,
    settled,
    violations,
)

BEFORE = "dog running through sand"
COLOUR = "(element) => getComputedStyle(element).getPropertyValue('--c')"


def side(page: Page, name: str) -> list[str]:
    found: list[str] = page.locator(f".side.{name} li").evaluate_all(
        "rows => rows.map(row => row.dataset.id)"
    )
    return found


def test_what_comes_goes_and_moves_is_what_the_wall_says(open_page: Open, address: str) -> None:
    page = open_page(query("dog + snow", against="dog + sand"))
    settled(page)
    expect(page.locator(".side.after li")).to_have_count(12)
    told = fetched(f"{address}api/compare?a=dog%20%2B%20sand&b=dog%20%2B%20snow&k=12")
    assert (
        page.locator(".summary")
        .inner_text()
        .startswith(f"Of the first 12: {len(told['entered'])} new, {len(told['left'])} gone")
    )
    for change in told["entered"]:
        row = page.locator(f'.side.after [data-id="{change["image_id"]}"]')
        expect(row.locator(".became b")).to_have_text("new")
        assert side(page, "after").index(change["image_id"]) + 1 == change["to"]
    for change in told["left"]:
        row = page.locator(f'.side.before [data-id="{change["image_id"]}"]')
        expect(row.locator(".became b")).to_have_text("gone")
        assert side(page, "before").index(change["image_id"]) + 1 == change["from"]


def test_the_term_responsible_has_the_colour_of_its_chip(open_page: Open) -> None:
    page = open_page(query("dog + snow", against="dog"))
    settled(page)
    cause = page.locator(".side.after .became", has_text="+ snow").first
    expect(cause).to_be_visible()
    assert cause.evaluate(COLOUR) == chips(page).nth(1).evaluate(COLOUR) != ""


def test_a_dropped_term_asks_what_changed(open_page: Open) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    page.get_by_role("button", name="Remove human").click()
    settled(page)
    page.get_by_role("button", name=re.compile("what changed without human")).click()
    settled(page)
    expect(page.get_by_label("What changes from")).to_have_value(ARITHMETIC)
    expect(page.locator(".side.before .became", has_text="no more human").first).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What changes from")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".side.after li")).to_have_count(12)


def test_what_to_compare_with_is_offered_by_keys(open_page: Open) -> None:
    page = open_page()
    ask(page, "cat")
    ask(page, ARITHMETIC)
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("#against")).to_be_focused()
    offered = page.locator(".compare .examples button")
    expect(offered).to_have_text(
        [
            "the same without dog running through sand",
            "the same without dog",
            "the same without human",
            "cat",
        ]
    )
    page.keyboard.type(BEFORE)
    page.keyboard.press("Enter")
    settled(page)
    assert "against=dog+running+through+sand" in page.url
    expect(page.locator(".side.after li")).to_have_count(12)
    page.get_by_role("button", name="swap").click()
    settled(page)
    expect(box(page)).to_have_value(BEFORE)
    expect(page.locator("#against")).to_have_value(ARITHMETIC)
    page.get_by_label("Stop comparing").click()
    settled(page)
    expect(page.locator(".card").first).to_be_visible()
    assert "against" not in page.url


def test_history_compares_too(open_page: Open) -> None:
    page = open_page()
    ask(page, "cat")
    ask(page, "dog")
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Compare with cat").click()
    settled(page)
    expect(page.locator("#against")).to_have_value("cat")
    expect(page.locator(".side.before li")).to_have_count(12)


def test_a_weight_changes_both_sides_while_it_is_dragged(open_page: Open) -> None:
    page = open_page(query("dog + snow", against="dog"))
    settled(page)
    sides = side(page, "before"), side(page, "after")
    chips(page).nth(1).locator("input[type=range]").fill("0.05")
    settled(page)
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.side.after li')]"
        ".map(row => row.dataset.id).join() !== before",
        arg=",".join(sides[1]),
    )
    assert side(page, "before") == sides[0]


def test_the_wall_walks_from_one_to_the_other(open_page: Open, address: str) -> None:
    a, b = "a dog in the snow", "a boat at night"
    page = open_page(query(b, against=a))
    settled(page)
    page.get_by_role("button", name="On the way").click()
    settled(page)
    assert "step=4" in page.url
    told = fetched(f"{address}api/path?a={a}&b={b}&steps=9".replace(" ", "%20"))
    shown = page.locator(".walk li img")
    expect(shown).to_have_count(9)
    sources = shown.evaluate_all("all => all.map(each => each.src.split('/').at(-2))")
    assert sources == [hit["image_id"] for hit in told["hits"]]
    page.locator(".walk input").focus()
    page.keyboard.press("End")
    settled(page)
    page.wait_for_function("() => document.querySelector('.card')?.dataset.id?.startsWith('boat')")
    page.keyboard.press("Home")
    settled(page)
    page.wait_for_function("() => document.querySelector('.card')?.dataset.id?.startsWith('dog')")
    assert "step=0" in page.url
    assert ids(page)[0] == told["hits"][0]["image_id"]
    again = open_page(at=page.url)
    settled(again)
    expect(again.locator(".card").first).to_have_attribute("data-id", ids(page)[0])
    page.go_back()
    settled(page)
    expect(page.locator(".walk [role=status]")).not_to_have_text("0 % of the way")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("dog", "compared with itself"),
        ("dog -cat", "white space before -"),
        ('like("nobody.jpg")', "nobody.jpg"),
        ('image("/etc/passwd")', "not read over HTTP"),
        ("<b>x</b> -y", "white space before -"),
    ],
)
def test_what_cannot_be_compared_is_said(open_page: Open, other: str, said: str) -> None:
    page = open_page(query("dog", against=other))
    settled(page)
    expect(page.locator(".compare [role=alert]")).to_contain_text(said)
    page.locator("#against").fill("cat")
    page.locator("#against").press("Enter")
    expect(page.locator(".side.after li")).to_have_count(12)
    expect(page.locator(".compare [role=alert]")).to_have_count(0)


def test_opposite_ends_have_no_way_between_them(open_page: Open) -> None:
    page = open_page(query("dog", against="- dog", step=4))
    settled(page)
    expect(page.locator(".compare [role=alert]")).to_contain_text("opposite ends")
    expect(page.locator(".card").first).to_be_visible()


def test_a_version_that_goes_while_comparing_is_told(open_page: Open) -> None:
    page = open_page(query("dog + snow", against="dog"))
    expect(page.locator(".side.after li")).to_have_count(12)
    old = fetched(f"{page.url.split('?')[0]}api/wall")["version"]
    asked: list[str] = []

    def gone(route: Route) -> None:
        """The wall has a newer version, and the one of the page is cleaned up."""
        asked.append(route.request.url)
        if f"version={old}" in route.request.url:
            problem = {"status": 410, "detail": "this version has been cleaned up"}
            route.fulfill(status=410, content_type="application/problem+json", json=problem)
            return
        address = re.sub(r"&version=\d+", "", route.request.url)
        told = route.fetch(url=address).json()
        route.fulfill(json={**told, "version": old + 1})

    page.route(re.compile("/api/(compare|search)"), gone)
    page.locator("#against").fill("cat")
    page.locator("#against").press("Enter")
    expect(page.locator(".notice")).to_contain_text(f"Version {old} of this wall is gone")
    expect(page.locator(".side.before li[data-id^=cat]")).not_to_have_count(0)
    assert any(f"version={old + 1}" in address for address in asked)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci in web/ brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SIZE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing_in_comparisons(open_page: Open, scheme: str, size: ViewportSize) -> None:
    page = open_page(query(ARITHMETIC, against=BEFORE), color_scheme=scheme, size=size)
    settled(page)
    expect(page.locator(".side.after li")).to_have_count(12)
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("button", name="On the way").click()
    settled(page)
    expect(page.locator(".walk li img")).to_have_count(9)
    assert violations(page) == []
