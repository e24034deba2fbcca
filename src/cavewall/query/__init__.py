"""The expression language: values, parser, printer and meaning, without any scoring."""

from cavewall.query.linear_form import LinearCombination, to_linear_combination
from cavewall.query.parser import parse, parse_list
from cavewall.query.replacing import with_images
from cavewall.query.substitute import substitute
from cavewall.query.values import (
    Centroid,
    Expression,
    Function,
    Image,
    Keyword,
    Leaf,
    Like,
    MustContain,
    Sum,
    TermRef,
    Text,
    analogy,
    has,
    image,
    keyword,
    like,
    mean,
    saved,
    slerp,
    text,
    without,
)

__all__ = [
    "Centroid",
    "Expression",
    "Function",
    "Image",
    "Keyword",
    "Leaf",
    "Like",
    "LinearCombination",
    "MustContain",
    "Sum",
    "TermRef",
    "Text",
    "analogy",
    "has",
    "image",
    "keyword",
    "like",
    "mean",
    "parse",
    "parse_list",
    "saved",
    "slerp",
    "substitute",
    "text",
    "to_linear_combination",
    "with_images",
    "without",
]
