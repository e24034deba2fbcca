"""`cavewall add`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import cavewall
from cavewall._internal.terminal_text import truncate
from cavewall.cli.interrupts import stoppable
from cavewall.cli.options import (
    AddressOption,
    EncoderOption,
    EngineOption,
    ImageEncoderOption,
    JsonOption,
    QuietOption,
    WallOption,
)
from cavewall.cli.output.console import print_json, print_line
from cavewall.ingest.sources import Format

if TYPE_CHECKING:
    from cavewall.models import AddReport
    from cavewall.wall import Wall

__all__ = ["add", "print_report"]

_SHOWN_SKIPPED = 5


def add(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A file of captions, or a folder, here or at s3://…: docs/sources.md.",
        ),
    ],
    images: Annotated[
        str | None,
        typer.Option(
            "--images",
            metavar="DIR",
            help="Where the pictures are, here or at s3://…. Default: Images/ or images/ beside "
            "SOURCE, else its folder.",
        ),
    ] = None,
    missing: Annotated[
        Literal["skip", "keep"],
        typer.Option(
            help="Skip captioned pictures without a file, or keep them without bytes.",
        ),
    ] = "skip",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what the wall holds, in one version.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Leave the originals where they are: store no bytes.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first picture that cannot be taken.")
    ] = False,
    retry: Annotated[
        bool,
        typer.Option("--retry", help="Take up only what the last add of SOURCE did not take."),
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove the pictures that SOURCE brought and no longer has."),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Prune even where more than half of SOURCE's pictures go."),
    ] = False,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="How SOURCE is laid out. Default: found out by looking."),
    ] = None,
    image_column: Annotated[
        str | None,
        typer.Option("--image-column", metavar="NAME", help="Which column names the images."),
    ] = None,
    caption_column: Annotated[
        str | None,
        typer.Option("--caption-column", metavar="NAME", help="Which column holds the captions."),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option("--id-column", metavar="NAME", help="Which column holds the ids."),
    ] = None,
    each_caption: Annotated[
        bool,
        typer.Option("--each-caption", help="Make a picture of every caption: NAME#0, NAME#1 …"),
    ] = False,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    image_encoder: ImageEncoderOption = None,
    engine: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add captioned pictures to a wall. What is there and unchanged costs nothing.

    With --image-encoder pictures are found by what they show too, and need no captions.
    """
    from cavewall.cli.progress import AddProgress

    quiet = quiet or as_json
    opened = cavewall.open(wall, encoder, image_encoder)
    kept = "the wall is as it was" if overwrite else "what was written is kept"
    with AddProgress(quiet=quiet) as progress, stoppable(kept):
        report = opened.add(
            source,
            images,
            missing,
            overwrite,
            link=link,
            strict=strict,
            retry=retry,
            prune=prune,
            insist=yes,
            format=format,
            image_column=image_column,
            caption_column=caption_column,
            id_column=id_column,
            each_caption=each_caption,
            engine=engine,
            ray_address=address,
            progress=progress,
        )
    if as_json:
        print_json(report.to_dict())
    elif not quiet:
        print_report(report, opened)


def print_report(report: AddReport, wall: Wall) -> None:
    """The counts of an add, and the first few skipped pictures and notices."""
    counts = [f"{report.added:,} added", f"{report.updated:,} updated"]
    counts += [f"{report.moved:,} moved"] if report.moved else []
    counts += [f"{report.unchanged:,} unchanged", f"{len(report.skipped):,} skipped"]
    counts += [f"{report.removed:,} removed"] if report.removed else []
    print_line(f"{', '.join(counts)} in {report.seconds:.1f} s")
    if report.vanished > report.removed:
        kept = report.vanished - report.removed
        print_line(f"no longer in this source, and kept: {kept:,} (--prune removes them)")
    kinds = Counter(reject.reason.partition(":")[0] for reject in report.skipped)
    if kinds:
        print_line(
            "skipped: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
        )
    for reject in report.skipped[:_SHOWN_SKIPPED]:
        print_line(f"  {_prefix(reject.image_id)}{truncate(reject.reason, 160)}")
    if len(report.skipped) > _SHOWN_SKIPPED:
        stored = report.added or report.updated or report.unchanged or report.moved
        print_line("  … all of them with --json" + (", or cavewall rejects" if stored else ""))
    for notice in report.notices[:_SHOWN_SKIPPED]:
        longest = 160 if notice.image_id else 400
        print_line(f"note: {_prefix(notice.image_id)}{truncate(notice.notice, longest)}")
    print_line(f"wall: {wall.address}")


def _prefix(image_id: str) -> str:
    """The id as a prefix; empty for a row without one."""
    return f"{truncate(image_id, 60)}: " if image_id else ""
