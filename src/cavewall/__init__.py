"""Search pictures by meaning, and do arithmetic with it.

>>> import cavewall
>>> from cavewall.testing import toy_wall
>>> wall = toy_wall("wall")  # or cavewall.open("wall"), and wall.add("captions.txt")
>>> wall.search("a dog runs through the sand - dog + human")[0].image_id
'beach-human.jpg'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cavewall.encoders import Encoder
    from cavewall.errors import CavewallError
    from cavewall.models import AddReport, Contribution, Hit, Hits, Picture, Reject
    from cavewall.query import (
        Expression,
        analogy,
        has,
        image,
        keyword,
        like,
        mean,
        parse,
        saved,
        slerp,
        text,
        without,
    )
    from cavewall.search.path import interpolate as path
    from cavewall.storage.terms import SavedTerm
    from cavewall.wall import Wall
    from cavewall.wall import open_wall as open

__version__ = "0.1.0"

# Each name comes with its module when it is first used: `cavewall --help` needs none of them.
_HOMES = {
    "CavewallError": "errors",
    "Wall": "wall",
    "open": "wall:open_wall",
    "path": "search.path:interpolate",
    **dict.fromkeys(["AddReport", "Contribution", "Hit", "Hits", "Picture", "Reject"], "models"),
    **dict.fromkeys(["Expression", "analogy", "has", "image", "keyword"], "query"),
    **dict.fromkeys(["like", "mean", "parse", "saved", "slerp", "text"], "query"),
    "without": "query",
    "SavedTerm": "storage.terms",
}

__all__ = [
    "AddReport",
    "CavewallError",
    "Contribution",
    "Expression",
    "Hit",
    "Hits",
    "Picture",
    "Reject",
    "SavedTerm",
    "Wall",
    "analogy",
    "has",
    "image",
    "keyword",
    "like",
    "mean",
    "open",
    "parse",
    "path",
    "register",
    "saved",
    "slerp",
    "text",
    "without",
]


def register(encoder: "Encoder | None" = None) -> None:
    """Put the encoder into LanceDB's embedding registry, for text search with plain LanceDB."""
    from cavewall.storage.lancedb_registry import register as register_encoder

    register_encoder(encoder)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cavewall' has no attribute {name!r}")
    module, _, called = _HOMES[name].partition(":")
    value = getattr(importlib.import_module(f"cavewall.{module}"), called or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
