"""Options that several commands share, and arguments that may begin with a sign."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from cavewall.cli import completion

__all__ = [
    "AddressOption",
    "EncoderOption",
    "EngineOption",
    "ExpressionCommand",
    "ImageEncoderOption",
    "JsonOption",
    "QuietOption",
    "SheetOption",
    "WallOption",
    "WhereOption",
    "unmarked",
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

# Put before expressions that begin with a sign, so that they are not read as options. No argument
# can contain NUL.
_MARK = "\0"
_SIGNED = re.compile(r"[-+−](\s|[(\"])")


class ExpressionCommand(TyperCommand):
    """A command whose arguments may begin with a sign: `cavewall search "- dog"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        marked = [_MARK + arg if _SIGNED.match(arg) else arg for arg in args]
        return super().parse_args(ctx, marked)


def unmarked(value: Any) -> Any:
    """Removes the mark: the callback of all expressions of an `ExpressionCommand`."""
    if value is None or isinstance(value, str):
        return value and value.removeprefix(_MARK)
    return [item.removeprefix(_MARK) for item in value]
