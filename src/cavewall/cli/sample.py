"""`cavewall sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cavewall.cli.options import JsonOption, QuietOption
from cavewall.cli.output.console import print_json, print_line

__all__ = ["sample"]


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
        print_json(
            {
                "directory": str(report.directory),
                "pictures": report.pictures,
                "captions": report.captions,
                "swaps": report.swaps,
            }
        )
    elif not quiet:
        print_line(
            f"{report.pictures} pictures with {report.captions} captions in {report.directory}. "
            f"Next: cavewall add {report.directory}"
        )
