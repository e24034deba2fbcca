"""`cavewall map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import pluralize, truncate
from cavewall.cli.options import JsonOption, WallOption
from cavewall.cli.output.console import print_json, print_line
from cavewall.cli.progress import shares

if TYPE_CHECKING:
    from cavewall.explore.map import Map

__all__ = ["map"]

_EXAMPLE = 30


def map(
    layout: Annotated[
        str, typer.Option("--layout", metavar="pca|umap", help="How pictures are laid out.")
    ] = "pca",
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.png", help="Draw it (needs matplotlib)."),
    ] = None,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
) -> None:
    """Lay all pictures out on a map, and tell which groups there are.

    pca shows them on the plane in which their vectors differ most, at once. umap keeps neighbours
    together: it is computed once, and goes on where it was stopped. The page shows both.
    """
    if plot is not None:
        from cavewall.explore.evaluation.plot import check_plot

        check_plot(plot)
    opened = cavewall.open(wall)
    with shares(as_json) as progress:
        found = opened.map.build(layout, progress=progress)
    if plot is not None:
        opened.map.plot(found, plot)
    if as_json:
        print_json(found.to_dict())
        return
    _groups(found)
    if plot is not None:
        print_line(f"the map as a picture: {plot}")


def _groups(found: Map) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("pictures", justify="right")
    table.add_column("group", overflow="fold")
    table.add_column("in its middle", style="dim", overflow="fold")
    for cluster in found.names:
        example = Text(truncate(found.ids[cluster.at], _EXAMPLE))
        table.add_row(f"{cluster.pictures:,}", Text(cluster.name), example)
    if found.names:
        Console(highlight=False).print(table)
    print_line(_summary(found))


def _summary(found: Map) -> str:
    pictures, groups = pluralize(len(found), "picture"), pluralize(len(found.names), "group")
    text = f"{pictures} in {groups}; {found.layout}"
    if found.variance is None:
        return f"{text} keeps neighbours together"
    return f"{text} shows {100 * found.variance:.0f} % of how their vectors differ"
