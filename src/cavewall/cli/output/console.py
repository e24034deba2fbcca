"""Printing for all commands: lines and JSON on stdout, remarks and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cavewall._internal.terminal_text import escape_control
from cavewall.errors import ExpressionError, FilterError

__all__ = [
    "print_advice",
    "print_dim",
    "print_error",
    "print_fault",
    "print_json",
    "print_line",
    "print_stderr",
]

# Characters of an expression shown on either side of an error's column.
_CONTEXT = 36


def _out() -> Console:
    return Console(highlight=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on a line. ASCII only, so that no caption can control the terminal."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def print_line(message: str) -> None:
    _out().print(Text(escape_control(message)), soft_wrap=True)


def print_dim(message: str) -> None:
    """A remark after the output, in dim text."""
    _out().print(Text(escape_control(message), "dim"), soft_wrap=True)


def print_stderr(message: str) -> None:
    """A remark on stderr, so that stdout can be piped into another command."""
    _err().print(Text(escape_control(message)), soft_wrap=True)


def print_advice(sentences: Sequence[str]) -> None:
    """Advice about a query, on stderr."""
    for sentence in sentences:
        _err().print(
            Text.assemble(("advice: ", "bold yellow"), escape_control(sentence)), soft_wrap=True
        )


def print_error(message: str) -> None:
    _err().print(Text.assemble(("error: ", "bold red"), escape_control(message)), soft_wrap=True)


def print_fault(found: Exception, lead: str = "") -> None:
    """An error, and for a syntax error the source with a caret under the column."""
    print_error(f"{lead}{found}")
    if isinstance(found, ExpressionError | FilterError):
        _point_at(found.source, found.column)


def _point_at(source: str | None, column: int | None) -> None:
    if source is None or column is None:
        return
    at = column - 1
    start = max(0, at - _CONTEXT)
    before = escape_control(source[start:at])
    after = escape_control(source[at : at + _CONTEXT])
    lead = "…" if start else ""
    console = _err()
    console.print(Text(f"  {lead}{before}{after}"), soft_wrap=True)
    caret = " " * (2 + len(lead) + cell_len(before)) + "^"
    console.print(Text(caret, "bold red"), soft_wrap=True)
