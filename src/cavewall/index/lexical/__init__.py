"""Lexical evidence: how far the words of a picture's captions mean the words of a term.

word_similarity   the chance that one word of the captions means another one
word_index        the words of a wall: which pictures have them, how rare and stable they are
term_profile      the words of a term, spread over the words of the wall that mean them
term_weights      how much each word of a term counts, given the other terms of the query
evidence          from these, one number for every term and picture
"""

from cavewall.index.lexical.evidence import Evidence, evidence
from cavewall.index.lexical.stopwords import content_words
from cavewall.index.lexical.term_profile import FLOOR, TermWords
from cavewall.index.lexical.word_index import WordIndex

__all__ = ["FLOOR", "Evidence", "TermWords", "WordIndex", "content_words", "evidence"]
