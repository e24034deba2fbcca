"""`cavewall rejects`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall.cli import show
from cavewall.cli.options import JsonOption, WallOption
from cavewall.display import inert
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.pictures import Reject

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
    """List the pictures that were not taken: each source's, as of its last add.

    `cavewall add SOURCE --retry` takes up those of a source again, and nothing else.
    """
    if as_json and as_lines:
        raise InputError("--json prints one object and --jsonl a line each: ask for one of them")
    found = cavewall.open(wall).rejects()
    if source is not None:
        found = tuple(reject for reject in found if _is_of(reject, source))
    if as_json:
        show.as_json({"rejects": [reject.to_dict() for reject in found]})
    elif as_lines:
        sys.stdout.writelines(json.dumps(reject.to_dict()) + "\n" for reject in found)
    elif not found:
        show.note("no rejects" + ("" if source is None else f" of {source}"))
    else:
        _print(found)


def _is_of(reject: Reject, source: str) -> bool:
    """Whether the reject came from there, or from the one file of that folder."""
    name = reject.source or ""
    path = Path(source).expanduser().resolve()
    return name in (source, str(path)) or (path.is_dir() and Path(name).parent == path)


def _print(found: Sequence[Reject]) -> None:
    console = Console(highlight=False)
    by_source: dict[str, list[Reject]] = {}
    for reject in found:
        by_source.setdefault(reject.source or "", []).append(reject)
    for source, rejects_of_it in by_source.items():
        console.print(Text(f"{len(rejects_of_it):,} of {inert(source)}", "bold"), soft_wrap=True)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("picture", overflow="fold")
        table.add_column("reason", overflow="fold")
        table.add_column("place", overflow="fold", style="dim")
        for reject in rejects_of_it:
            cells = (reject.image_id, reject.reason, reject.place)
            table.add_row(*(Text(inert(cell)) for cell in cells))
        console.print(table)
