"""Shell completion of rules, fields and walls.

Completion never prints, raises or takes long. Names that would need quoting are omitted, since
they may come from an untrusted wall.
"""

from __future__ import annotations

import itertools
import os
import re
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer

__all__ = ["fields", "rules", "walls"]

_PLAIN = re.compile(r"[\w.@%+,/:=~-]+")
_MOST_LOOKED_AT = 1000

P = ParamSpec("P")


def _quietly(find: Callable[P, Iterable[str]]) -> Callable[P, list[str]]:
    """Only the names without special characters; none if the search fails."""

    @wraps(find)
    def found(*args: P.args, **kwargs: P.kwargs) -> list[str]:
        names: list[str] = []
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names += [name for name in find(*args, **kwargs) if _PLAIN.fullmatch(name)]
        return names

    return found


@_quietly
def rules(incomplete: str) -> Iterable[str]:
    """The names of scoring rules."""
    from cavewall.search.rules import RULES

    return (name for name in RULES if name.startswith(incomplete))


@_quietly
def fields(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The fields of a filter, from the first pictures of a local wall."""
    address = ctx.params.get("wall") or os.environ.get("CAVEWALL") or "./wall"
    if "://" in address:
        return ()
    from cavewall.cli.arrow import import_arrow

    import_arrow()
    from cavewall.storage import open_store

    names = open_store(str(Path(address).expanduser().absolute())).suggest_fields()
    return (name for name in names if name.startswith(incomplete))


@_quietly
def walls(incomplete: str) -> Iterable[str]:
    """Walls that match the path typed so far, and those with a saved choice of encoder."""
    from cavewall.encoders.select import walls_with_choices

    above = os.path.dirname(incomplete)  # noqa: PTH120 -- `./` and `~` stay as they were typed
    with os.scandir(Path(above or ".").expanduser()) as entries:
        here = [
            os.path.join(above, entry.name)  # noqa: PTH118
            for entry in itertools.islice(entries, _MOST_LOOKED_AT)
            if entry.is_dir() and _is_wall(entry.path)
        ]
    named = [address for address in walls_with_choices() if "://" in address or _is_wall(address)]
    found = dict.fromkeys([*sorted(here), *(named if incomplete else ())])
    return (name for name in found if name.startswith(incomplete))


def _is_wall(folder: str) -> bool:
    return any(Path(folder, name).exists() for name in ("pictures.lance", "adopted.json"))
