"""`cavewall path`."""

from __future__ import annotations

from typing import Annotated

import typer

import cavewall
from cavewall.cli.options import EncoderOption, JsonOption, SheetOption, WallOption, unmarked
from cavewall.cli.output.hits import OutputOptions, print_hits

__all__ = ["path"]


def path(
    start: Annotated[
        str, typer.Argument(metavar="A", callback=unmarked, help="Where the path begins.")
    ],
    end: Annotated[
        str, typer.Argument(metavar="B", callback=unmarked, help="Where the path ends.")
    ],
    steps: Annotated[int, typer.Option("--steps", min=2, max=1000, help="How many pictures.")] = 5,
    sheet: SheetOption = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show different pictures at even steps on the way from expression A to expression B."""
    opened = cavewall.open(wall, encoder)
    print_hits(opened.path(start, end, steps), opened, OutputOptions(as_json=as_json, sheet=sheet))
