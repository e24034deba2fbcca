"""Links, selections, history, colours, tokens."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, serving
from tests.browser.views import ARITHMETIC, ask, box, chips, drag, ids, query, settled


def test_a_link_reproduces_the_view(open_page: Open) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    page.get_by_label("Rule").select_option("mul")
    drag(page, 1, 0.3)
    page.mouse.up()
    settled(page)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filter").fill("rating > 2")
    page.locator("#filter").press("Enter")
    settled(page)
    for part in ("q=", "rule=mul", "where=", "version=", "encoder="):
        assert part in page.url
    again = open_page(at=page.url)
    settled(again)
    assert box(again).input_value() == box(page).input_value()
    assert ids(again)[:10] == ids(page)[:10]


def test_a_link_of_another_encoder_is_told(open_page: Open) -> None:
    page = open_page(query("dog", encoder="all-mpnet-base-v2"))
    expect(page.locator(".notice")).to_contain_text("made with the encoder all-mpnet-base-v2")
    expect(page.locator(".card").first).to_be_visible()


def test_back_and_forward_go_through_searches(open_page: Open) -> None:
    page = open_page()
    for expression in ("dog", "cat", "boat"):
        ask(page, expression)
    page.go_back()
    expect(box(page)).to_have_value("cat")
    page.go_back()
    expect(box(page)).to_have_value("dog")
    page.go_forward()
    expect(box(page)).to_have_value("cat")
    settled(page)
    assert ids(page)[0].startswith("cat")


def _downloaded(page: Page, name: str, to: Path) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    download.value.save_as(to)
    return to.read_bytes().decode("utf-8")


def test_a_selection_is_exported(open_page: Open, tmp_path: Path) -> None:
    page = open_page(query(ARITHMETIC))
    settled(page)
    chosen = ids(page)[:4]
    boxes = page.locator(".card .pick")
    page.locator(".card").first.hover()
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    found = json.loads(_downloaded(page, "JSON", tmp_path / "found.json"))
    assert found["expression"] == ARITHMETIC
    assert [each["image_id"] for each in found["pictures"]] == chosen
    text = _downloaded(page, "CSV", tmp_path / "found.csv")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert [row["image_id"] for row in rows] == chosen
    assert rows[0]["captions"] == "\n".join(found["pictures"][0]["captions"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy ids").click()
    expect(page.locator(".notice")).to_contain_text("4 ids copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == "\n".join(chosen)


def test_searches_are_remembered_until_they_are_forgotten(open_page: Open) -> None:
    page = open_page()
    for expression in ("dog", "a boat"):
        ask(page, expression)
    page.reload()
    page.get_by_role("button", name="History").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator(".past code")).to_have_text(["a boat", "dog"])
    sheet.get_by_role("button", name="dog", exact=True).click()
    expect(box(page)).to_have_value("dog")
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Forget all").click()
    expect(page.get_by_role("dialog")).to_contain_text("None yet")


def _ground(page: Page) -> str:
    found: str = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return found


def test_dark_where_the_system_is_or_where_it_is_chosen(open_page: Open) -> None:
    dark, light = "rgb(22, 20, 18)", "rgb(250, 249, 247)"
    assert _ground(open_page(color_scheme="dark")) == dark
    page = open_page(color_scheme="light")
    assert _ground(page) == light
    page.get_by_label("Colours").click()
    page.get_by_label("Colours: light").click()
    assert _ground(page) == dark
    page.reload()
    expect(page.get_by_label("Colours: dark")).to_be_visible()
    assert _ground(page) == dark


def test_a_wall_with_a_token_asks_for_it_once(open_page: Open, wall: Path) -> None:
    token = "a-token-that-is-long-enough-0123456789"
    with serving(wall, CAVEWALL_TOKEN=token) as address:
        page = open_page(query("dog"), at=address)
        page.get_by_label("Token").last.fill("no")
        page.get_by_role("button", name="Open the wall").click()
        expect(page.locator(".wrong")).to_be_visible()
        page.get_by_label("Token").last.fill(token)
        page.get_by_role("button", name="Open the wall").click()
        expect(page.locator(".card").first).to_be_visible()
        expect(chips(page)).to_have_count(1)
        page.reload()
        expect(page.locator(".card").first).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        settled(page)
        page.context.close()
