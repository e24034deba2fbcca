"""The expression language: values, parser, printer and meaning, without any scoring."""

from cavewall.expression.meaning import Direction, direction
from cavewall.expression.parser import parse
from cavewall.expression.values import (
    Expression,
    Function,
    Image,
    Leaf,
    Like,
    Sum,
    Text,
    analogy,
    image,
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
    "Image",
    "Leaf",
    "Like",
    "Sum",
    "Text",
    "analogy",
    "direction",
    "image",
    "like",
    "mean",
    "parse",
    "slerp",
    "text",
    "without",
]
