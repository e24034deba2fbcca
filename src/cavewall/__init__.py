"""Search pictures by meaning, and do arithmetic with it.

>>> import cavewall
>>> wall = cavewall.open("wall")
>>> wall.add("captions.txt")                                        # doctest: +SKIP
>>> wall.search("dog running through sand - dog + human")           # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from cavewall.asking import way_points as path
from cavewall.errors import CavewallError
from cavewall.expression import Expression, analogy, image, like, mean, parse, slerp, text, without
from cavewall.pictures import AddReport, Contribution, Hit, Hits, Picture, Reject
from cavewall.wall import Wall
from cavewall.wall import open_wall as open

if TYPE_CHECKING:
    from cavewall.encoders import Encoder

__version__ = "0.1.0"

__all__ = [
    "AddReport",
    "CavewallError",
    "Contribution",
    "Expression",
    "Hit",
    "Hits",
    "Picture",
    "Reject",
    "Wall",
    "analogy",
    "image",
    "like",
    "mean",
    "open",
    "parse",
    "path",
    "register",
    "slerp",
    "text",
    "without",
]


def register(encoder: "Encoder | None" = None) -> None:
    """Put the encoder into LanceDB's embedding registry, for text search with plain LanceDB."""
    from cavewall.store.registry import register as register_encoder

    register_encoder(encoder)
