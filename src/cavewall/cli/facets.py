"""`cavewall facets`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from cavewall.cli import completion
from cavewall.cli.arrow import import_arrow
from cavewall.cli.options import JsonOption, WallOption, WhereOption
from cavewall.cli.output.console import print_dim, print_json, print_stderr
from cavewall.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavewall.storage import FieldSummary
    from cavewall.storage.facets import FacetCount, Facets

__all__ = ["facets"]

_LIMIT = 20
_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"


def facets(
    field: Annotated[
        str | None,
        typer.Argument(
            metavar="FIELD",
            help="Which field. Default: tell which there are.",
            autocompletion=completion.fields,
        ),
    ] = None,
    where: WhereOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", metavar="N", min=1, max=10_000, help="How many values. Default: 20."
        ),
    ] = None,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
) -> None:
    """Count which values a field has, or list the fields that a filter may name.

    More numbers or dates than are shown one by one are taken together, in ranges and periods.
    """
    if field is None and not (where is None and limit is None):
        given = "--limit" if where is None else "--where"
        raise InputError(f"{given} is for the values of one field: name that FIELD too")
    import_arrow()
    opened = cavewall.open(wall)
    if field is None:
        names = opened.table.fields()
        if as_json:
            print_json({"fields": [name.to_dict() for name in names]})
        else:
            _show_fields(names)
        return
    found = opened.table.facets(field, where, _LIMIT if limit is None else limit)
    if as_json:
        print_json(found.to_dict())
    else:
        _show_facets(found, where)


def _show_fields(names: Sequence[FieldSummary]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("field", overflow="fold")
    table.add_column("kind")
    table.add_column("pictures", justify="right")
    for name in names:
        kind = "true or false" if name.of == "boolean" else name.of
        listed = f"several: {kind}" if name.kind == "list" else kind
        # Never truncated, since it is meant to be copied.
        table.add_row(Text(escape_control(name.name)), listed, f"{name.pictures:,}")
    Console(highlight=False).print(table)
    print_dim("values of one: cavewall facets FIELD")


def _show_facets(found: Facets, where: str | None) -> None:
    console = Console(highlight=False)
    among = "" if where is None else f" where {escape_control(where)}"
    title = Text.assemble(
        (escape_control(found.field), "bold"), f" of {pluralize(found.pictures, 'picture')}"
    )
    console.print(title.append(among, "dim"), soft_wrap=True)
    if not found.counts:
        print_stderr("none of these pictures has a value")
        return
    most = max(count.pictures for count in found.counts)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=False)
    table.add_column("value", overflow="fold", max_width=max(16, console.width - _BAR - 16))
    table.add_column("pictures", justify="right")
    table.add_column("", no_wrap=True, width=_BAR)
    for count in found.counts:
        bar = Text(_bar(count.pictures / most), "cyan")
        table.add_row(Text(_shown(count)), f"{count.pictures:,}", bar)
    if found.missing:
        table.add_row(Text("no value", "dim"), Text(f"{found.missing:,}", "dim"))
    console.print(table)
    if found.others:
        print_dim(f"and {pluralize(found.others, 'more value')}: --limit shows more")
    chosen = shlex.quote(escape_control(str(found.counts[0].where)))
    print_dim(f"pictures of the first: cavewall search EXPRESSION --where {chosen}")


def _shown(count: FacetCount) -> str:
    if isinstance(count.value, bool):
        return "true" if count.value else "false"
    return f"{count.value:,}" if isinstance(count.value, float) else truncate(str(count.value), 120)


def _bar(share: float) -> str:
    """A bar in steps of an eighth of a character, at least one step."""
    full, rest = divmod(max(1, round(share * _BAR * 8)), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
