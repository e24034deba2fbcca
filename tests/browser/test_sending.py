"""Pictures of one's own: dropped, pasted or chosen, they are terms as others are."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import cavewall
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.browser.conftest import Open
from tests.browser.views import AXE, box, chips, ids, query, settled, violations
from tests.conftest import picture_bytes
from tests.pages import ROOT

FAKE_SERVER = ROOT / "tests/server" / "fake_server.py"
RED, BLUE = (picture_bytes(colour, (90, 60), "PNG") for colour in ("#e01010", "#1010e0"))
COLOURS = ("red", "yellow", "white", "blue")


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a wall of four colours, which has an image space."""
    folder = tmp_path_factory.mktemp("seeing") / "wall"
    with cavewall.open(folder, FakeEncoder(), FakeImageEncoder()) as wall:
        wall.add(
            cavewall.Picture(colour, (f"a {colour} one",), image=picture_bytes(colour, kind="PNG"))
            for colour in COLOURS
        )
    command = [sys.executable, str(FAKE_SERVER), str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def handed(
    page: Page, how: str, data: bytes, name: str = "mine.png", kind: str = "image/png"
) -> None:
    """Drops a file on the page, or pastes it."""
    page.evaluate(
        """([how, data, name, type]) => {
          const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
          const held = new DataTransfer();
          held.items.add(new File([bytes], name, { type }));
          const options = { bubbles: true, cancelable: true };
          if (how === "paste")
            document.body.dispatchEvent(
              new ClipboardEvent("paste", { clipboardData: held, ...options }));
          else
            for (const kind of ["dragover", "drop"])
              document.body.dispatchEvent(
                new DragEvent(kind, { dataTransfer: held, ...options }));
        }""",
        [how, base64.b64encode(data).decode(), name, kind],
    )


@pytest.mark.parametrize("how", ["drop", "paste", "choose"])
def test_a_picture_finds_what_shows_the_same(open_page: Open, seeing: str, how: str) -> None:
    page = open_page(at=seeing)
    if how == "choose":
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="choose a file").click()
        chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": RED})
    else:
        handed(page, how, RED)
    chip = chips(page).first
    expect(chip).to_contain_text("your picture")
    expect(box(page)).to_have_value(re.compile(r'^image\("upload:[0-9a-f]{16}"\)$'))
    settled(page)
    assert ids(page)[:2] == ["red", "yellow"]
    portrait = chip.locator("img")
    expect(portrait).to_have_attribute("src", re.compile("^blob:"))
    assert portrait.evaluate("async (img) => (await img.decode(), img.naturalWidth)") == 90
    expect(page.locator(".notice")).to_have_count(0)


def test_pictures_are_weighed_with_words_and_each_other(open_page: Open, seeing: str) -> None:
    page = open_page(query("yellow"), at=seeing)
    expect(chips(page)).to_have_count(1)
    handed(page, "drop", RED)
    expect(chips(page)).to_have_count(2)
    handed(page, "drop", BLUE, "other.png")
    expect(chips(page)).to_have_count(3)
    handed(page, "drop", RED)
    settled(page)
    expect(chips(page)).to_have_count(3)
    chips(page).nth(1).locator(".sign").click()
    expect(box(page)).to_have_value(
        re.compile(r'^yellow - image\("upload:\w+"\) \+ image\("upload:\w+"\)$')
    )
    settled(page)
    assert ids(page)[-1] == "red"


def test_one_that_is_forgotten_is_said(open_page: Open, seeing: str) -> None:
    page = open_page(query('image("upload:0123456789abcdef")'), at=seeing)
    expect(page.locator("#box-fault")).to_contain_text("send it again")
    expect(chips(page).first).to_contain_text("your picture")
    expect(chips(page).first.locator("img")).to_have_count(0)


def test_what_is_no_picture_is_said(open_page: Open, seeing: str) -> None:
    page = open_page(query("red"), at=seeing)
    handed(page, "drop", b"x", "notes.txt", "text/plain")
    expect(page.locator(".notice")).to_contain_text("notes.txt is no picture")
    handed(page, "drop", RED[:60], "half.png")
    expect(page.locator(".notice")).to_contain_text("half.png: the picture cannot be read")
    expect(page.locator(".notice")).to_have_count(1)
    expect(chips(page)).to_have_count(1)


def test_a_wall_of_captions_knows_its_own(open_page: Open, address: str, wall: Path) -> None:
    own = next(hit for hit in cavewall.open(wall).search("dog", 1)).image_id
    data = cavewall.open(wall).picture(own).image
    assert isinstance(data, bytes)
    page = open_page(query("snow"))
    expect(chips(page)).to_have_count(1)
    handed(page, "drop", data, "mine.jpg", "image/jpeg")
    expect(box(page)).to_have_value(f'snow + like("{own}")')
    expect(chips(page).nth(1)).to_contain_text("this picture")


def test_a_wall_of_captions_says_what_others_need(open_page: Open) -> None:
    page = open_page(query("snow"))
    noise = picture_bytes("red", (90, 60), "PNG")
    handed(page, "drop", noise)
    expect(page.locator(".notice")).to_contain_text("cavewall reencode --space image")
    expect(box(page)).to_have_value("snow")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci in web/ brings it")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_a_picture(open_page: Open, seeing: str, scheme: str) -> None:
    page = open_page(at=seeing, color_scheme=scheme)
    for _ in range(2):
        assert violations(page) == []
        handed(page, "drop", RED)
        expect(chips(page)).to_have_count(1)
        settled(page)
