"""`cavewall tour`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import cavewall
from cavewall.cli.options import JsonOption, QuietOption
from cavewall.cli.output.console import print_stderr
from cavewall.cli.serve import HostOption, StartMessage, TokenOption, serve_wall
from cavewall.errors import InputError

__all__ = ["sample_wall", "tour"]


def tour(
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port", min=0, max=65_535, show_default="any that is free", help="Which port."
        ),
    ] = 0,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Say where it is, and open no browser.")
    ] = False,
    token_file: TokenOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Learn in twenty minutes what embeddings are, in the browser, with pictures.

    The first time, the sample collection is drawn and added to a wall in the user's cache, which
    takes half a minute. Nothing is downloaded. Ctrl-C ends it.
    """
    from cavewall.server import Settings
    from cavewall.server.settings import read_token

    settings = Settings(host, port, read_token(token_file))
    wall = sample_wall(quiet or as_json)
    serve_wall(wall, settings, StartMessage("the tour", "tour", not no_open, quiet, as_json))


def sample_wall(quiet: bool) -> cavewall.Wall:
    """The wall of the sample collection in the user's cache, created if necessary.

    Raises:
        InputError: the cache is not writable.
    """
    from cavewall._internal.files import atomic_dir, cache_folder

    # The sample and its vectors may differ between releases.
    folder = cache_folder() / "tour" / cavewall.__version__
    sample, made = folder / "sample", folder / "wall"
    if not made.is_dir():
        if not quiet:
            print_stderr("drawing the sample collection and adding it to a wall, this once …")
        drawn = sample.is_dir() or atomic_dir(sample, _draw)
        if not drawn or not atomic_dir(made, lambda aside: _add(sample, aside)):
            raise InputError(
                f"the sample wall cannot be made at {folder}: set $CAVEWALL_CACHE to a folder that "
                "can be written to"
            )
    return cavewall.open(made)


def _draw(aside: Path) -> None:
    from cavewall.sample import draw_sample

    draw_sample(aside)


def _add(sample: Path, aside: Path) -> None:
    """Add the sample to a wall, and build its index."""
    with cavewall.open(aside) as wall:
        wall.add(sample)
        wall.maintenance.index()
