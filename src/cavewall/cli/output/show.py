"""What the commands print."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cavewall._internal.terminal_text import escape_control, pluralize, truncate
from cavewall.errors import ExpressionError, FilterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cavewall.cli.copy_files import Copies
    from cavewall.models import AddReport, Contribution, Hit, Hits
    from cavewall.wall import Wall

__all__ = [
    "add_report",
    "advice",
    "as_json",
    "aside",
    "copies",
    "error",
    "faint",
    "fault",
    "hits_table",
    "info",
    "no_hits",
    "note",
    "similarity",
]

_SHOWN_SKIPPED = 5
_CONTEXT = 36


def _out() -> Console:
    return Console(highlight=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False)


def as_json(value: dict[str, Any]) -> None:
    """One JSON object. ASCII only, so that no caption can steer the terminal."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def note(message: str) -> None:
    _out().print(Text(escape_control(message)), soft_wrap=True)


def faint(message: str) -> None:
    """What comes after an answer and is not part of it."""
    _out().print(Text(escape_control(message), "dim"), soft_wrap=True)


def aside(message: str) -> None:
    """A word on stderr, where stdout is read by another command."""
    _err().print(Text(escape_control(message)), soft_wrap=True)


def advice(sentences: Sequence[str]) -> None:
    """What may be wrong with a query, on stderr."""
    for sentence in sentences:
        _err().print(
            Text.assemble(("advice: ", "bold yellow"), escape_control(sentence)), soft_wrap=True
        )


def error(message: str) -> None:
    _err().print(Text.assemble(("error: ", "bold red"), escape_control(message)), soft_wrap=True)


def fault(found: Exception, lead: str = "") -> None:
    """What went wrong, and where a text has a fault, the text with a caret under its column."""
    error(f"{lead}{found}")
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


def hits_table(hits: Hits) -> None:
    """The answer as a table: score, percentile, picture, caption, and what each term brought."""
    console = _out()
    console.print(Text(escape_control(hits.expression), "bold"), soft_wrap=True)
    made = f"rule {hits.rule} · encoder {escape_control(hits.encoder)} · {hits.took_ms:.0f} ms"
    console.print(Text(made, "dim"), soft_wrap=True)
    among = _among(hits)
    if among:
        console.print(Text(among, "dim"), soft_wrap=True)
    if not hits:
        no_hits(hits)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("score", justify="right")
    # What a score is worth is not known of what pictures show.
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
    """The filter and how many pictures may answer, where not all of the wall may."""
    filtered = "" if hits.where is None else f"where {escape_control(hits.where)} · "
    if hits.total is None or hits.pictures is None:
        return filtered.removesuffix(" · ")
    some = filtered or hits.total < hits.pictures
    return f"{filtered}{hits.total:,} of {pluralize(hits.pictures, 'picture')}" if some else ""


def no_hits(hits: Hits) -> None:
    """A word on stderr about an answer without pictures, and why it has none."""
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
    aside(f"no picture to show: {why}")


def copies(found: Copies, aside: bool) -> None:
    """How many pictures were copied where to, and on stderr which were not."""
    err = _err()
    for image_id, why in found.left_out.items():
        err.print(
            Text(f"not copied: {truncate(image_id, 60)}: {escape_control(why)}"), soft_wrap=True
        )
    message = (
        f"{pluralize(len(found.files), 'picture')} copied to {escape_control(str(found.folder))}"
    )
    (err if aside else _out()).print(Text(message), soft_wrap=True)


def _why(hit: Hit) -> Text:
    text = Text(truncate(hit.captions[0], 100) if hit.captions else "")
    if len(hit.terms) > 1:
        text.append("\n")
        # A space that the picture is not in brings nothing.
        brought = [term for term in hit.terms if term.space is None or term.contribution]
        for place, term in enumerate(brought):
            text.append("  " if place else "")
            _append_term(text, term)
    return text


def _append_term(text: Text, term: Contribution) -> None:
    colour = "green" if term.contribution >= 0 else "red"
    text.append(f"{term.contribution:+.3f}".replace("-", "−"), colour)
    sign = "− " if term.weight < 0 else ""
    weight = "" if abs(term.weight) == 1 else f"{abs(term.weight):.3g} × "
    text.append(f" {sign}{weight}{truncate(term.term, 40)}{in_space(term.space)}", "dim")


def in_space(space: str | None) -> str:
    """In which space a term did what it did, where a wall has two."""
    return "" if space is None else f" ({space})"


def add_report(report: AddReport, wall: Wall) -> None:
    """What an add did, with the first few of what it left out."""
    counts = [f"{report.added:,} added", f"{report.updated:,} updated"]
    counts += [f"{report.moved:,} moved"] if report.moved else []
    counts += [f"{report.unchanged:,} unchanged", f"{len(report.skipped):,} skipped"]
    counts += [f"{report.removed:,} removed"] if report.removed else []
    note(f"{', '.join(counts)} in {report.seconds:.1f} s")
    if report.vanished > report.removed:
        kept = report.vanished - report.removed
        note(f"no longer in this source, and kept: {kept:,} (--prune removes them)")
    kinds = Counter(reject.reason.partition(":")[0] for reject in report.skipped)
    if kinds:
        note("skipped: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()))
    for reject in report.skipped[:_SHOWN_SKIPPED]:
        note(f"  {_about(reject.image_id)}{truncate(reject.reason, 160)}")
    if len(report.skipped) > _SHOWN_SKIPPED:
        stored = report.added or report.updated or report.unchanged or report.moved
        note("  … all of them with --json" + (", or cavewall rejects" if stored else ""))
    for notice in report.notices[:_SHOWN_SKIPPED]:
        longest = 160 if notice.image_id else 400
        note(f"note: {_about(notice.image_id)}{truncate(notice.notice, longest)}")
    note(f"wall: {wall.address}")


def _about(image_id: str) -> str:
    """The id before what is said of it; nothing where a row has none."""
    return f"{truncate(image_id, 60)}: " if image_id else ""


def similarity(texts: Sequence[str], matrix: NDArray[np.float64]) -> None:
    if len(texts) == 2:
        note(f"{matrix[0, 1]:.4f}")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("")
    for text in texts:
        table.add_column(Text(truncate(text, 20)), justify="right")
    for text, row in zip(texts, matrix, strict=True):
        table.add_row(Text(truncate(text, 40)), *(f"{value:.3f}" for value in row))
    _out().print(table)


def info(facts: dict[str, Any]) -> None:
    encoder = facts["encoder"]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    missing = facts["without_image"]
    table.add_row("wall", Text(escape_control(facts["address"])))
    table.add_row(
        "pictures", f"{facts['pictures']:,}" + (f", {missing:,} without a file" if missing else "")
    )
    table.add_row(
        "encoder", Text(escape_control(f"{encoder['name']}, {encoder['dimension']} floats"))
    )
    if facts["standby"] is not None:
        other = escape_control(
            f"{facts['standby']['name']}, {facts['standby']['dimension']} floats"
        )
        table.add_row("standing by", Text(other))
        lacking = facts["standby_lacking"]
        if lacking:
            again = f"cavewall reencode --encoder {escape_control(facts['standby']['name'])}"
            table.add_row("", Text(f"not yet for {pluralize(lacking, 'picture')}: {again}"))
        if facts["standby"]["dimension"] == encoder["dimension"]:
            # Of columns of two lengths, LanceDB finds the one that fits.
            table.add_row(
                "", Text('plain LanceDB has to name the column: vector_column_name="vector"')
            )
    if facts.get("image_encoder") is not None:
        eye = facts["image_encoder"]
        table.add_row(
            "image encoder", Text(escape_control(f"{eye['name']}, {eye['dimension']} floats"))
        )
        if facts["image_lacking"]:
            again = f"cavewall reencode --space image --encoder {escape_control(eye['name'])}"
            lacking = pluralize(facts["image_lacking"], "picture")
            table.add_row("", Text(f"not yet for {lacking}: {again}"))
    if facts.get("without_captions"):
        table.add_row("captions", f"none of {pluralize(facts['without_captions'], 'picture')}")
    if facts["indexed"]:
        table.add_row("index", f"{facts['indexed']:,} vectors in neighbourhoods")
    table.add_row("version", f"{facts['version']} (format {facts['format']})")
    _out().print(table)
