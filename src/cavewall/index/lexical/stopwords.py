"""The content words of captions and terms: all but English stop words."""

from __future__ import annotations

import re

__all__ = ["content_words"]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_STOP_WORDS = """
a all along across against an and another are as at be been being between both by did do
    does doing down during each few for four from had has have having he her hers him his i in
    into is it it's its many my near next no not of off on one onto or other our out over
    several she some something that the their them there these they this those three through to
    two under up very was we were what which while who with you your behind front around t s
"""
_STOP = frozenset(_STOP_WORDS.split())


def content_words(text: str) -> list[str]:
    """The distinct words of a text in their order, lower-cased, without English stop words."""
    return [word for word in dict.fromkeys(_WORD.findall(text.lower())) if word not in _STOP]
