"""Untrusted text, made safe to print on a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["escape_control", "os_error_text", "pluralize", "truncate"]

_ALLOWED = {"\u200d", "\ufe0f"}  # joiners of emoji are harmless


def escape_control(text: str) -> str:
    """The text with every control, bidi and invisible character escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\t\r":
        return " "
    if character in _ALLOWED:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        code = ord(character)
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return character


def truncate(text: str, length: int = 300) -> str:
    """The escaped text, cut to at most `length` characters with an ellipsis."""
    shown = escape_control(text[: length + 1])
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def pluralize(count: int, noun: str) -> str:
    """`1 picture`, `2,000 pictures`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def os_error_text(fault: BaseException) -> str:
    """What went wrong, without number and path where the system says it in words."""
    return str(getattr(fault, "strerror", None) or fault)
