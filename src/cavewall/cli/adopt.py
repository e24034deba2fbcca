"""`cavewall adopt`: search a LanceDB table where it is."""

from __future__ import annotations

from typing import Annotated

import typer

import cavewall
from cavewall.cli.options import EncoderOption, JsonOption, QuietOption, WallOption
from cavewall.cli.output.console import print_json, print_line

__all__ = ["adopt"]


def adopt(
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE", help="A LanceDB table, NAME.lance, or a folder that holds one alone."
        ),
    ],
    vector_column: Annotated[
        str | None,
        typer.Option("--vector-column", metavar="COLUMN", help="Which column holds the vectors."),
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id-column", metavar="COLUMN", help="Which names the pictures.")
    ] = None,
    caption_column: Annotated[
        str | None,
        typer.Option("--caption-column", metavar="COLUMN", help="Which holds captions."),
    ] = None,
    image_column: Annotated[
        str | None,
        typer.Option("--image-column", metavar="COLUMN", help="Which holds the pictures' bytes."),
    ] = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Search a LanceDB table where it is.

    It becomes a wall, and nothing of it is copied or changed.
    """
    opened = cavewall.open(wall, encoder)
    found = opened.maintenance.adopt(
        table,
        vector_column=vector_column,
        id_column=id_column,
        caption_column=caption_column,
        image_column=image_column,
    )
    if as_json:
        print_json(found.to_dict())
    elif not quiet:
        used = {part: name for part, name in vars(found.columns).items() if name is not None}
        print_line(f"{found.pictures:,} pictures of {found.table}, searched where they are")
        print_line("columns: " + ", ".join(f"{part} from {name}" for part, name in used.items()))
        if found.agreement is None:
            print_line(
                "no captions to tell by: that the encoder made these vectors is taken on trust"
            )
        else:
            print_line(
                f"{opened.encoder.name} made these vectors, as far as a sample of captions tells "
                f"(median cosine {found.agreement:.2f})"
            )
