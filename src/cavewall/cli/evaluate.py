"""`cavewall evaluate swaps`, `retrieval` and `make-swaps`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import truncate
from cavewall.cli.options import EncoderOption, ImageEncoderOption, JsonOption, WallOption
from cavewall.cli.output.console import print_json, print_line
from cavewall.cli.progress import counting

if TYPE_CHECKING:
    from cavewall.explore.evaluation import Figure, RetrievalReport, SwapReport

__all__ = ["evaluate"]

evaluate = typer.Typer(
    name="evaluate",
    help="Measure how good answers are.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@evaluate.command()
def swaps(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="Swap questions, one JSON object a line.")
    ],
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="RULE",
            help="A rule or baseline (none, plus, rewrite, retype) to compare, several times if "
            "need be; the default rule is always among them. Default: add and the baselines.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE.png", help="Draw the figures (needs matplotlib)."),
    ] = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure which rule answers swap questions best, and whether retyping would do better.

    A line holds "query" (or "like", an image_id), "minus", "plus" and "relevant", a list of
    image_ids; "rewrite", "retype", "source" and "slot" where there are such. How to read the
    figures: docs/arithmetic.md.
    """
    from cavewall.explore.evaluation import names_known, read_questions
    from cavewall.explore.evaluation.plot import check_plot, plot_swaps

    names_known(rule or ())
    if plot is not None:
        check_plot(plot)
    opened = cavewall.open(wall, encoder)
    with counting("asking", quiet=as_json) as progress:
        report = opened.evaluation.swaps(read_questions(file), rule or (), progress)
    if plot is not None:
        plot_swaps(report, plot)
    if as_json:
        print_json(report.to_dict())
        return
    _swaps_table(report)
    _notes([*report.notes, *([f"the plot: {plot}"] if plot is not None else [])])


@evaluate.command()
def retrieval(
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, metavar="N", help="Ask for so many pictures, not all."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed draws others.")] = 0,
    caption: Annotated[
        int | None,
        typer.Option(
            "--caption",
            min=1,
            metavar="N",
            help="Ask with the N-th captions only, and leave these out of all pictures at once.",
        ),
    ] = None,
    space: Annotated[
        Literal["caption", "image"],
        typer.Option(
            "--space", help="By the other captions of pictures, or by what the pictures show."
        ),
    ] = "caption",
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    image_encoder: ImageEncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well a caption finds its picture when the picture does not know it.

    One caption at a time is the query, and its picture is known by its other captions alone, or
    with --space image by what it shows. All captions of the pictures asked for are encoded again.
    """
    opened = cavewall.open(wall, encoder, image_encoder)
    with counting("encoding", quiet=as_json) as progress:
        report = opened.evaluation.retrieval(sample, seed, progress, caption=caption, space=space)
    if as_json:
        print_json(report.to_dict())
        return
    _retrieval_table(report)
    _notes(report.notes)


@evaluate.command("make-swaps")
def make_swaps(
    captions: Annotated[
        str,
        typer.Argument(metavar="CAPTIONS", help="A captions file, or a folder that holds one."),
    ],
    lexicon: Annotated[
        Path | None,
        typer.Option(
            "--lexicon",
            metavar="FILE",
            help="JSON: slot, concept, the words that name it. Default: everyday English.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.jsonl", help="Where to write them.")
    ] = Path("swaps.jsonl"),
    ask: Annotated[
        Literal["picture", "sentence", "brief"],
        typer.Option(help="About the picture, by a caption of it, or by two words."),
    ] = "sentence",
    synonyms: Annotated[
        bool, typer.Option("--synonyms", help="Ask in the lexicon's rarer words.")
    ] = False,
    kept: Annotated[
        int, typer.Option("--kept", min=1, max=2, help="How many concepts are kept.")
    ] = 1,
    least_relevant: Annotated[
        int, typer.Option("--least-relevant", min=1, help="Right answers a question needs.")
    ] = 5,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many questions.")] = 1500,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws others.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Make swap questions from any captioned collection.

    A picture holds a concept if two of its captions name it, or its only one does. Right are the
    pictures that hold what is kept and what is added, and no caption of which names what is taken
    away.
    """
    from cavewall.explore.evaluation import Lexicon, SwapOptions, captions_of, write_swaps
    from cavewall.explore.evaluation import make_swaps as made

    words = Lexicon.shipped() if lexicon is None else Lexicon.from_file(lexicon)
    ids, texts = captions_of(captions)
    how = SwapOptions(ask, synonyms, kept, least_relevant, limit=limit, seed=seed)
    lines = made(ids, texts, words, how)
    write_swaps(lines, out)
    if as_json:
        print_json({"questions": len(lines), "pictures": len(ids), "out": str(out)})
    else:
        print_line(
            f"{len(lines):,} questions on {len(ids):,} pictures in {out}. "
            f"Next: cavewall evaluate swaps {out}"
        )


def _swaps_table(report: SwapReport) -> None:
    console = Console(highlight=False)
    held = any(report.held(name) is not None for name in report.answers)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True, min_width=7)
    for heading in ("P@10", "MRR", "ahead by", *(("keep", "gain", "leak") if held else ()), "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in report.answers:
        default = name == report.default_rule
        shares = report.held(name) or ("–",) * 3
        cells = [
            _interval(report.p_at_10(name)),
            _short(report.mrr(name).mean),
            "" if default else _gain(report.default_ahead(name)),
            *(_short(share) if isinstance(share, float) else share for share in shares),
        ]
        cells = cells if held else cells[:3]
        style = "bold" if default else None
        table.add_row(name, *cells, f"{len(report.answers[name]):,}", style=style)
    console.print(table)
    _slots(report, console)
    explained = f"{report.default_rule}, in bold, is the default rule; in brackets 95 % intervals; "
    explained += "ahead by: its P@10 less this one's, on the same questions"
    if held:
        explained += (
            "; of the first ten, keep: hold what is kept, gain: hold what is added, "
            "leak: show what was taken away"
        )
    console.print()
    console.print(Text(explained, "dim"))


def _slots(report: SwapReport, console: Console) -> None:
    slots = sorted({slot for slot in report.slots if slot is not None})
    if not slots:
        return
    shown = slots[:5]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("swapped", no_wrap=True)
    counts = [report.slots.count(slot) for slot in shown]
    for slot, count in zip(shown, counts, strict=True):
        heading = Text(f"{truncate(slot, 12)}\n({count:,})")
        table.add_column(heading, justify="right", overflow="fold")
    for name in report.answers:
        figures = report.slot_figures(name)
        cells = [_short(figures[slot]["p_at_10"]) if slot in figures else "–" for slot in shown]
        table.add_row(name, *cells, style="bold" if name == report.default_rule else None)
    console.print(Text("\nP@10 by the slot of what is swapped", "dim"))
    console.print(table)
    if len(slots) > len(shown):
        console.print(Text(f"{len(slots) - len(shown)} more slots with --json", "dim"))


def _retrieval_table(report: RetrievalReport) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("R@1", "R@5", "R@10", "MRR"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row(*(_interval(figure, 3) for figure in report.figures.values()))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        Text(
            f"{report.captions:,} captions of {report.pictures:,} pictures asked, among "
            f"{report.wall:,}; in brackets 95 % intervals over pictures",
            "dim",
        )
    )


def _notes(notes: Sequence[str]) -> None:
    for note in notes:
        print_line(f"note: {note}")


def _interval(figure: Figure, digits: int = 2) -> str:
    low, high = _short(figure.low, digits), _short(figure.high, digits)
    return f"{_short(figure.mean, digits)} ({low}–{high})"


def _gain(figure: Figure) -> str:
    half = (figure.high - figure.low) / 2
    return f"{figure.mean:+.2f} ±{_short(half)}".replace("-", "−").replace("0.", ".")


def _short(value: float, digits: int = 2) -> str:
    """Without the leading zero, for tables of shares."""
    return f"{value:.{digits}f}".removeprefix("0")
