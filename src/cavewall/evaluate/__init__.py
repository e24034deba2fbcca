"""How good answers are: swap questions, retrieval of captions, and sets made from captions."""

from cavewall.evaluate.lexicon import Concept, Lexicon
from cavewall.evaluate.make import Making, captions_of, make_swaps, write_swaps
from cavewall.evaluate.metrics import Figure, bootstrap, precision_at, reciprocal_rank
from cavewall.evaluate.naming import Naming
from cavewall.evaluate.questions import BASELINES, Forms, Question, read_questions
from cavewall.evaluate.report import SwapReport
from cavewall.evaluate.retrieval import (
    RetrievalReport,
    evaluate_image_retrieval,
    evaluate_retrieval,
)
from cavewall.evaluate.swaps import evaluate_swaps, names_known

__all__ = [
    "BASELINES",
    "Concept",
    "Figure",
    "Forms",
    "Lexicon",
    "Making",
    "Naming",
    "Question",
    "RetrievalReport",
    "SwapReport",
    "bootstrap",
    "captions_of",
    "evaluate_image_retrieval",
    "evaluate_retrieval",
    "evaluate_swaps",
    "make_swaps",
    "names_known",
    "precision_at",
    "read_questions",
    "reciprocal_rank",
    "write_swaps",
]
