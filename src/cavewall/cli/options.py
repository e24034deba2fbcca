"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["EncoderOption", "JsonOption", "QuietOption", "WallOption", "WhereOption"]

WallOption = Annotated[
    str,
    typer.Option("--wall", metavar="ADDRESS", envvar="CAVEWALL", help="The wall to work on."),
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="A SentenceTransformers model, by name or folder. Default: the wall's own.",
    ),
]
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="FILTER",
        help="Look only among pictures like these: 'year >= 2019 and not tagged(\"draft\")'.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
