"""`cavewall terms`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from cavewall.cli.options import (
    EncoderOption,
    ExpressionCommand,
    JsonOption,
    QuietOption,
    WallOption,
    unmarked,
)
from cavewall.cli.output.console import print_json, print_line
from cavewall.errors import InputError

__all__ = ["terms"]

terms = typer.Typer(
    name="terms",
    help="Save expressions and centroids under names: @name in any expression.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_HITS = 10
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Letters, digits, _ and -; written @NAME.")
]


@terms.command(cls=ExpressionCommand)
def save(
    name: NameArgument,
    expression: Annotated[
        str | None,
        typer.Argument(metavar="EXPRESSION", callback=unmarked, help="What it stands for."),
    ] = None,
    from_search: Annotated[
        str | None,
        typer.Option(
            "--from-search",
            metavar="EXPRESSION",
            callback=unmarked,
            help="Save the centroid of the first hits of a search.",
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("-k", min=1, max=10_000, help="How many hits. Default: 10."),
    ] = None,
    from_where: Annotated[
        str | None,
        typer.Option(
            "--from-where",
            metavar="FILTER",
            help="Save the centroid of all pictures that a filter matches.",
        ),
    ] = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Save a term with the wall.

    @NAME stands for it in every expression: "@NAME - 0.5 * dog". An expression is kept as it is
    written, may name other terms, and goes with any model; a centroid is a vector, and goes with
    the model that it was made with. What was saved under the name before is replaced.
    """
    given = [each for each in (expression, from_search, from_where) if each is not None]
    if len(given) != 1:
        raise InputError("say what to save: EXPRESSION, --from-search or --from-where, one of them")
    if k is not None and from_search is None:
        raise InputError("-k is how many hits of --from-search make the centroid")
    term = cavewall.open(wall, encoder).terms.save(
        name,
        expression,
        from_search=from_search,
        from_where=from_where,
        k=_HITS if k is None else k,
    )
    if as_json:
        print_json({**term.to_dict(), "replaced": term.replaced})
    elif not quiet:
        instead = ", in place of what it was" if term.replaced else ""
        print_line(f"@{term.name} stands for {_meaning(term)}{instead}")


@terms.command("list")
def list_(wall: WallOption = "./wall", as_json: JsonOption = False) -> None:
    """List the saved terms of a wall."""
    opened = cavewall.open(wall)
    found = opened.terms.all()
    if as_json:
        print_json({"terms": [term.to_dict() for term in found]})
    elif not found:
        print_line("no saved terms: save one with cavewall terms save NAME EXPRESSION")
    else:
        _print(found)
        _report_stale_centroids(found, opened)


@terms.command()
def remove(
    name: NameArgument,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Forget a saved term."""
    cavewall.open(wall).terms.remove(name)
    if as_json:
        print_json({"removed": name})
    elif not quiet:
        print_line(f"@{name} is no longer saved")


def _meaning(term: cavewall.SavedTerm) -> str:
    if term.vector is None:
        return f"`{term.expression}`"
    return f"the centroid of {pluralize(term.pictures or 0, 'picture')} ({term.made_of})"


def _print(found: Sequence[cavewall.SavedTerm]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("term", overflow="fold", max_width=24)
    table.add_column("stands for", overflow="fold")
    table.add_column("saved", style="dim", no_wrap=True)
    for term in found:
        meaning = term.expression if term.vector is None else _meaning(term)
        saved = term.saved_at.astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(
            Text(f"@{escape_control(term.name)}"), Text(truncate(meaning or "", 200)), saved
        )
    Console(highlight=False).print(table)


def _report_stale_centroids(found: Sequence[cavewall.SavedTerm], wall: cavewall.Wall) -> None:
    """Warn about centroids that were saved with another encoder."""
    encoder = wall.encoder.identity
    for term in found:
        if not term.serves(encoder):
            print_line(
                f"@{term.name} was saved with {term.encoder.name}, and the wall is now searched "
                f"with {encoder.name}: {term.command}"
            )
