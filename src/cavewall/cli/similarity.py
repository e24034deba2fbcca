"""`cavewall similarity`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

import cavewall
from cavewall.cli.options import EncoderOption, JsonOption
from cavewall.cli.output import show
from cavewall.cli.signs import unmarked
from cavewall.errors import ExpressionError, InputError

__all__ = ["similarity"]


def similarity(
    texts: Annotated[
        list[str], typer.Argument(metavar="A B [C …]", callback=unmarked, help="Texts.")
    ],
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """How alike texts are: the cosine of two, or a matrix of several. Needs no wall."""
    if len(texts) < 2:
        raise typer.BadParameter("give two texts or more to compare")
    from cavewall._internal.vectors import cosines
    from cavewall.encoders import resolve

    for text in texts:
        _check(text)
    vectors = (resolve() if encoder is None else resolve(encoder)).encode(texts)
    matrix = cosines(vectors, vectors)
    if as_json:
        pair = {"similarity": float(matrix[0, 1])}
        show.as_json(pair if len(texts) == 2 else {"texts": texts, "matrix": matrix.tolist()})
    else:
        show.similarity(texts, matrix)


def _check(text: str) -> None:
    cavewall.text(text)
    if text.startswith("@"):
        with suppress(ExpressionError):
            term = cavewall.saved(text[1:])
            raise InputError(
                f"{term} is a saved term, which only a wall knows, and similarity compares texts: "
                f"in Python there is wall.similarity(cavewall.saved({term.name!r}), …). A text "
                f'that begins so has a space before it: " {text}"'
            )
