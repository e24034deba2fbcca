"""`cavewall serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import cavewall
from cavewall.cli import show
from cavewall.cli.options import EncoderOption, JsonOption, QuietOption, WallOption

__all__ = ["serve"]


def serve(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Where to listen. Others than this machine's own need a token.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Which port; 0 is any that is free.")
    ] = 8000,
    view: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="What clients have to know. Default: $CAVEWALL_TOKEN.",
        ),
    ] = None,
    keep_location: Annotated[
        bool,
        typer.Option("--keep-location", help="Tell where pictures were taken, in their files too."),
    ] = False,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Serve a wall: a page for the browser, and the API behind it.

    It reads only, and goes on to newer versions while pictures are added. The log, a JSON object a
    request, goes to stderr. Ctrl-C ends it once every answer is given.
    """
    from cavewall.server import Settings
    from cavewall.server import serve as serve_wall
    from cavewall.server.settings import read_token

    settings = Settings(host, port, read_token(token_file), keep_location)

    def started(address: str) -> None:
        if as_json:
            show.as_json({"url": address, "wall": wall})
        elif not quiet:
            show.note(f"{wall} is at {address} (ctrl-C ends it)")
        if view:
            import webbrowser

            webbrowser.open(address)

    serve_wall(cavewall.open(wall, encoder), settings, started)
