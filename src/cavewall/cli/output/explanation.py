"""Explanations and comparisons on the terminal, readable without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cavewall._internal.terminal_text import escape_control, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavewall.search.explanation import Change, Comparison, Explanation, TermReason, WithoutTerm

__all__ = ["in_space", "print_comparison", "print_explanation"]

_VALUE = 8
_NAMES = 3


def print_explanation(found: Explanation) -> None:
    """Per hit a bar for each term with its best caption; then the effect of each term."""
    console = Console(highlight=False)
    parts = [abs(reason.contribution) for hit in found.hits for reason in hit.reasons]
    largest = max(parts, default=0.0) or 1.0
    for place, hit in enumerate(found.hits, 1):
        title = f"\n{place:>2}  {truncate(hit.image_id, 120)}"
        console.print(Text.assemble((title, "bold"), f"  {hit.score:.3f}"))
        for reason in hit.reasons:
            console.print(_bar(reason, largest, console.width))
            if reason.caption is not None:
                console.print(Padding(_caption_line(reason), (0, 0, 0, 6)))
    if found.without:
        console.print(Text("\nWithout each term", "bold"))
    for without in found.without:
        console.print(Padding(_without(without), (0, 0, 0, 4)))


def _bar(reason: TermReason, largest: float, width: int) -> Text:
    """The term, its bar left or right of a middle line, and its contribution with its sign."""
    # 4 before the term, 2 around the bars, 1 for the line between them.
    label = max(6, (width - _VALUE - 7) * 2 // 5)
    half = max(1, (width - label - _VALUE - 7) // 2)
    halves = round(2 * half * abs(reason.contribution) / largest)
    negative = reason.contribution < 0
    full, rest = divmod(halves, 2)
    bar = ("▐" if rest else "") + "█" * full if negative else "█" * full + ("▌" if rest else "")
    left, right = (bar.rjust(half), "") if negative else (" " * half, bar)
    colour = "red" if negative else "green"
    named = _fitted(_signed(reason.term, reason.weight) + in_space(reason.space), label)
    text = Text(f"    {named} ", no_wrap=True)
    text.append(left, colour).append("│", "dim").append(right.ljust(half), colour)
    text.append(f" {reason.contribution:+{_VALUE - 1}.3f}".replace("-", "−"), colour)
    return text


def _fitted(text: str, width: int) -> str:
    shown = truncate(text, 200)
    return set_cell_size(shown if cell_len(shown) <= width else _cut(shown, width), width)


def _cut(text: str, width: int) -> str:
    return set_cell_size(text, width - 1).rstrip() + "…"


def _signed(term: str, weight: float) -> str:
    amount = "" if abs(weight) == 1 else f"{abs(weight):.3g} × "
    return ("− " if weight < 0 else "") + amount + term


def _caption_line(reason: TermReason) -> Text:
    text = Text(f"“{truncate(reason.caption or '')}”", "dim")
    for place, match in enumerate(reason.words):
        text.append(": " if place == 0 else ", ", "dim")
        text.append(truncate(match.word, 40), "bold")
        if match.word != match.says:
            text.append(f" says {truncate(match.says, 40)} {match.chance:.2f}", "dim")
    return text


def _without(without: WithoutTerm) -> Text:
    text = Text.assemble((truncate(_signed(without.term, without.weight), 60), "bold"), ": ")
    if without.cancels:
        return text.append("nothing would be left to search for")
    stays = [move for move in without.moved if move.image_id not in without.left]
    parts = []
    if without.entered:
        parts.append(f"{len(without.entered)} enter ({_names(without.entered)})")
    if without.left:
        ranks = {move.image_id: move.after for move in without.moved}
        named = [f"{escape_control(name)} to {ranks[name]:,}" for name in without.left]
        parts.append(f"{len(without.left)} leave ({_names(named)})")
    if stays:
        moves = [f"{escape_control(move.image_id)} {move.before} → {move.after}" for move in stays]
        parts.append(f"{len(stays)} move ({_names(moves)})")
    return text.append("; ".join(parts) or "the answer stays the same")


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(truncate(name, 80) for name in names[:_NAMES])
    return shown + (", …" if len(names) > _NAMES else "")


def print_comparison(found: Comparison) -> None:
    """Hits that entered, left and moved, with the term responsible for each."""
    console = Console(highlight=False)
    title = f"\nWhat changed from {escape_control(found.before)} to {escape_control(found.after)}"
    console.print(Text(title, "bold"))
    if not (found.entered or found.left or found.moved):
        console.print("    nothing: the answer stays the same")
    for sign, colour, what, changes in (
        ("+", "green", "entered", found.entered),
        ("−", "red", "left", found.left),
        ("~", "", "moved", found.moved),
    ):
        for change in changes:
            console.print(Padding(_change(change, sign, what, colour), (0, 0, 0, 4)))


def _change(change: Change, sign: str, what: str, colour: str) -> Text:
    ranks = {"entered": f"at {change.after}", "left": f"from {change.before}"}
    place = ranks.get(what, f"{change.before} → {change.after}")
    text = Text.assemble((f"{sign} {what} {place}", colour), f"  {truncate(change.image_id, 120)}")
    amount = f"{change.difference:+.3f}".replace("-", "−")
    return text.append(f"  by {truncate(change.term, 60)} {amount}", "dim")


def in_space(space: str | None) -> str:
    """The space of a contribution in brackets, for searches of more than one space."""
    return "" if space is None else f" ({space})"
