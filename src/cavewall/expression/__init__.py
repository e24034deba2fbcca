"""The expression language: values, parser, printer and meaning, without any scoring."""

from cavewall.expression.meaning import Direction, direction
from cavewall.expression.parser import parse, parse_list
from cavewall.expression.values import (
    Expression,
    Function,
    Has,
    Image,
    Keyword,
    Leaf,
    Like,
    Sum,
    Text,
    analogy,
    has,
    image,
    keyword,
    like,
    mean,
    slerp,
    text,
    without,
)

__all__ = [
    "Direction",
    "Expression",
    "Function",
    "Has",
    "Image",
    "Keyword",
    "Leaf",
    "Like",
    "Sum",
    "Text",
    "analogy",
    "direction",
    "has",
    "image",
    "keyword",
    "like",
    "mean",
    "parse",
    "parse_list",
    "slerp",
    "text",
    "without",
]
