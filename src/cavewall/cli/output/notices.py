"""How an answer is told: a table, paths or JSON, and what else is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cavewall.cli.copy_files import Copies
from cavewall.cli.output import explanation as draw
from cavewall.cli.output import show
from cavewall.cli.output.paths import print_paths
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.models import Hits
    from cavewall.search.explanation import Comparison
    from cavewall.wall import Wall

__all__ = ["Manner", "tell", "write_sheet"]


@dataclass(frozen=True)
class Manner:
    """The options of a search that decide what becomes of the answer."""

    as_json: bool = False
    paths: bool = False
    null: bool = False
    preview: bool = False
    sheet: Path | None = None
    copies: Copies | None = None
    view: bool = False


def tell(
    hits: Hits,
    wall: Wall,
    manner: Manner,
    *,
    comparison: Comparison | None = None,
    following: str | None = None,
    line: int | None = None,
) -> None:
    """Write what is to be written, then print; `line` is where the expression stood in stdin.

    `following` are the options that show the next page.
    """
    if manner.sheet is not None:
        write_sheet(hits, manner.sheet)
    if manner.copies is not None:
        manner.copies.take(wall, hits)
    if manner.as_json:
        _as_json(hits, manner, comparison, line)
    elif manner.paths:
        print_paths(hits, manner.null)
        show.no_hits(hits)
        show.advice(hits.advice)
    else:
        _as_table(hits, manner, comparison, following)
        if line is not None:
            show.note("")  # between this answer and the next one
    if manner.view:
        from cavewall.cli.output.open import open_answer

        open_answer(wall, hits, manner.sheet)


def _as_json(hits: Hits, manner: Manner, comparison: Comparison | None, line: int | None) -> None:
    found: dict[str, Any] = {} if line is None else {"line": line}
    found |= hits.to_dict()
    if comparison is not None:
        found["comparison"] = comparison.to_dict()
    if manner.copies is not None:
        found["copied"] = manner.copies.to_dict([hit.image_id for hit in hits])
    show.as_json(found)


def _as_table(
    hits: Hits, manner: Manner, comparison: Comparison | None, following: str | None
) -> None:
    show.hits_table(hits)
    if following is not None:
        show.faint(f"the next ones: {following}")
    if manner.preview:
        from cavewall.cli.output.thumbnails import show_thumbnails

        show_thumbnails(hits)
    if manner.sheet is not None:
        show.note(f"the answer as a picture: {manner.sheet}")
    if hits.explanation is not None:
        draw.explanation(hits.explanation)
    if comparison is not None:
        draw.comparison(comparison)
    show.advice(hits.advice)


def write_sheet(hits: Hits, path: Path) -> None:
    """The answer as a picture. Raises InputError."""
    from cavewall.explore.plots.contact_sheet import contact_sheet

    try:
        contact_sheet([hits]).save(path)
    except (OSError, ValueError) as fault:
        raise InputError(f"the sheet {path} cannot be written: {fault}") from fault
