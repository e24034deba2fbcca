"""The query as text and as terms, in step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.views import (
    ARITHMETIC,
    answer,
    ask,
    box,
    chips,
    drag,
    fetched,
    ids,
    query,
    settled,
    slider,
)


def test_a_search_shows_what_the_api_answers(open_page: Open, address: str) -> None:
    page = open_page()
    ask(page, "dog running through sand")
    expected = [
        hit["image_id"] for hit in answer(address, "dog running through sand", k=60)["hits"]
    ]
    shown = ids(page)
    assert len(shown) >= 10
    assert shown == expected[: len(shown)]
    expect(page.get_by_role("status").first).to_have_text("60 of 373 pictures")
    expect(chips(page)).to_have_count(1)


def test_pictures_do_not_jump_while_they_load(open_page: Open) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    shifts = page.evaluate(
        """() => new Promise((done) => {
          const watch = new PerformanceObserver(() => undefined);
          watch.observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(watch.takeRecords()
            .filter((shift) => shift.sources.some(({ node }) => node?.closest?.(".wall")))
            .map((shift) => shift.value)), 300);
        })"""
    )
    assert sum(shifts) < 0.02


def test_dragging_a_weight_reorders_the_wall(open_page: Open, address: str) -> None:
    page = open_page(query("dog + snow"))
    settled(page)
    before = ids(page)
    drag(page, 1, 0.02)
    assert ids(page) != before, "while the mouse is still down"
    weight = slider(page, 1).input_value()
    page.mouse.up()
    settled(page)
    assert box(page).input_value() == f"dog + {weight} * snow"
    expected = answer(address, f"dog + {weight} * snow", k=60)["hits"]
    assert ids(page)[:10] == [hit["image_id"] for hit in expected[:10]]
    page.go_back()
    settled(page)
    assert box(page).input_value() == "dog + snow"
    assert ids(page) == before


def test_signs_and_terms_can_be_changed_and_taken_away(open_page: Open) -> None:
    page = open_page(query("dog - cat + 0.5 * snow"))
    chips(page).nth(1).locator(".sign").click()
    expect(box(page)).to_have_value("dog + cat + 0.5 * snow")
    chips(page).nth(0).get_by_label("Remove dog").click()
    expect(box(page)).to_have_value("cat + 0.5 * snow")
    expect(chips(page)).to_have_count(2)


def test_neighbours_go_into_brackets_and_out_again(open_page: Open) -> None:
    page = open_page(query("dog - cat - 2 * snow + sea"))
    page.get_by_label("Put cat and snow in brackets").click()
    expect(box(page)).to_have_value("dog - (cat + 2 * snow) + sea")
    expect(chips(page)).to_have_count(3)
    page.get_by_label("Take the brackets off").click()
    expect(box(page)).to_have_value("dog - cat - 2 * snow + sea")


@pytest.mark.parametrize("sign", ["Plus", "Minus"])
def test_a_picture_becomes_a_term(open_page: Open, sign: str) -> None:
    page = open_page(query("human"))
    settled(page)
    first = ids(page)[0]
    page.locator(".card").first.hover()
    page.locator(".card").first.get_by_label(f"{sign} this picture").click()
    settled(page)
    expect(box(page)).to_have_value(f'human {"+" if sign == "Plus" else "-"} like("{first}")')
    expect(chips(page).nth(1).locator("img")).to_be_visible()
    assert first not in ids(page), "a picture that is a term is left out of its own answer"


def test_only_like_a_picture(open_page: Open) -> None:
    page = open_page(query("human"))
    settled(page)
    second = ids(page)[1]
    card = page.locator(f'[data-id="{second}"]')
    card.hover()
    card.get_by_label("Only like this picture").click()
    expect(box(page)).to_have_value(f'like("{second}")')


def test_what_cannot_be_read_is_pointed_at_under_its_column(open_page: Open) -> None:
    page = open_page(query("dog"))
    settled(page)
    before = ids(page)
    box(page).fill("dog -cat")
    fault = page.locator("#box-fault")
    expect(fault).to_contain_text("column 5: white space before - but none after")
    caret, left = fault.locator(".caret").bounding_box(), box(page).bounding_box()
    assert caret is not None
    assert left is not None
    column = page.evaluate(
        """() => { const pen = document.createElement("canvas").getContext("2d");
                   pen.font = getComputedStyle(document.querySelector("#box")).font;
                   return pen.measureText("dog ").width }"""
    )
    assert caret["x"] - left["x"] == pytest.approx(16 + column, abs=3)
    assert ids(page) == before, "the wall stays while the query is written"
    ask(page, "dog - cat")
    expect(fault).to_have_count(0)


def test_a_query_that_cancels_out_is_told(open_page: Open) -> None:
    page = open_page(query("dog - dog"))
    expect(page.locator("#box-fault")).to_contain_text("cancels out to nothing")


def test_written_negation_is_offered_as_a_minus(open_page: Open) -> None:
    page = open_page(query("dog without a leash"))
    page.locator(".offered").click()
    expect(box(page)).to_have_value("dog - leash")
    expect(chips(page)).to_have_count(2)


def test_the_rule_is_picked(open_page: Open, address: str) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    page.get_by_label("Rule").select_option("add")
    settled(page)
    expected = answer(address, ARITHMETIC, k=60, rule="add")["hits"]
    assert ids(page)[:10] == [hit["image_id"] for hit in expected[:10]]
    assert "rule=add" in page.url


def test_signs_are_text_where_it_is_one_text(open_page: Open) -> None:
    page = open_page(query("sand - sea"))
    expect(chips(page)).to_have_count(2)
    page.get_by_label("as one text").check()
    expect(chips(page)).to_have_count(1)
    assert "literal=1" in page.url


@pytest.mark.parametrize(
    "expression",
    [
        "dog",
        "- dog + 0.25 * cat",
        "dog - (cat - 0.5 * snow) + mean(sand, sea)",
        'has("dog") + sand - has("cat")',
        'like("hostile.jpg") + "a - b" + keyword("sand")',
        "1e-05 * dog + 3.3 * t-shirt",
        "slerp(dog, cat, 0.3) - analogy(dog, sand, snow)",
        "@seaside - 2 * dog",
    ],
)
def test_chips_write_what_was_read(open_page: Open, address: str, expression: str) -> None:
    page = open_page(query(expression))
    settled(page)
    expect(chips(page).first).to_be_visible()
    for _ in range(2):
        chips(page).first.locator(".sign").click()
        page.wait_for_timeout(50)
    printed = fetched(f"{address}api/expression{query(expression)}")["expression"]
    expect(box(page)).to_have_value(printed)
    settled(page)
    expect(page.locator("#box-fault")).to_have_count(0)


def test_typing_alone_searches(open_page: Open) -> None:
    page = open_page()
    box(page).press_sequentially("a boat", delay=10)
    expect(page.locator(".card").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=a\+boat"))
