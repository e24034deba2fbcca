"""`cavewall rejects`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control
from cavewall.cli.options import JsonOption, WallOption
from cavewall.cli.output.console import print_json, print_line
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.models import Reject

__all__ = ["rejects"]


def rejects(
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="SOURCE", help="Only those of this source."),
    ] = None,
    as_lines: Annotated[
        bool, typer.Option("--jsonl", help="Print a line of JSON for each, nothing else.")
    ] = False,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
) -> None:
    """List what was not taken, and why.

    Of each source what its last add did not take. `cavewall add SOURCE --retry` takes up those of
    a source again, and nothing else.
    """
    if as_json and as_lines:
        raise InputError("--json prints one object and --jsonl a line each: ask for one of them")
    found = cavewall.open(wall).rejects(source)
    if as_json:
        print_json({"rejects": [reject.to_dict() for reject in found]})
    elif as_lines:
        sys.stdout.writelines(json.dumps(reject.to_dict()) + "\n" for reject in found)
    elif not found:
        print_line("no rejects" + ("" if source is None else f" of {source}"))
    else:
        _print(found)


def _print(found: Sequence[Reject]) -> None:
    console = Console(highlight=False)
    by_source: dict[str, list[Reject]] = {}
    for reject in found:
        by_source.setdefault(reject.source or "", []).append(reject)
    for source, rejects_of_it in by_source.items():
        console.print(
            Text(f"{len(rejects_of_it):,} of {escape_control(source)}", "bold"), soft_wrap=True
        )
        for reject in rejects_of_it:
            # Lines instead of a table: ids and paths are long, and meant to be copied.
            named = f"{escape_control(reject.image_id)}: " if reject.image_id else ""
            console.print(Text(f"  {named}{escape_control(reject.reason)}"), soft_wrap=True)
            if reject.place not in (source, "") and reject.place not in reject.reason:
                console.print(Text(f"    {escape_control(reject.place)}", "dim"), soft_wrap=True)
    print_line("take them up again, and nothing else: cavewall add SOURCE --retry")
