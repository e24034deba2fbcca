"""`cavewall info`."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control, pluralize
from cavewall.cli.options import JsonOption, WallOption
from cavewall.cli.output.console import print_json

__all__ = ["info", "print_info"]


def info(wall: WallOption = "./wall", as_json: JsonOption = False) -> None:
    """Tell what a wall holds and which encoder made its vectors."""
    facts = cavewall.open(wall).info()
    if as_json:
        print_json(facts)
    else:
        print_info(facts)


def print_info(facts: dict[str, Any]) -> None:
    """The facts of `Wall.info` as a table."""
    encoder = facts["encoder"]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    missing = facts["without_image"]
    table.add_row("wall", Text(escape_control(facts["address"])))
    table.add_row(
        "pictures", f"{facts['pictures']:,}" + (f", {missing:,} without a file" if missing else "")
    )
    table.add_row(
        "encoder", Text(escape_control(f"{encoder['name']}, {encoder['dimension']} floats"))
    )
    if facts["standby"] is not None:
        other = escape_control(
            f"{facts['standby']['name']}, {facts['standby']['dimension']} floats"
        )
        table.add_row("standing by", Text(other))
        lacking = facts["standby_lacking"]
        if lacking:
            again = f"cavewall reencode --encoder {escape_control(facts['standby']['name'])}"
            table.add_row("", Text(f"not yet for {pluralize(lacking, 'picture')}: {again}"))
        if facts["standby"]["dimension"] == encoder["dimension"]:
            # Of columns of two lengths, LanceDB finds the one that fits.
            table.add_row(
                "", Text('plain LanceDB has to name the column: vector_column_name="vector"')
            )
    if facts.get("image_encoder") is not None:
        image = facts["image_encoder"]
        table.add_row(
            "image encoder",
            Text(escape_control(f"{image['name']}, {image['dimension']} floats")),
        )
        if facts["image_lacking"]:
            again = f"cavewall reencode --space image --encoder {escape_control(image['name'])}"
            lacking = pluralize(facts["image_lacking"], "picture")
            table.add_row("", Text(f"not yet for {lacking}: {again}"))
    if facts.get("without_captions"):
        table.add_row("captions", f"none of {pluralize(facts['without_captions'], 'picture')}")
    if facts["indexed"]:
        table.add_row("index", f"{facts['indexed']:,} vectors in neighbourhoods")
    table.add_row("version", f"{facts['version']} (format {facts['format']})")
    Console(highlight=False).print(table)
