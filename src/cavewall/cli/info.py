"""`cavewall info`."""

from __future__ import annotations

import cavewall
from cavewall.cli.options import JsonOption, WallOption
from cavewall.cli.output import show

__all__ = ["info"]


def info(wall: WallOption = "./wall", as_json: JsonOption = False) -> None:
    """Tell what a wall holds and which encoder made its vectors."""
    facts = cavewall.open(wall).info()
    if as_json:
        show.as_json(facts)
    else:
        show.info(facts)
