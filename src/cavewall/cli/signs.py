"""Expressions as arguments: they may begin with a sign and are no options then."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand

__all__ = ["ExpressionCommand", "unmarked"]

# A mark that no argument can hold, put before expressions that begin with a sign.
_MARK = "\0"
_SIGNED = re.compile(r"[-+−](\s|[(\"])")


class ExpressionCommand(TyperCommand):
    """A command whose arguments may begin with a sign: `cavewall search "- dog"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        marked = [_MARK + arg if _SIGNED.match(arg) else arg for arg in args]
        return super().parse_args(ctx, marked)


def unmarked(value: Any) -> Any:
    """The callback of every argument and option of such a command that is an expression."""
    if value is None or isinstance(value, str):
        return value and value.removeprefix(_MARK)
    return [item.removeprefix(_MARK) for item in value]
