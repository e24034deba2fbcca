"""Thumbnails in the terminal, by Sixel or Kitty's protocol if supported, else half blocks."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from rich.columns import Columns
from rich.console import Console, Group
from rich.text import Text

from cavewall._internal.terminal_text import truncate
from cavewall.models import Hit, Hits

__all__ = ["show_thumbnails"]

_WIDTH = 24


def show_thumbnails(hits: Hits) -> None:
    """A grid of thumbnails with their captions, as wide as the terminal."""
    renderable = _renderable()
    cards = [_card(hit, renderable) for hit in hits]
    try:
        Console(highlight=False).print(Columns(cards, width=_WIDTH, padding=(1, 2)))
    except (ZeroDivisionError, ValueError):
        # The library divides by the reported size of the terminal, which may be 0.
        Console(stderr=True, highlight=False).print(
            "no preview: this terminal does not say its size; --sheet FILE.png writes the pictures",
            soft_wrap=True,
        )


def _renderable() -> Any:
    # The library queries the terminal when it is imported.
    from textual_image import renderable

    best = renderable.Image
    return renderable.HalfcellImage if best is renderable.UnicodeImage else best


def _card(hit: Hit, renderable: Any) -> Group:
    caption = Text(truncate(hit.captions[0], 48) if hit.captions else "", overflow="fold")
    score = Text(f"{hit.score:.3f}", "bold")
    if hit.thumbnail is None:
        return Group(Text("(no picture)", "dim"), score, caption)
    picture = Image.open(io.BytesIO(hit.thumbnail))
    return Group(renderable(picture, width=_WIDTH, height="auto"), score, caption)
