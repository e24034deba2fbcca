"""The commands and their options; what they print is in the modules beside."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import cavewall
from cavewall.cli import explain as draw
from cavewall.cli import show, upkeep
from cavewall.cli.adding import add
from cavewall.cli.adopting import adopt
from cavewall.cli.arrow import import_arrow
from cavewall.cli.covering import grid
from cavewall.cli.evaluate import evaluate
from cavewall.cli.fetching import fetch
from cavewall.cli.options import EncoderOption, JsonOption, QuietOption, WallOption
from cavewall.cli.reencoding import reencode
from cavewall.cli.rejecting import rejects
from cavewall.cli.signs import ExpressionCommand, unmarked
from cavewall.cli.stopping import StoppedError
from cavewall.cli.terms import terms
from cavewall.errors import CavewallError, ExpressionError, InputError

__all__ = ["app", "main"]

app = typer.Typer(
    name="cavewall",
    help="Search pictures by meaning, and do arithmetic with it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cavewall {cavewall.__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    """Search pictures by meaning, and do arithmetic with it."""


app.command()(add)
app.command()(fetch)
app.command()(adopt)
app.command()(rejects)


@app.command(cls=ExpressionCommand)
def search(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPRESSION",
            callback=unmarked,
            help='What to look for: "dog running through sand - dog + human".',
        ),
    ],
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many pictures.")] = 10,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RULE", help="How terms combine.")
    ] = None,
    literal: Annotated[
        bool, typer.Option("--literal", help="Take EXPRESSION as one text, signs and all.")
    ] = False,
    include_inputs: Annotated[
        bool, typer.Option("--include-inputs", help="Let like() pictures answer too.")
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.png", help="Write the answer as a picture."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show the pictures in the terminal.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why, term by term and without each term.")
    ] = False,
    compared_to: Annotated[
        str | None,
        typer.Option(
            "--compared-to",
            metavar="EXPRESSION",
            callback=unmarked,
            help="Say what changed from that expression.",
        ),
    ] = None,
    apply_negation: Annotated[
        bool,
        typer.Option("--apply-negation", help='Read "dog without a leash" as "dog - leash".'),
    ] = False,
    min_percentile: Annotated[
        float | None,
        typer.Option(
            "--min-percentile",
            min=0,
            max=100,
            metavar="P",
            help="Leave out hits that score above less than P % of the wall's background.",
        ),
    ] = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the pictures that EXPRESSION describes best.

    Terms are joined by + and - with white space on both sides: "beach - people + 0.5 * dog".
    Quotes hold a text together, like("image_id") is a picture of the wall, keyword("word") scores
    captions that hold the word, and + has("word") or - has("word") keeps only pictures whose
    captions hold it, or do not. @name is a saved term: see cavewall terms.
    """
    if literal and apply_negation:
        raise InputError("--literal takes the text as it is: leave out --apply-negation")
    if encoder is None:
        from cavewall.encoders import warm_up

        warm_up()
    import_arrow()
    query = cavewall.text(expression) if literal else cavewall.parse(expression)
    opened = cavewall.open(wall, encoder)
    hits = opened.search(
        query,
        k,
        rule,
        include_inputs=include_inputs,
        apply_negation=apply_negation,
        min_percentile=min_percentile,
        explain=explain,
    )
    comparison = None
    if compared_to is not None:
        from cavewall.negation import without_negation

        after = without_negation(opened.resolved(query)) if apply_negation else query
        comparison = opened.compare(compared_to, after, k, rule)
    if sheet is not None:
        _write_sheet(hits, sheet)
    if as_json:
        extra = {} if comparison is None else {"comparison": comparison.to_dict()}
        show.as_json({**hits.to_dict(), **extra})
        return
    _show_answer(hits, sheet, preview)
    if hits.explanation is not None:
        draw.explanation(hits.explanation)
    if comparison is not None:
        draw.comparison(comparison)
    show.advice(hits.advice)


def _show_answer(hits: cavewall.Hits, sheet: Path | None, preview: bool) -> None:
    show.hits_table(hits)
    if preview:
        from cavewall.cli.preview import show_thumbnails

        show_thumbnails(hits)
    if sheet is not None:
        show.note(f"the answer as a picture: {sheet}")


def _write_sheet(hits: cavewall.Hits, path: Path) -> None:
    from cavewall.sheet import contact_sheet

    try:
        contact_sheet([hits]).save(path)
    except (OSError, ValueError) as fault:
        raise InputError(f"the sheet {path} cannot be written: {fault}") from fault


@app.command(cls=ExpressionCommand)
def path(
    start: Annotated[
        str, typer.Argument(metavar="A", callback=unmarked, help="Where the path begins.")
    ],
    end: Annotated[
        str, typer.Argument(metavar="B", callback=unmarked, help="Where the path ends.")
    ],
    steps: Annotated[int, typer.Option("--steps", min=2, max=1000, help="How many pictures.")] = 5,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.png", help="Write the path as a picture."),
    ] = None,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show different pictures at even steps on the way from expression A to expression B."""
    hits = cavewall.open(wall, encoder).path(start, end, steps)
    if sheet is not None:
        _write_sheet(hits, sheet)
    if as_json:
        show.as_json(hits.to_dict())
    else:
        _show_answer(hits, sheet, preview=False)


app.command(cls=ExpressionCommand)(grid)


@app.command(cls=ExpressionCommand)
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
    from cavewall.encoders import resolve
    from cavewall.vectors import cosines

    for text in texts:
        _check_text(text)
    vectors = (resolve() if encoder is None else resolve(encoder)).encode(texts)
    matrix = cosines(vectors, vectors)
    if as_json:
        pair = {"similarity": float(matrix[0, 1])}
        show.as_json(pair if len(texts) == 2 else {"texts": texts, "matrix": matrix.tolist()})
    else:
        show.similarity(texts, matrix)


def _check_text(text: str) -> None:
    cavewall.text(text)
    if text.startswith("@"):
        with suppress(ExpressionError):
            term = cavewall.saved(text[1:])
            raise InputError(
                f"{term} is a saved term, which only a wall knows, and similarity compares texts: "
                f"in Python there is wall.similarity(cavewall.saved({term.name!r}), …). A text "
                f'that begins so has a space before it: " {text}"'
            )


@app.command()
def info(wall: WallOption = "./wall", as_json: JsonOption = False) -> None:
    """Tell what a wall holds and which encoder made its vectors."""
    facts = cavewall.open(wall).info()
    if as_json:
        show.as_json(facts)
    else:
        show.info(facts)


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to draw them.")],
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws others.")] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw the sample collection: pictures with captions, from code alone."""
    from cavewall.sample import draw_sample

    report = draw_sample(directory, seed=seed)
    if as_json:
        show.as_json(
            {
                "directory": str(report.directory),
                "pictures": report.pictures,
                "captions": report.captions,
                "swaps": report.swaps,
            }
        )
    elif not quiet:
        show.note(
            f"{report.pictures} pictures with {report.captions} captions in {report.directory}. "
            f"Next: cavewall add {report.directory}"
        )


app.command()(reencode)
for command in upkeep.COMMANDS:
    app.command()(command)
app.add_typer(terms)
app.add_typer(evaluate)


def main() -> None:
    """Run the command: errors in one sentence on stderr, with exit code 1."""
    try:
        app()
    except StoppedError as stop:
        show.error(str(stop))
        sys.exit(130)
    except ExpressionError as fault:
        show.expression_error(fault)
        sys.exit(1)
    except CavewallError as fault:
        show.error(str(fault))
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read the output has enough; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as fault:
        show.error(f"{fault.filename or 'the disk'}: {fault.strerror or fault}")
        sys.exit(1)
    except Exception as fault:
        if os.environ.get("CAVEWALL_TRACEBACK"):
            raise
        show.error(
            f"Cavewall has a fault ({type(fault).__name__}: {fault}). Please report it, with what "
            "CAVEWALL_TRACEBACK=1 and the same command print"
        )
        sys.exit(1)
