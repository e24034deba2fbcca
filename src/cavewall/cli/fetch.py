"""`cavewall fetch`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import cavewall
from cavewall.cli.add import print_report
from cavewall.cli.interrupts import stoppable
from cavewall.cli.options import EncoderOption, JsonOption, QuietOption, WallOption
from cavewall.cli.output.console import print_json, print_line

__all__ = ["fetch"]


def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="flickr8k: 8,091 photographs, 1 GB, for research only."
        ),
    ],
    link: Annotated[
        bool,
        typer.Option("--link", help="Leave the originals in kagglehub's cache: store no bytes."),
    ] = False,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Bring a dataset from Kaggle and add it to a wall.

    The files come once, into kagglehub's cache, with the credentials that kagglehub finds.
    kagglehub comes with pip install 'cavewall[kaggle]'.
    """
    from cavewall.cli.progress import AddProgress
    from cavewall.ingest.sources.kaggle import bring, dataset_named, shortfalls

    quiet = quiet or as_json
    dataset = dataset_named(name)
    opened = cavewall.open(wall, encoder)
    with stoppable("what was written is kept"):
        folder = bring(dataset, watched=not quiet and sys.stderr.isatty())
        found = shortfalls(dataset, folder)
        with AddProgress(quiet=quiet) as progress:
            report = opened.add(folder, link=link, progress=progress)
    if as_json:
        facts = {"dataset": dataset.name, "path": str(folder), "shortfalls": found}
        print_json({**report.to_dict(), **facts})
    elif not quiet:
        for sentence in found:
            print_line(sentence)
        print_report(report, opened)
