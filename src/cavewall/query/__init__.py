"""The expression language: values, parser, printer and meaning, without any scoring."""

from cavewall.query.linear_form import Direction, direction
from cavewall.query.parser import parse, parse_list
from cavewall.query.replacing import with_images
from cavewall.query.substitute import resolved
from cavewall.query.values import (
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
