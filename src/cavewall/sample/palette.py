"""Colours: written as hex, mixed as light."""

from __future__ import annotations

from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]


def rgb(code: str) -> Colour:
    """The colour written as ``#rrggbb``."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two others: ``share`` 0 is the first, 1 the second."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


WHITE: Colour = (255, 255, 255)
INK: Colour = rgb("#2b2638")
SHADE: Colour = rgb("#1f1b45")
RED: Colour = rgb("#e4533f")


def darker(colour: Colour, share: float = 0.2) -> Colour:
    """The colour in shade: towards a deep violet, which stays livelier than black."""
    return mix(colour, SHADE, share)


def lighter(colour: Colour, share: float = 0.2) -> Colour:
    """The colour in light."""
    return mix(colour, (255, 246, 226), share)


CLOTH: dict[str, Colour] = {
    "red": rgb("#e4533f"),
    "yellow": rgb("#f6c244"),
    "blue": rgb("#3b7dd8"),
    "green": rgb("#3fa66b"),
    "orange": rgb("#f28a3a"),
    "pink": rgb("#f08aa8"),
    "purple": rgb("#8a63c7"),
    "white": rgb("#f7f2e8"),
    "turquoise": rgb("#2fb3b5"),
}
SKIN: tuple[Colour, ...] = tuple(
    rgb(code) for code in ("#f6cfae", "#eab98f", "#c98d5f", "#9c6440", "#6f442b")
)
HAIR: dict[str, Colour] = {
    "black": rgb("#2c2430"),
    "brown": rgb("#6b3f2a"),
    "blond": rgb("#e8bd62"),
    "red": rgb("#c4562c"),
    "grey": rgb("#b9b4b8"),
}
