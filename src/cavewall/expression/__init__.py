"""The expression language: values, parser, printer and meaning, without any scoring."""

from cavewall.expression.meaning import Direction, direction
from cavewall.expression.parser import parse, parse_list
from cavewall.expression.replacing import with_images
from cavewall.expression.resolving import resolved
from cavewall.expression.values import (
    Centroid,
    Expression,
    Function,
    Has,
    Image,
    Keyword,
    Leaf,
    Like,
    Saved,
    Sum,
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
    "Direction",
    "Expression",
    "Function",
    "Has",
    "Image",
    "Keyword",
    "Leaf",
    "Like",
    "Saved",
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
    "resolved",
    "saved",
    "slerp",
    "text",
    "with_images",
    "without",
]
