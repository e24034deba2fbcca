"""`cavewall grid`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from cavewall.cli.options import EncoderOption, JsonOption, WallOption, WhereOption, unmarked
from cavewall.cli.output.console import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavewall.explore.coverage import Grid, GridCell, Total

__all__ = ["grid"]

_LABEL, _NAME = 20, 10
_SHOWN_CELLS = 12
_GAP = 2


def grid(
    rows: Annotated[
        str,
        typer.Argument(
            metavar="ROWS", callback=unmarked, help='Concepts with commas: "dog, cat, horse".'
        ),
    ],
    columns: Annotated[
        str,
        typer.Argument(
            metavar="COLUMNS", callback=unmarked, help='Others: "sand, snow, street - car".'
        ),
    ],
    examples: Annotated[
        int, typer.Option("--examples", min=0, max=100, metavar="N", help="Pictures a cell.")
    ] = 3,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.png", help="Draw it (needs matplotlib)."),
    ] = None,
    where: WhereOption = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the pictures that show each of ROWS with each of COLUMNS, the gaps first.

    A concept is words, joined by + (all of them) and - (without); has("word") is a caption that
    holds the word. Behind a count stands how many surely show both, and how many perhaps. What
    counts as shown, and how often that is right: docs/grid.md.
    """
    if plot is not None:
        from cavewall.explore.evaluation.plot import check_plot

        check_plot(plot)
    opened = cavewall.open(wall, encoder)
    found = opened.coverage.grid(
        rows, columns, examples if plot is None else max(examples, 1), where
    )
    if plot is not None:
        opened.coverage.plot(found, plot)
    if as_json:
        print_json(found.to_dict())
        return
    _gaps(found)
    _tables(found)
    for note in [*found.notes, *([f"the plot: {plot}"] if plot is not None else [])]:
        print_line(f"note: {note}")


def _gaps(found: Grid) -> None:
    """The empty cells, then the doubtful and the rare ones, as sentences."""
    console = Console(highlight=False)
    kinds = ((found.empty, "empty"), (found.doubtful, "doubtful"), (found.rare, "rare"))
    for cells, what in kinds:
        for cell in cells[:_SHOWN_CELLS]:
            console.print(Text(escape_control(str(cell))), soft_wrap=True)
            if cell.examples:
                names = ", ".join(truncate(name, 60) for name in cell.examples)
                console.print(Text(f"    {names}", "dim"), soft_wrap=True)
        if len(cells) > _SHOWN_CELLS:
            more = f"… and {len(cells) - _SHOWN_CELLS:,} more {what} cells: all with --json"
            console.print(Text(more, "dim"))
    if not any(cells for cells, _ in kinds):
        console.print("no cell is empty, or much rarer than its totals let expect")


def _tables(found: Grid) -> None:
    """One table if it fits, transposed if necessary, else several."""
    console = Console(highlight=False)
    transposed = not _fits(found, console.width) and _fits(found.transposed(), console.width)
    shown = found.transposed() if transposed else found
    for chosen in _blocks(shown, console.width):
        console.print()
        console.print(_table(shown, chosen))
    legend = f"{pluralize(shown.pictures, 'picture')}; in brackets those that surely show both and "
    console.print()
    console.print(Text(legend + "those that perhaps do; a picture may be in several cells", "dim"))


def _fits(found: Grid, width: int) -> bool:
    return len(_blocks(found, width)) == 1


def _blocks(found: Grid, width: int) -> list[list[int]]:
    """The columns of each table, as many as fit next to the names and totals of rows."""
    names = max(cell_len(truncate(total.name, _LABEL)) for total in found.rows)
    room = width - max(names, len("all")) - _GAP - _widest(found.rows)
    blocks: list[list[int]] = [[]]
    left = room
    for at in range(len(found.columns)):
        need = _GAP + _width(found, at)
        if need > left and blocks[-1]:
            blocks.append([])
            left = room
        blocks[-1].append(at)
        left -= need
    return blocks


def _width(found: Grid, column: int) -> int:
    cells = [row[column] for row in found.cells]
    name = cell_len(truncate(found.columns[column].name, _NAME))
    return max(name, _widest([found.columns[column], *cells]))


def _widest(counts: Sequence[Total | GridCell]) -> int:
    return max(len(line) for each in counts for line in _lines(each))


def _table(found: Grid, chosen: list[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column("", no_wrap=True)
    for at in chosen:
        name = Text(truncate(found.columns[at].name, _NAME))
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("all", justify="right", no_wrap=True)
    for total, row in zip(found.rows, found.cells, strict=True):
        cells = [_shown(row[at], "bold red" if row[at].is_empty else "") for at in chosen]
        table.add_row(truncate(total.name, _LABEL), *cells, _shown(total, ""))
    totals = [_shown(found.columns[at], "") for at in chosen]
    table.add_row("all", *totals, f"{found.pictures:,}")
    return table


def _shown(counts: Total | GridCell, style: str) -> Text:
    first, *rest = _lines(counts)
    return Text.assemble((first, style or "bold"), *((f"\n{line}", "dim") for line in rest))


def _lines(counts: Total | GridCell) -> list[str]:
    """The count, and the interval unless both ends are equal."""
    if counts.low == counts.high:
        return [f"{counts.count:,}"]
    return [f"{counts.count:,}", f"({counts.low:,}–{counts.high:,})"]
