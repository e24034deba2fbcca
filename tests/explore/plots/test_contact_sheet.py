"""Contact sheets: sizes, and whatever strangers wrote."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cavewall.explore.plots.contact_sheet import contact_sheet
from cavewall.models import Hit, Hits

# The grid: cells of 264 pixels, 22 between them, 64 between answers, 40 around it all.
CELL, GAP, BETWEEN, MARGIN = 264, 22, 64, 40
PAPER = (0xFA, 0xF7, 0xF2)
RED = (200, 30, 20)


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def hit(caption: str | None = "a dog", thumbnail: bytes | None = None) -> Hit:
    captions = () if caption is None else (caption,)
    return Hit("a.jpg", 0.5, captions, None, (), thumbnail)


def answer(*hits: Hit, expression: str = "dog", encoder: str = "fake") -> Hits:
    return Hits(hits, expression, "add", encoder, 1, 1.0)


def pixels(sheet: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(sheet)


def is_paper(part: NDArray[np.uint8]) -> bool:
    return bool((part == PAPER).all())


def wide(across: int) -> int:
    return across * CELL + (across - 1) * GAP + 2 * MARGIN


@pytest.mark.parametrize(
    ("count", "across"), [(0, 2), (1, 2), (2, 2), (3, 3), (5, 5), (6, 5), (12, 5)]
)
def test_one_answer_has_up_to_five_hits_a_row(count: int, across: int) -> None:
    sheet = contact_sheet([answer(*[hit()] * count)])
    assert sheet.width == wide(across)
    assert sheet.mode == "RGB"


def test_every_row_adds_the_same_height() -> None:
    heights = [contact_sheet([answer(*[hit()] * count)]).height for count in (1, 5, 6, 11)]
    assert heights[0] == heights[1]
    assert heights[2] - heights[1] == heights[3] - heights[2] > CELL // 2


@pytest.mark.parametrize("counts", [(8, 8), (1, 8), (0, 8), (4, 2, 6)])
def test_several_answers_stand_side_by_side_in_rows_of_two(counts: tuple[int, ...]) -> None:
    sheet = contact_sheet([answer(*[hit()] * count) for count in counts])
    one = wide(2) - 2 * MARGIN
    assert sheet.width == len(counts) * one + (len(counts) - 1) * BETWEEN + 2 * MARGIN
    alone = contact_sheet([answer(*[hit()] * max(counts)), answer()])
    assert sheet.height == alone.height
    assert is_paper(pixels(sheet)[:, MARGIN + one : MARGIN + one + BETWEEN])


def test_no_answer_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        contact_sheet([])


def test_the_margin_is_empty() -> None:
    sheet = pixels(contact_sheet([answer(*[hit("x" * 500, jpeg(RED))] * 10)]))
    assert is_paper(sheet[:MARGIN])
    assert is_paper(sheet[-MARGIN:])
    assert is_paper(sheet[:, :MARGIN])
    assert is_paper(sheet[:, -MARGIN:])


@pytest.mark.parametrize("size", [(60, 40), (40, 60), (1, 1), (1000, 10)])
def test_thumbnails_fill_their_cells(size: tuple[int, int]) -> None:
    sheet = pixels(contact_sheet([answer(hit(thumbnail=jpeg(RED, size)), hit())]))
    red = np.abs(sheet.astype(int) - RED).max(axis=2) < 8
    rows, columns = np.nonzero(red)
    assert (columns.min(), columns.max()) == (MARGIN, MARGIN + CELL - 1)
    assert rows.max() - rows.min() + 1 == 184
    assert red.sum() > 0.99 * 184 * CELL


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "CMYK"])
def test_thumbnails_of_any_mode_are_shown(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (60, 40)).save(out, "TIFF")
    sheet = pixels(contact_sheet([answer(hit(thumbnail=out.getvalue()))]))
    assert not is_paper(sheet[:, MARGIN : MARGIN + CELL])


def test_a_hit_without_thumbnail_says_so() -> None:
    with_none = pixels(contact_sheet([answer(hit())]))
    empty = (with_none == (0xE8, 0xE2, 0xD8)).all(axis=2)
    assert 0.8 * 184 * CELL < empty.sum() < 184 * CELL


def test_hits_stand_in_reading_order() -> None:
    colours = [(200, 30, 20), (30, 200, 20), (20, 30, 200)]
    sheet = contact_sheet([answer(*[hit(thumbnail=jpeg(each)) for each in colours]), answer()])
    found = []
    for colour in colours:
        rows, columns = np.nonzero(np.abs(pixels(sheet).astype(int) - colour).max(axis=2) < 8)
        found.append((int(rows.min()), int(columns.min())))
    assert found[0][0] == found[1][0] < found[2][0]
    assert [column for _, column in found] == [MARGIN, MARGIN + CELL + GAP, MARGIN]


LONG = {
    "one word": "W" * 2000,
    "a long word first": "W" * 60 + " b",
    "long words": ("W" * 40 + " ") * 5,
    "many words": "dog " * 500,
    "Chinese": "一只狗在沙滩上奔跑" * 30,
    "controls": "\x1b[31m\x00\u202e\n\r\t" * 50,
    "emoji": "👩\u200d👩\u200d👧" * 60,
    "surrogates": "\ud800" * 50,
    "markup": "<script>alert(1)</script>" * 20,
}


@pytest.mark.parametrize("caption", LONG.values(), ids=LONG)
def test_captions_stay_below_their_pictures(caption: str) -> None:
    sheet = pixels(contact_sheet([answer(hit(caption), hit("b"))]))
    plain = contact_sheet([answer(hit("a"), hit("b"))])
    assert sheet.shape == pixels(plain).shape
    assert is_paper(sheet[120:, MARGIN + CELL : MARGIN + CELL + GAP])


@pytest.mark.parametrize("expression", LONG.values(), ids=LONG)
def test_titles_stay_above_their_answers(expression: str) -> None:
    both = pixels(contact_sheet([answer(hit(), expression=expression), answer(hit())]))
    first = wide(2) - 2 * MARGIN
    assert is_paper(both[:, MARGIN + first : MARGIN + first + BETWEEN])


@pytest.mark.parametrize("encoder", LONG.values(), ids=LONG)
def test_the_name_of_an_encoder_stays_in_its_line(encoder: str) -> None:
    both = pixels(contact_sheet([answer(hit(), encoder=encoder), answer(hit())]))
    first = wide(2) - 2 * MARGIN
    assert is_paper(both[:, MARGIN + first : MARGIN + first + BETWEEN])
    assert both.shape == pixels(contact_sheet([answer(hit()), answer(hit())])).shape


def test_control_characters_are_spelled_out() -> None:
    hostile, inert = "\x1b[0m\u202e", "\\u001b[0m\\u202e"
    sheets = [
        contact_sheet([answer(hit(each), expression=each, encoder=each)])
        for each in (hostile, inert)
    ]
    assert sheets[0] == sheets[1]


def lines_of_ink(caption: str | None) -> int:
    """How many lines of text stand under the picture and its score."""
    sheet = pixels(contact_sheet([answer(hit(caption))]))[-MARGIN - 3 * 23 - GAP + 20 :]
    inked = (sheet.astype(int).sum(axis=2) < 400).any(axis=1)
    edges = np.diff(inked.astype(int), prepend=0)
    return int((edges == 1).sum())


@pytest.mark.parametrize(
    ("caption", "lines"),
    [(None, 0), ("", 0), ("HHH", 1), ("H" * 60, 2), ("HHH " * 200, 2), ("H" * 290, 2)],
)
def test_a_caption_has_two_lines_at_most(caption: str | None, lines: int) -> None:
    assert lines_of_ink(caption) == lines


def test_only_the_first_caption_is_shown() -> None:
    both = replace(hit("a dog"), captions=("a dog", "a cat"))
    assert contact_sheet([answer(both)]) == contact_sheet([answer(hit("a dog"))])


def test_a_sheet_is_the_same_each_time() -> None:
    hits = answer(*[hit("a dog", jpeg(RED))] * 3)
    assert contact_sheet([hits]).tobytes() == contact_sheet([hits]).tobytes()
