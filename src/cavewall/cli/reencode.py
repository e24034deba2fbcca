"""`cavewall reencode`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import cavewall
from cavewall._internal.terminal_text import pluralize
from cavewall.cli.interrupts import stoppable
from cavewall.cli.options import (
    AddressOption,
    EngineOption,
    JsonOption,
    QuietOption,
    WallOption,
)
from cavewall.cli.output.console import print_json, print_line
from cavewall.cli.progress import counting
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.maintenance.reencode import ReencodeReport

__all__ = ["reencode"]

# The number of unreadable pictures to list.
_NAMED = 5


def reencode(
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="NAME",
            help="Encode every picture with this model, beside the vectors that serve.",
        ),
    ] = None,
    swaps: Annotated[
        Path | None,
        typer.Option(
            "--swaps", metavar="FILE.jsonl", help="Judge both encoders by these swap questions."
        ),
    ] = None,
    switch: Annotated[
        bool, typer.Option("--switch", help="Let the vectors that stand by serve.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Drop the older vectors, once the new ones serve.")
    ] = False,
    discard: Annotated[
        bool,
        typer.Option(
            "--discard", help="Drop the vectors that stand by, or with --space image all it has."
        ),
    ] = False,
    space: Annotated[
        Literal["caption", "image"],
        typer.Option(
            "--space", help="Whose vectors: of captions, or of pictures, to which NAME adds them."
        ),
    ] = "caption",
    wall: WallOption = "./wall",
    engine: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Change the model of a wall while it serves.

    First --encoder NAME, which searches do not notice and which goes on where it was stopped;
    then --switch, as often as you like; then --finish. With --space image, --encoder NAME gives
    every picture an image vector, by which searches find it at once.
    """
    if (engine, address) != ("local", None) and (encoder is None or space == "image"):
        raise InputError(
            "--engine and --address are for captions: say --encoder NAME, without --space image"
        )
    if space == "image":
        if swaps is not None or switch or finish or (encoder is None) is not discard:
            raise InputError("with --space image say one of --encoder NAME and --discard")
        _image_space(cavewall.open(wall), encoder, as_json, quiet)
        return
    if (encoder is not None) + switch + finish + discard != 1:
        raise InputError("say one of --encoder NAME, --switch, --finish and --discard")
    if swaps is not None and encoder is None:
        raise InputError("--swaps judges what --encoder NAME makes: say both")
    opened = cavewall.open(wall)
    if encoder is not None:
        fill = partial(opened.model.reencode, encoder, engine=engine, ray_address=address)
        _fill(fill, swaps, as_json, quiet)
        return
    if switch:
        opened.model.switch()
    elif finish:
        opened.model.finish()
    else:
        opened.model.discard()
    facts = opened.info()
    named = {key: facts[key] and facts[key]["name"] for key in ("encoder", "standby")}
    if as_json:
        print_json({"serving": named["encoder"], "encoder": named["standby"]})
    elif not quiet:
        other = f", {named['standby']} stands by" if named["standby"] else ""
        print_line(f"{named['encoder']} serves{other}")


def _fill(
    fill: Callable[..., ReencodeReport], swaps: Path | None, as_json: bool, quiet: bool
) -> None:
    from cavewall.explore.evaluation import read_questions

    questions = [] if swaps is None else list(read_questions(swaps))
    counted = counting("encoding", quiet or as_json)
    with counted as progress, stoppable("what was encoded is kept"):
        report = fill(questions, progress)
    if as_json:
        print_json(report.to_dict())
    elif not quiet:
        _report(report)


def _image_space(opened: cavewall.Wall, encoder: str | None, as_json: bool, quiet: bool) -> None:
    if encoder is None:
        opened.model.discard_images()
        if as_json:
            print_json({"encoder": None})
        elif not quiet:
            print_line("the image space is dropped")
        return
    counted = counting("looking at pictures", quiet or as_json)
    with counted as progress, stoppable("what was encoded is kept"):
        seen = opened.model.embed_images(encoder, progress)
    if as_json:
        print_json(seen.to_dict())
    elif not quiet:
        print_line(f"{pluralize(seen.pictures, 'picture')} given an image vector of {seen.encoder}")
        if seen.unseen:
            named = ", ".join(seen.unseen[:_NAMED]) + (" …" if len(seen.unseen) > _NAMED else "")
            print_line(
                f"{pluralize(len(seen.unseen), 'picture')} could not be seen, their files are gone "
                f"or changed: {named}"
            )


def _report(report: ReencodeReport) -> None:
    filled, both = report.filled, f"a vector of {report.encoder} beside that of {report.serving}"
    if filled.pictures:
        new = f"{filled.encoded:,} of them encoded in this run"
        print_line(f"{pluralize(filled.pictures, 'picture')} given {both}, {new}")
    else:
        print_line(f"every picture has {both} already")
    change = report.change
    if change.overlap_at_10 is not None:
        print_line(
            f"asked {pluralize(change.queries, 'caption')}, the two share "
            f"{change.overlap_at_10:.0%} of their first ten pictures"
        )
    for name, precision in (change.swaps or {}).items():
        print_line(f"P@10 on the swap questions: {precision:.3f} by {name}")
    print_line("the new vectors serve after: cavewall reencode --switch")
