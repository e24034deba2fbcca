"""Contact sheets: the thumbnails of answers or of groups in one image."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from cavewall._internal.terminal_text import truncate
from cavewall.models import Hits

__all__ = ["SheetTile", "contact_sheet", "stacked_sheet"]

_PAPER, _INK, _FAINT, _ACCENT, _EMPTY = "#faf7f2", "#2b2622", "#8a8178", "#b4532a", "#e8e2d8"
_CELL, _PHOTO = 264, (264, 184)
_GAP, _MARGIN, _COLUMN_GAP = 22, 40, 64
_TITLE, _SMALL, _CAPTION = 28, 17, 17
_CAPTION_LINES = 2
_LINE = 23

# Fonts of common systems for scripts that Pillow's Latin font lacks.
_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "msgothic.ttc",
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class SheetTile:
    """A thumbnail of a sheet, and the texts under it."""

    thumbnail: bytes | None
    caption: str
    left: str = ""
    right: str = ""


def contact_sheet(answers: Sequence[Hits]) -> Image.Image:
    """One or more answers side by side: thumbnails, captions and scores.

    A single answer is in rows of up to five hits, several answers in rows of two each.
    """
    if not answers:
        raise ValueError("a contact sheet needs at least one answer")
    across = 2 if len(answers) > 1 else max(1, min(5, len(answers[0])))
    across = max(across, 2)
    blocks = [_answer(hits, across) for hits in answers]
    height = max(block.height for block in blocks)
    width = sum(block.width for block in blocks) + _COLUMN_GAP * (len(blocks) - 1)
    sheet = _paper(width, height)
    left = _MARGIN
    for block in blocks:
        sheet.paste(block, (left, _MARGIN))
        left += block.width + _COLUMN_GAP
    return sheet


def stacked_sheet(rows: Sequence[tuple[str, Sequence[SheetTile]]]) -> Image.Image:
    """Titled groups below each other, each with its tiles in rows of up to five."""
    across = min(5, max(2, *(len(cells) for _, cells in rows)))
    blocks = [_block(title, "", cells, across) for title, cells in rows]
    sheet = _paper(blocks[0].width, sum(block.height for block in blocks))
    top = _MARGIN
    for block in blocks:
        sheet.paste(block, (_MARGIN, top))
        top += block.height
    return sheet


def _paper(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width + 2 * _MARGIN, height + 2 * _MARGIN), _PAPER)


def _answer(hits: Hits, across: int) -> Image.Image:
    subtitle = f"rule {hits.rule} · {truncate(hits.encoder)}" if hits else "no picture to show"
    cells = [
        SheetTile(
            hit.thumbnail, hit.captions[0] if hit.captions else "", f"{hit.score:.3f}", f"#{place}"
        )
        for place, hit in enumerate(hits, 1)
    ]
    return _block(hits.expression, subtitle, cells, across)


def _block(title: str, subtitle: str, cells: Sequence[SheetTile], across: int) -> Image.Image:
    width = across * _CELL + (across - 1) * _GAP
    lines = _wrapped(truncate(title), _TITLE, width, 3)
    top = len(lines) * (_TITLE + 8) + (_SMALL + 26 if subtitle else 12)
    labelled = any(cell.left or cell.right for cell in cells)
    height = _PHOTO[1] + 14 + _LINE * (_CAPTION_LINES + labelled)
    rows = max(1 if subtitle else 0, -(-len(cells) // across))
    block = Image.new("RGB", (width, top + rows * (height + _GAP)), _PAPER)
    draw = ImageDraw.Draw(block)
    for number, line in enumerate(lines):
        draw.text((0, number * (_TITLE + 8)), line, _INK, _font(_TITLE, line))
    if subtitle:
        (subtitle,) = _wrapped(subtitle, _SMALL, width, 1)
        draw.text((0, top - _SMALL - 18), subtitle, _FAINT, _font(_SMALL, subtitle))
    for place, cell in enumerate(cells):
        row, column = divmod(place, across)
        _cell(block, draw, cell, (column * (_CELL + _GAP), top + row * (height + _GAP)))
    return block


def _cell(
    block: Image.Image, draw: ImageDraw.ImageDraw, cell: SheetTile, at: tuple[int, int]
) -> None:
    left, top = at
    _photo(block, cell.thumbnail, at)
    under = top + _PHOTO[1] + 8
    if cell.left or cell.right:
        draw.text((left, under), cell.left, _ACCENT, _font(_SMALL, cell.left))
        right = _font(_SMALL, cell.right)
        draw.text((left + _CELL, under), cell.right, _FAINT, right, anchor="ra")
        under += _LINE
    for number, line in enumerate(_wrapped(truncate(cell.caption), _CAPTION, _CELL, 2)):
        draw.text((left, under + _LINE * number), line, _INK, _font(_CAPTION, line))


def _photo(block: Image.Image, thumbnail: bytes | None, at: tuple[int, int]) -> None:
    mask = Image.new("L", (_PHOTO[0] * 2, _PHOTO[1] * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 20, fill=255)
    mask = mask.resize(_PHOTO, Image.Resampling.LANCZOS)
    if thumbnail is None:
        photo = Image.new("RGB", _PHOTO, _EMPTY)
        ImageDraw.Draw(photo).text(
            (_PHOTO[0] / 2, _PHOTO[1] / 2), "no picture", _FAINT, _font(_SMALL, ""), anchor="mm"
        )
    else:
        with Image.open(io.BytesIO(thumbnail)) as opened:
            photo = ImageOps.fit(opened.convert("RGB"), _PHOTO, Image.Resampling.LANCZOS)
    block.paste(photo, at, mask)


def _wrapped(text: str, size: int, width: int, lines: int) -> list[str]:
    """The text in at most `lines` lines, the last one truncated with an ellipsis."""
    font = _font(size, text)
    result = [""]
    for word in text.split():
        for piece in _pieces(word, font, width):
            candidate = f"{result[-1]} {piece}".strip()
            if font.getlength(candidate) <= width:
                result[-1] = candidate
            else:
                result.append(piece)
    if len(result) > lines:
        result = result[:lines]
        while result[-1] and font.getlength(result[-1] + "…") > width:
            result[-1] = result[-1][:-1]
        result[-1] = result[-1].rstrip() + "…"
    return result


def _pieces(word: str, font: Font, width: int) -> Iterator[str]:
    """The word, split wherever a line is full: some scripts have no spaces."""
    piece = ""
    for character in word:
        if piece and font.getlength(piece + character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece


@lru_cache(maxsize=64)
def _font_of(size: int, wide: bool) -> Font:
    if wide:
        for name in _FONTS:
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


def _font(size: int, text: str) -> Font:
    return _font_of(
        size, any(ord(character) > 0x24F for character in text if character not in "…·−–—’“”")
    )
