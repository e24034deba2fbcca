"""`cavewall search`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import cavewall
from cavewall.cli import completion
from cavewall.cli.arrow import import_arrow
from cavewall.cli.copy_files import Copies
from cavewall.cli.options import (
    EncoderOption,
    ImageEncoderOption,
    JsonOption,
    SheetOption,
    WallOption,
    WhereOption,
    unmarked,
)
from cavewall.cli.output.hits import OutputOptions, print_copies, print_hits
from cavewall.cli.stdin import STDIN, answer_lines
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.search.explanation import Comparison
    from cavewall.search.request import SearchRequest

__all__ = ["search"]

# What `cavewall.search.request` says too; importing that takes arrays, and --help does without.
_MOST, _FURTHEST = 10_000, 1_000_000


def search(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPRESSION",
            callback=unmarked,
            help='What to look for: "dog running through sand - dog + human". '
            "With - every line of stdin is one.",
        ),
    ],
    k: Annotated[int, typer.Option("-k", min=1, max=_MOST, help="How many pictures.")] = 10,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule", metavar="RULE", help="How terms combine.", autocompletion=completion.rules
        ),
    ] = None,
    where: WhereOption = None,
    space: Annotated[
        Literal["caption", "image", "both"] | None,
        typer.Option(
            "--space",
            help="By what is said of pictures, or by what they show. Default: all the wall has.",
        ),
    ] = None,
    offset: Annotated[
        int | None,
        typer.Option(
            "--offset",
            metavar="N",
            min=0,
            max=_FURTHEST,
            help="Pass over the N best. Pages fit together that begin with --offset 0.",
        ),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(
            "--version", metavar="N", min=1, help="A version of the wall. Default: the newest."
        ),
    ] = None,
    diverse: Annotated[
        bool,
        typer.Option("--diverse", help="Trade score for difference: no ten shots of one scene."),
    ] = False,
    diversity: Annotated[
        float | None,
        typer.Option(
            "--diversity",
            metavar="AMOUNT",
            min=0,
            max=1,
            help="How much of it, 0 to 1, for --diverse. Default: 0.5.",
        ),
    ] = None,
    dedupe: Annotated[
        bool,
        typer.Option("--dedupe", help="Leave out what looks like a better hit, or has its bytes."),
    ] = False,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by",
            metavar="FIELD",
            help="Show the best picture of each value of FIELD.",
            autocompletion=completion.fields,
        ),
    ] = None,
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
    include_inputs: Annotated[
        bool, typer.Option("--include-inputs", help="Let like() pictures answer too.")
    ] = False,
    literal: Annotated[
        bool, typer.Option("--literal", help="Take EXPRESSION as one text, signs and all.")
    ] = False,
    apply_negation: Annotated[
        bool,
        typer.Option("--apply-negation", help='Read "dog without a leash" as "dog - leash".'),
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
    paths: Annotated[
        bool, typer.Option("--paths", help="Print the pictures' paths alone, one a line.")
    ] = False,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="Paths, each ended by NUL: for xargs -0.")
    ] = False,
    copy_to: Annotated[
        Path | None,
        typer.Option(
            "--copy-to", metavar="DIR", help="Copy the pictures there. Nothing is overwritten."
        ),
    ] = None,
    view: Annotated[
        bool, typer.Option("--open", help="Show the answer in the system's picture viewer.")
    ] = False,
    sheet: SheetOption = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show the pictures in the terminal.")
    ] = False,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    image_encoder: ImageEncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the pictures that EXPRESSION describes best.

    Terms are joined by + and - with white space on both sides: "beach - people + 0.5 * dog".
    Quotes hold a text together, like("image_id") is a picture of the wall, image("path") one in a
    file, keyword("word") scores captions that hold the word, and + has("word") or - has("word")
    keeps only pictures whose captions hold it, or do not. @name is a saved term: see cavewall
    terms.
    """
    copies = None if copy_to is None else Copies(copy_to)
    output = OutputOptions(as_json, paths or null, null, preview, sheet, copies, view)
    if literal and apply_negation:
        raise InputError("--literal takes the text as it is: leave out --apply-negation")
    _check(output, expression, explain, compared_to)
    if encoder is None:
        from cavewall.encoders import warm_up

        warm_up()
    import_arrow()
    from cavewall.query.filters import parse_field, parse_filter
    from cavewall.search.request import SearchRequest

    if group_by is not None:
        parse_field(group_by)
    # What is wrong with every expression is reported before any is read.
    common = SearchRequest(
        cavewall.text("any"),
        k=k,
        rule=rule,
        where=None if where is None else parse_filter(where),
        space=space,
        offset=offset,
        version=version,
        diverse=_amount(diverse, diversity),
        dedupe=dedupe,
        group_by=group_by,
        include_inputs=include_inputs,
        apply_negation=apply_negation,
        min_percentile=min_percentile,
        explain=explain,
        thumbnails=preview or sheet is not None,
    )

    def requested(text: str) -> SearchRequest:
        value = cavewall.text(text) if literal else cavewall.parse(text)
        return replace(common, expression=value)

    whole = True
    if expression == STDIN:
        opened = cavewall.open(wall, encoder, image_encoder)
        whole = answer_lines(lambda text, line: _answer(opened, requested(text), output, line=line))
    else:
        request = requested(expression)  # what does not parse needs no wall
        opened = cavewall.open(wall, encoder, image_encoder)
        _answer(opened, request, output, compared_to)
    if copies is not None and not as_json:
        print_copies(copies, to_stderr=output.paths)
    if not whole:
        raise typer.Exit(1)


def _answer(
    wall: cavewall.Wall,
    request: SearchRequest,
    output: OutputOptions,
    compared_to: str | None = None,
    line: int | None = None,
) -> None:
    hits = wall.answer(request)
    comparison = None if compared_to is None else _compared(wall, compared_to, request)
    print_hits(
        hits, wall, output, comparison=comparison, following=_next_page(request, hits), line=line
    )


def _compared(wall: cavewall.Wall, before: str, request: SearchRequest) -> Comparison:
    from cavewall.query.negation import without_negation

    after = request.expression
    if request.apply_negation:
        after = without_negation(wall.resolved(after))
    return wall.compare(
        before,
        after,
        request.k,
        request.rule,
        request.where,
        space=request.space,
        version=request.version,
    )


def _next_page(request: SearchRequest, hits: cavewall.Hits) -> str | None:
    """The options of the next page; None where there is none, or pages were not asked for."""
    after = hits.offset + len(hits)
    if request.offset is None or len(hits) < request.k or after >= (hits.total or 0):
        return None
    return f"--offset {after} --version {hits.version}"


def _amount(diverse: bool, diversity: float | None) -> float | None:
    if diverse and diversity is None:
        from cavewall.search.request import DIVERSE

        return DIVERSE
    return diversity


def _check(output: OutputOptions, expression: str, explain: bool, compared_to: str | None) -> None:
    """Raise InputError for options that do not go together, and for a display that is not there."""
    if output.paths:
        _leave_out(
            "--paths prints paths and nothing else",
            {
                "--json": output.as_json,
                "--explain": explain,
                "--compared-to": compared_to is not None,
                "--preview": output.preview,
            },
        )
    if expression == STDIN:
        _leave_out(
            "- answers one line after another",
            {
                "--sheet": output.sheet is not None,
                "--open": output.view,
                "--compared-to": compared_to is not None,
            },
        )
    if output.view:
        from cavewall.cli.output.open import check_display

        check_display()


def _leave_out(why: str, options: dict[str, bool]) -> None:
    unfit = [name for name, given in options.items() if given]
    if unfit:
        raise InputError(f"{why}: leave out {' and '.join(unfit)}")
