"""Word evidence: how far the captions of a picture say what a term says."""

from cavewall.words.evidence import Evidence, evidence
from cavewall.words.index import WordIndex
from cavewall.words.said import FLOOR, TermWords
from cavewall.words.tokens import content_words

__all__ = ["FLOOR", "Evidence", "TermWords", "WordIndex", "content_words", "evidence"]
