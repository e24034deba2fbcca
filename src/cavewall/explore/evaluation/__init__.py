"""Evaluation of search quality: swap questions, caption retrieval, and generated question sets."""

from cavewall.explore.evaluation.describe import CaptionMatcher
from cavewall.explore.evaluation.lexicon import Concept, Lexicon
from cavewall.explore.evaluation.make_swaps import SwapOptions, captions_of, make_swaps, write_swaps
from cavewall.explore.evaluation.metrics import Figure, bootstrap, precision_at, reciprocal_rank
from cavewall.explore.evaluation.questions import BASELINES, Forms, Question, read_questions
from cavewall.explore.evaluation.report import SwapReport
from cavewall.explore.evaluation.retrieval import (
    RetrievalReport,
    evaluate_image_retrieval,
    evaluate_retrieval,
)
from cavewall.explore.evaluation.swaps import evaluate_swaps, names_known

__all__ = [
    "BASELINES",
    "CaptionMatcher",
    "Concept",
    "Figure",
    "Forms",
    "Lexicon",
    "Question",
    "RetrievalReport",
    "SwapOptions",
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
