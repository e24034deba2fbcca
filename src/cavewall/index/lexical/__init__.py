"""Word evidence: how far the captions of a picture say what a term says."""

from cavewall.index.lexical.evidence import Evidence, evidence
from cavewall.index.lexical.stopwords import content_words
from cavewall.index.lexical.term_profile import FLOOR, TermWords
from cavewall.index.lexical.word_index import WordIndex

__all__ = ["FLOOR", "Evidence", "TermWords", "WordIndex", "content_words", "evidence"]
