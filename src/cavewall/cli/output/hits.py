"""Printing the answer to a search: table, paths or JSON, and the files made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from cavewall.cli.copy_files import Copies
from cavewall.cli.output.console import (
    print_advice,
    print_dim,
    print_json,
    print_line,
    print_stderr,
)
from cavewall.cli.output.explanation import in_space, print_comparison, print_explanation
from cavewall.cli.output.paths import print_paths
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.models import Contribution, Hit, Hits
    from cavewall.search.explanation import Comparison
    from cavewall.wall import Wall

__all__ = [
    "OutputOptions",
    "print_copies",
    "print_hits",
    "print_no_hits",
    "print_table",
    "write_sheet",
]


@dataclass(frozen=True)
class OutputOptions:
    """The options of a search that decide how its answer is shown."""

    as_json: bool = False
    paths: bool = False
    null: bool = False
    preview: bool = False
    sheet: Path | None = None
    copies: Copies | None = None
    view: bool = False


def print_hits(
    hits: Hits,
    wall: Wall,
    output: OutputOptions,
    *,
    comparison: Comparison | None = None,
    following: str | None = None,
    line: int | None = None,
) -> None:
    """Write the files that were asked for, then print the answer.

    `line` is the number of the expression in stdin, `following` the options for the next page.
    """
    if output.sheet is not None:
        write_sheet(hits, output.sheet)
    if output.copies is not None:
        output.copies.take(wall, hits)
    if output.as_json:
        _as_json(hits, output, comparison, line)
    elif output.paths:
        print_paths(hits, output.null)
        print_no_hits(hits)
        print_advice(hits.advice)
    else:
        _as_table(hits, output, comparison, following)
        if line is not None:
            print_line("")  # between this answer and the next one
    if output.view:
        from cavewall.cli.output.open import open_answer

        open_answer(wall, hits, output.sheet)


def _as_json(
    hits: Hits, output: OutputOptions, comparison: Comparison | None, line: int | None
) -> None:
    found: dict[str, Any] = {} if line is None else {"line": line}
    found |= hits.to_dict()
    if comparison is not None:
        found["comparison"] = comparison.to_dict()
    if output.copies is not None:
        found["copied"] = output.copies.to_dict([hit.image_id for hit in hits])
    print_json(found)


def _as_table(
    hits: Hits, output: OutputOptions, comparison: Comparison | None, following: str | None
) -> None:
    print_table(hits)
    if following is not None:
        print_dim(f"the next ones: {following}")
    if output.preview:
        from cavewall.cli.output.thumbnails import show_thumbnails

        show_thumbnails(hits)
    if output.sheet is not None:
        print_line(f"the answer as a picture: {output.sheet}")
    if hits.explanation is not None:
        print_explanation(hits.explanation)
    if comparison is not None:
        print_comparison(comparison)
    print_advice(hits.advice)


def write_sheet(hits: Hits, path: Path) -> None:
    """Save the answer as a contact sheet. Raises InputError."""
    from cavewall.explore.plots.contact_sheet import contact_sheet

    try:
        contact_sheet([hits]).save(path)
    except (OSError, ValueError) as fault:
        raise InputError(f"the sheet {path} cannot be written: {fault}") from fault


def _console() -> Console:
    return Console(highlight=False)


def print_table(hits: Hits) -> None:
    """The answer as a table: score, percentile, picture, caption, and contributions."""
    console = _console()
    console.print(Text(escape_control(hits.expression), "bold"), soft_wrap=True)
    made = f"rule {hits.rule} · encoder {escape_control(hits.encoder)} · {hits.took_ms:.0f} ms"
    console.print(Text(made, "dim"), soft_wrap=True)
    among = _among(hits)
    if among:
        console.print(Text(among, "dim"), soft_wrap=True)
    if not hits:
        print_no_hits(hits)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("score", justify="right")
    # Image vectors have no calibration, and so no percentiles.
    ranked = hits.spaces is None or any(hit.percentile is not None for hit in hits)
    if ranked:
        table.add_column("above", justify="right", style="dim")
    table.add_column("picture", overflow="fold", max_width=max(18, console.width * 3 // 8))
    several = any(len(hit.terms) > 1 for hit in hits)
    table.add_column("caption, and contributions" if several else "caption", overflow="fold")
    for place, hit in enumerate(hits, hits.offset + 1):
        # Rounded down: only what is above all of the background shows 100 %.
        share = "" if hit.percentile is None else f"{int(hit.percentile * 10) / 10:.1f} %"
        name = Text(truncate(hit.image_id, 120))
        shares = [share] if ranked else []
        table.add_row(str(place), f"{hit.score:.3f}", *shares, name, _why(hit))
    console.print(table)


def _among(hits: Hits) -> str:
    """The filter and the number of candidates, unless they are the whole wall."""
    filtered = "" if hits.where is None else f"where {escape_control(hits.where)} · "
    if hits.total is None or hits.pictures is None:
        return filtered.removesuffix(" · ")
    some = filtered or hits.total < hits.pictures
    return f"{filtered}{hits.total:,} of {pluralize(hits.pictures, 'picture')}" if some else ""


def print_no_hits(hits: Hits) -> None:
    """Say on stderr why an answer is empty; print nothing where it is not."""
    if hits:
        return
    if hits.pictures == 0:
        why = "the wall is empty"
    elif hits.total == 0 and hits.where is not None:
        why = f"none of {pluralize(hits.pictures or 0, 'picture')} fits the filter {hits.where}"
    elif hits.offset and hits.total is not None:
        there = pluralize(hits.total, "picture")
        why = f"{there} may answer, and --offset passes over {hits.offset:,}"
    else:
        why = "the wall is empty, or all that matched was left out"
    print_stderr(f"no picture to show: {why}")


def print_copies(found: Copies, to_stderr: bool) -> None:
    """The number of copied pictures and their folder, and on stderr those that failed."""
    err = Console(stderr=True, highlight=False)
    for image_id, why in found.left_out.items():
        err.print(
            Text(f"not copied: {truncate(image_id, 60)}: {escape_control(why)}"), soft_wrap=True
        )
    message = (
        f"{pluralize(len(found.files), 'picture')} copied to {escape_control(str(found.folder))}"
    )
    (err if to_stderr else _console()).print(Text(message), soft_wrap=True)


def _why(hit: Hit) -> Text:
    text = Text(truncate(hit.captions[0], 100) if hit.captions else "")
    if len(hit.terms) > 1:
        text.append("\n")
        # In a space where the picture has no vector a term contributes 0.
        contributing = [term for term in hit.terms if term.space is None or term.contribution]
        for place, term in enumerate(contributing):
            text.append("  " if place else "")
            _append_term(text, term)
    return text


def _append_term(text: Text, term: Contribution) -> None:
    colour = "green" if term.contribution >= 0 else "red"
    text.append(f"{term.contribution:+.3f}".replace("-", "−"), colour)
    sign = "− " if term.weight < 0 else ""
    weight = "" if abs(term.weight) == 1 else f"{abs(term.weight):.3g} × "
    text.append(f" {sign}{weight}{truncate(term.term, 40)}{in_space(term.space)}", "dim")
