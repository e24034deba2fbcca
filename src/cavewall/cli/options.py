"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cavewall.cli import completion

__all__ = [
    "AddressOption",
    "EncoderOption",
    "EngineOption",
    "ImageEncoderOption",
    "JsonOption",
    "QuietOption",
    "SheetOption",
    "WallOption",
    "WhereOption",
]

WallOption = Annotated[
    str,
    typer.Option(
        "--wall",
        metavar="ADDRESS",
        envvar="CAVEWALL",
        help="The wall to work on.",
        autocompletion=completion.walls,
    ),
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="A SentenceTransformers model, by name or folder. Default: the wall's own.",
    ),
]
ImageEncoderOption = Annotated[
    str | None,
    typer.Option(
        "--image-encoder",
        metavar="NAME",
        help="A CLIP or SigLIP model, by name or folder: docs/spaces.md. Default: the wall's own.",
    ),
]
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="FILTER",
        help="Only pictures of which it is true: 'year >= 2019 and tagged(\"dog\")'.",
    ),
]
SheetOption = Annotated[
    Path | None,
    typer.Option("--sheet", metavar="FILE.png", help="Write the answer as a picture."),
]
EngineOption = Annotated[
    Literal["local", "ray"],
    typer.Option("--engine", help="Work in this process, or on a Ray cluster: docs/scale.md."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="The Ray cluster; 'auto' on one of its machines. Default: $RAY_ADDRESS, else this "
        "machine alone.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
