"""The wall itself, its filters, and one picture of it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, Open
from tests.browser.views import ARITHMETIC, answer, ask, chips, ids, query, settled


def test_the_start_gives_something_to_begin_with(open_page: Open) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    expect(page.locator(".some img")).to_have_count(18)
    page.get_by_role("button", name="@seaside").click()
    settled(page)
    expect(page.locator(".card").first).to_be_visible()


def test_scrolling_shows_every_picture_once_and_keeps_the_page_light(
    open_page: Open, address: str
) -> None:
    page = open_page(query("human"))
    settled(page)
    seen: dict[str, None] = dict.fromkeys(ids(page))
    for _ in range(80):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(60)
        shown = ids(page)
        assert len(shown) < 90
        seen |= dict.fromkeys(shown)
        if len(seen) == 373:
            break
    expected = [hit["image_id"] for hit in answer(address, "human", k=373)["hits"]]
    assert list(seen) == expected
    expect(page.get_by_role("status").first).to_have_text("373 of 373 pictures")


def test_a_version_that_is_gone_is_told_and_the_newest_shown(open_page: Open) -> None:
    page = open_page()
    problem = '{"status": 410, "detail": "this version of the wall has been cleaned up"}'
    page.route(
        re.compile(r"/api/search.*version="),
        lambda route: route.fulfill(
            status=410, content_type="application/problem+json", body=problem
        ),
    )
    page.goto(page.url + query("dog", version=1))
    expect(page.locator(".notice")).to_contain_text("Version 1 of this wall is gone")
    expect(page.locator(".card").first).to_be_visible()


def test_what_each_term_brought_is_shown_and_lit(open_page: Open, address: str) -> None:
    page = open_page(query("dog + snow"))
    settled(page)
    hit = answer(address, "dog + snow", k=1)["hits"][0]
    card = page.locator(".card").first
    assert len(hit["terms"]) == 2
    expect(card.locator(".bar span")).to_have_count(2)
    chips(page).nth(1).hover()
    expect(card.locator(".score")).to_have_text(f"+{hit['terms'][1]['contribution']:.2f}")
    expect(card.locator(".bar .t0")).to_have_class(re.compile("faint"))
    colours = [
        page.evaluate(
            "(element) => getComputedStyle(element).getPropertyValue('--c')",
            place.element_handle(),
        )
        for place in (chips(page).nth(1), card.locator(".bar .t1"))
    ]
    assert colours[0] == colours[1] != ""


def test_percentiles_instead_of_scores(open_page: Open) -> None:
    page = open_page(query("dog"))
    settled(page)
    expect(page.locator(".score").first).to_have_text(re.compile(r"^0\.\d{3}$"))
    page.get_by_label("Show").select_option("percentile")
    expect(page.locator(".score").first).to_have_text(re.compile(r"^\d+\.\d+ %$"))


def test_advice_is_shown(open_page: Open, address: str) -> None:
    advice = answer(address, ARITHMETIC, k=60)["advice"]
    page = open_page(query(ARITHMETIC))
    assert advice
    expect(page.locator(".advice li")).to_have_text([each.replace("`", "") for each in advice])


def test_filters_are_written_and_clicked(open_page: Open) -> None:
    page = open_page(query("dog"))
    settled(page)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("button", name="camera").click()
    page.get_by_role("button", name=re.compile("^X100")).click()
    settled(page)
    expect(page.get_by_label("Filter", exact=True).locator("input")).to_have_value(
        'camera = "X100"'
    )
    expect(page.get_by_role("status").first).to_have_text("60 of 125 pictures")
    page.locator("#filter").fill('camera = "X100" and rating >= 4')
    page.locator("#filter").press("Enter")
    settled(page)
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"of 50 pictures"))
    assert "where=" in page.url
    page.locator("#filter").fill("camra = 1")
    page.locator("#filter").press("Enter")
    expect(page.locator("#filter-fault")).to_contain_text("column 1: there is no field camra")
    page.get_by_role("button", name="Clear").click()
    settled(page)
    expect(page.get_by_role("status").first).to_have_text("60 of 373 pictures")


def test_a_filter_beside_an_unreadable_query_is_not_blamed(open_page: Open) -> None:
    page = open_page(query("dog"))
    settled(page)
    page.locator("#box").fill("dog -cat")
    expect(page.locator("#box-fault")).to_be_visible()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filter").fill("rating = 5")
    page.locator("#filter").press("Enter")
    settled(page)
    expect(page.locator("#filter-fault")).to_have_count(0)
    expect(page.locator("#box-fault")).to_be_visible()
    ask(page, "dog - cat")
    expect(page.get_by_role("status").first).to_have_text(re.compile("of 74 pictures"))


def test_one_picture_with_everything_known(open_page: Open, address: str) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    hits = answer(address, ARITHMETIC, k=2)["hits"]
    page.locator(".card .open").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator(".captions li")).to_have_text(hits[0]["captions"])
    expect(sheet.locator(".why tbody tr")).to_have_count(3)
    expect(sheet.locator(".why mark").first).to_be_visible()
    expect(sheet.locator(".near img")).to_have_count(12)
    expect(sheet.locator(".facts")).to_contain_text(hits[0]["image_id"])
    assert sheet.locator("img.whole").evaluate("(image) => image.naturalWidth") == 384
    assert "picture=" in page.url
    page.keyboard.press("ArrowRight")
    expect(sheet.locator(".captions li")).to_have_text(hits[1]["captions"])
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert "picture=" not in page.url


def test_metadata_become_a_filter(open_page: Open) -> None:
    page = open_page(query("dog", picture="hostile.jpg"))
    page.get_by_role("dialog").get_by_role("button", name="X100").click()
    settled(page)
    expect(page.get_by_role("status").first).to_have_text("60 of 125 pictures")


def test_captions_are_never_markup(open_page: Open) -> None:
    page = open_page(query('dog on sand + has("onerror")', picture="hostile.jpg"))
    settled(page)
    expect(page.get_by_role("dialog").locator(".captions li")).to_have_text(HOSTILE)
    page.keyboard.press("Escape")
    expect(page.locator(".card .caption").first).to_have_text(HOSTILE)
    assert page.locator("main script, main img[src=x]").count() == 0
    assert "taken" not in page.title()
