"""`cavewall add`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

import cavewall
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
from cavewall.cli.output import show
from cavewall.ingest.sources import Format

__all__ = ["add"]


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
        show.as_json(report.to_dict())
    elif not quiet:
        show.add_report(report, opened)
