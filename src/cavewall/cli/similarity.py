"""`cavewall similarity`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import truncate
from cavewall.cli.options import EncoderOption, JsonOption, unmarked
from cavewall.cli.output.console import print_json, print_line
from cavewall.errors import ExpressionError, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["print_matrix", "similarity"]


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
        print_json(pair if len(texts) == 2 else {"texts": texts, "matrix": matrix.tolist()})
    else:
        print_matrix(texts, matrix)


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


def print_matrix(texts: Sequence[str], matrix: NDArray[np.float64]) -> None:
    """The cosine of two texts, or the matrix of several."""
    if len(texts) == 2:
        print_line(f"{matrix[0, 1]:.4f}")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("")
    for text in texts:
        table.add_column(Text(truncate(text, 20)), justify="right")
    for text, row in zip(texts, matrix, strict=True):
        table.add_row(Text(truncate(text, 40)), *(f"{value:.3f}" for value in row))
    Console(highlight=False).print(table)
