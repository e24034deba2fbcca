"""The map: what lies where, drawn around, searched on, by hand and by keys."""

from __future__ import annotations

import math
import re
import struct
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

import cavewall
from cavewall.models import Picture
from tests.browser.conftest import PHONE, SIZE, Open, serving
from tests.browser.views import AXE, answer, ask, fetched, ids, query, settled, slider, violations
from tests.conftest import picture_bytes

SHORT = "dog + snow"
TRIANGLE = (-0.9, -0.9, 0.9, -0.9, 0.0, 0.9)


@dataclass(frozen=True)
class Places:
    """What the server says of the map: n places, and the picture at each."""

    version: int
    points: np.ndarray[tuple[int, int], np.dtype[np.float32]]

    @classmethod
    def of(cls, address: str) -> Places:
        version = fetched(f"{address}api/map?layout=pca")["version"]
        url = f"{address}api/map/points?layout=pca&version={version}"
        with urllib.request.urlopen(url) as response:
            data: bytes = response.read()
        count = len(data) // struct.calcsize("<ffH")
        flat = np.frombuffer(data, "<f4", 2 * count)
        return cls(version, flat.reshape(2, count).T.copy())


def opened(open_page: Open, q: str = "", **values: str | int) -> Page:
    page = open_page(query(q, view="map", **values))
    ready(page)
    return page


def ready(page: Page) -> None:
    """Until the points are drawn and nothing is asked for any more."""
    expect(page.locator(".map canvas[data-drawn]")).to_be_attached()
    settled(page)
    page.wait_for_timeout(350)
    settled(page)


def in_view(page: Page) -> int:
    said = page.locator(".map-tools [role=status]").inner_text()
    return int(said.split(" of ")[0].replace(",", ""))


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the map is, while all of it is shown."""
    area = page.locator(".map").bounding_box()
    assert area is not None
    scale = 0.92 * min(area["width"], area["height"]) / 2
    return area["x"] + area["width"] / 2 + x * scale, area["y"] + area["height"] / 2 - y * scale


def test_a_click_on_a_point_opens_its_picture(open_page: Open, address: str) -> None:
    page = opened(open_page)
    places = Places.of(address)
    assert in_view(page) == len(places.points) == 373
    bare = "([x, y]) => document.elementFromPoint(x, y).matches('.map')"
    spots = [on_screen(page, *map(float, point)) for point in places.points]
    nearest, (x, y) = next(
        (at, spot)
        for at, spot in enumerate(spots)
        if sorted(math.dist(spot, other) for other in spots)[1] > 4
        and page.evaluate(bare, list(spot))
    )
    page.mouse.click(x, y)
    sheet = page.get_by_role("dialog")
    told = fetched(f"{address}api/map/pictures?version={places.version}&at={nearest}")
    expect(sheet.locator(".captions li").first).to_have_text(told["pictures"][0]["captions"][0])
    assert "picture=" in page.url
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page.locator(".map")).to_be_visible()


def _lasso(page: Page, *corners: float) -> None:
    page.get_by_role("button", name="Lasso").click()
    spots = [on_screen(page, x, y) for x, y in zip(corners[::2], corners[1::2], strict=True)]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in (*spots[1:], spots[0]):
        page.mouse.move(*spot, steps=8)
    page.mouse.up()
    settled(page)


def test_what_is_drawn_around_answers_alone(open_page: Open, address: str) -> None:
    page = opened(open_page, "dog")
    before = ids(page)
    _lasso(page, -0.8, -0.5, 0.3, -0.6, 0.2, 0.7)
    found = urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query)
    assert 6 <= len(found["area"][0].split(",")) <= 128
    expected = answer(address, "dog", k=60, area=found["area"][0], layout="pca")
    assert 0 < expected["total"] < 373
    assert ids(page) == [hit["image_id"] for hit in expected["hits"]][: len(ids(page))]
    assert ids(page) != before
    assert in_view(page) == expected["total"]
    again = open_page(at=page.url)
    ready(again)
    assert ids(again) == ids(page)
    page.get_by_role("button", name="Let the area go").click()
    ready(page)
    assert "area=" not in page.url
    assert ids(page) == before
    page.go_back()
    ready(page)
    assert ids(page) == ids(again)


def test_an_area_holds_without_a_question_and_without_the_map(
    open_page: Open, address: str
) -> None:
    area = ",".join(map(str, TRIANGLE))
    page = opened(open_page, area=area)
    inside = answer(address, "dog", area=area, layout="pca")["total"]
    assert in_view(page) == inside
    expect(page.locator(".here h2")).to_have_text(f"60 of {inside} pictures in the area")
    expect(page.locator(".here img")).to_have_count(60)
    page.get_by_role("button", name="Map", exact=True).click()
    ask(page, "dog")
    expect(page.get_by_role("status").first).to_have_text(f"60 of {inside} pictures")
    page.get_by_role("button", name="inside the area").click()
    settled(page)
    expect(page.get_by_role("status").first).to_have_text("60 of 373 pictures")


def _colours(page: Page) -> bytes:
    """Of the points, as a picture without what lies over them."""
    show = "(how) => document.querySelectorAll('.map > :not(canvas)').forEach((each) => {"
    show += "each.style.visibility = how })"
    page.evaluate(show, "hidden")
    drawn = page.locator(".map canvas").screenshot()
    page.evaluate(show, "")
    return drawn


def test_a_search_colours_the_map_and_a_drag_colours_it_live(open_page: Open) -> None:
    page = opened(open_page)
    by_cluster = _colours(page)
    ask(page, SHORT)
    ready(page)
    expect(page.locator(".name.asked")).to_have_text(["the query", "dog", "snow"])
    by_score = _colours(page)
    assert by_score != by_cluster
    track = slider(page, 1).bounding_box()
    assert track is not None
    middle = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + track["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(track["x"] + 3, middle, steps=12)
    ready(page)
    assert _colours(page) != by_score, "while the mouse is still down"
    page.mouse.up()
    ready(page)
    by_score = _colours(page)
    page.locator(".map-tools").get_by_label("Colour").select_option("cluster")
    ready(page)
    assert _colours(page) != by_score


def test_the_path_to_another_query_is_drawn(open_page: Open, address: str) -> None:
    page = opened(open_page, "dog")
    page.get_by_label("Path to").fill("a boat on the sea")
    page.get_by_label("Path to").press("Enter")
    ready(page)
    told = fetched(f"{address}api/map/places{query('dog', to='a boat on the sea')}")["path"]
    assert len(told) > 2
    expect(page.locator(".way img")).to_have_count(len(told))
    page.locator(".way button").last.click()
    expect(page.get_by_role("dialog").locator(".facts")).to_contain_text(told[-1]["image_id"])
    page.keyboard.press("Escape")
    assert "to=a+boat+on+the+sea" in page.url


def test_a_picture_is_found_on_the_map(open_page: Open, address: str) -> None:
    page = open_page(query("dog"))
    settled(page)
    chosen = ids(page)[2]
    page.locator(".card .open").nth(2).click(position={"x": 90, "y": 100})
    page.get_by_role("dialog").get_by_role("button", name="where?").click()
    ready(page)
    page.wait_for_timeout(700)
    ring, area = (page.locator(each).bounding_box() for each in (".spot", ".map"))
    assert ring is not None
    assert area is not None
    assert ring["x"] + ring["width"] / 2 == pytest.approx(area["x"] + area["width"] / 2, abs=3)
    assert ring["y"] + ring["height"] / 2 == pytest.approx(area["y"] + area["height"] / 2, abs=3)
    assert f"spot={chosen}" in page.url
    page.locator(".thumbs .spotted").click()
    expect(page.get_by_role("dialog").locator(".facts")).to_contain_text(chosen)
    page.keyboard.press("Escape")


def test_the_hand_moves_and_zooms_and_the_address_follows(open_page: Open) -> None:
    page = opened(open_page)
    area = page.locator(".map").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 150, y + 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(400)
    camera = re.search(r"camera=([-.\d]+),([-.\d]+),([-.\d]+)", page.url)
    assert camera is not None
    scale = 0.92 * min(area["width"], area["height"]) / 2
    assert [float(each) for each in camera.groups()] == pytest.approx(
        [150 / scale, 60 / scale, 0], abs=0.01
    )
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.mouse.wheel(0, -800)
    page.wait_for_timeout(400)
    assert re.search(r"camera=[-.\d]+,[-.\d]+,2(&|$)", page.url)
    ready(page)
    seen = in_view(page)
    assert seen < 373
    again = open_page(at=page.url)
    ready(again)
    assert in_view(again) == seen


def test_everything_on_the_map_by_keys(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    ready(page)
    assert "view=map" in page.url
    page.locator(".map").focus()
    for key in ("+", "+", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
    ready(page)
    near = in_view(page)
    assert 0 < near < 373
    page.get_by_role("button", name="Only this view").focus()
    page.keyboard.press("Enter")
    ready(page)
    assert "area=" in page.url
    page.locator(".map").focus()
    page.keyboard.press("0")
    page.wait_for_timeout(700)
    ready(page)
    assert in_view(page) == pytest.approx(near, abs=3)
    page.keyboard.press("Escape")
    ready(page)
    assert in_view(page) == 373
    page.locator(".name button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(700)
    ready(page)
    assert in_view(page) < 373
    page.locator(".thumbs button").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_names_do_not_cover_each_other(open_page: Open) -> None:
    page = opened(open_page, SHORT)
    boxes: list[dict[str, float]] = page.locator(".name").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) > 4
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            assert min(across, down) < 0.5


def test_two_fingers_zoom(open_page: Open) -> None:
    page = open_page("?view=map", size=PHONE, has_touch=True, is_mobile=True)
    ready(page)
    area = page.locator(".map").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *spots: float) -> None:
        points = [{"x": spot, "y": y, "id": at} for at, spot in enumerate(spots)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", x - 30, x + 30)
    for reach in (40, 80, 120):
        touch("touchMove", x - reach, x + reach)
    touch("touchEnd")
    page.wait_for_timeout(400)
    camera = re.search(r"camera=([-.\d]+),([-.\d]+),([-.\d]+)", page.url)
    assert camera is not None
    assert float(camera[3]) == pytest.approx(2, abs=0.1)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"state": "computing", "share": 0.437}, "UMAP is being computed: 43 %"),
        ({"state": "missing", "install": "pip install 'cavewall[map]'"}, "'cavewall[map]'"),
    ],
)
def test_a_layout_that_is_not_there_yet_is_awaited(
    open_page: Open, state: dict[str, Any], says: str
) -> None:
    page = opened(open_page)

    def told(route: Route) -> None:
        answered = route.fetch(url=route.request.url.replace("umap", "pca"))
        body = answered.json()
        body["layouts"][1].update(state)
        route.fulfill(response=answered, json=body)

    page.route(re.compile(r"/api/map\?"), told)
    page.get_by_label("Layout").select_option("umap")
    expect(page.locator(".map-side .notice")).to_contain_text(says)
    assert in_view(page) == 373
    assert "layout=umap" in page.url
    page.get_by_label("Layout").select_option("pca")
    expect(page.locator(".map-side .notice")).to_have_count(0)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci in web/ brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SIZE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_the_map(open_page: Open, scheme: str, size: ViewportSize) -> None:
    page = open_page("?view=map", color_scheme=scheme, size=size)
    ready(page)
    assert violations(page) == []
    area = ",".join(map(str, TRIANGLE))
    page.goto(page.url.split("?")[0] + query(SHORT, view="map", to="boat", area=area))
    ready(page)
    expect(page.locator(".way img").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]


def test_without_webgl_it_is_told_and_the_rest_works(open_page: Open) -> None:
    page = open_page()
    page.add_init_script(
        """const context = HTMLCanvasElement.prototype.getContext;
           HTMLCanvasElement.prototype.getContext = function (kind, ...all) {
             return kind.startsWith("webgl") ? null : context.call(this, kind, ...all);
           };"""
    )
    page.goto(page.url.split("?")[0] + query("dog", view="map"))
    expect(page.locator(".map .nothing")).to_contain_text("WebGL")
    settled(page)
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".name button").first).to_be_visible()


def test_a_version_that_is_gone_while_browsing_is_told(open_page: Open) -> None:
    page = opened(open_page, "dog")
    problem = '{"status": 410, "detail": "this version of the wall has been cleaned up"}'
    gone: list[str] = []

    def once(route: Route) -> None:
        if gone:
            route.continue_()
            return
        gone.append(route.request.url)
        route.fulfill(status=410, content_type="application/problem+json", body=problem)

    page.route(re.compile(r"/api/map\?"), once)
    page.get_by_label("Layout").select_option("umap")
    expect(page.locator(".notice").first).to_contain_text("is gone; this is its newest")
    ready(page)
    assert "version=" in gone[0]
    assert in_view(page) == 373


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_map_of_hardly_any_pictures(open_page: Open, tmp_path: Path, count: int) -> None:
    with cavewall.open(tmp_path / "wall") as made:
        made.add([_picture(f"a dog of kind {at}", at) for at in range(count + 1)])
        made.maintenance.delete([f"{count}.png"])
    with serving(tmp_path / "wall") as address:
        page = open_page("?view=map", at=address)
        ready(page)
        assert in_view(page) == count
        expect(page.locator(".thumbs img")).to_have_count(count)
        ask(page, "dog")
        ready(page)
        assert len(ids(page)) == count
        if count == 0:
            expect(page.locator(".map")).to_contain_text("no picture on this wall")
        page.context.close()


def test_a_map_of_pictures_that_are_all_in_one_place(open_page: Open, tmp_path: Path) -> None:
    with cavewall.open(tmp_path / "wall") as made:
        made.add([_picture("the very same dog", at) for at in range(12)])
    with serving(tmp_path / "wall") as address:
        page = open_page(query("dog", view="map"), at=address)
        ready(page)
        assert in_view(page) == 12
        expect(page.locator(".thumbs img")).to_have_count(1)
        page.locator(".map").focus()
        page.keyboard.press("+")
        ready(page)
        page.context.close()


def _picture(caption: str, at: int) -> Picture:
    return Picture(f"{at}.png", (caption,), image=picture_bytes((20 * at, 90, 120)))
