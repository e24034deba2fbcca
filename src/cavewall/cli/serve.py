"""`cavewall serve`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import cavewall
from cavewall.cli.options import EncoderOption, JsonOption, QuietOption, WallOption
from cavewall.cli.output.console import print_json, print_line

if TYPE_CHECKING:
    from cavewall.server import Settings

__all__ = ["HostOption", "StartMessage", "TokenOption", "serve", "serve_wall"]

HostOption = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="ADDRESS",
        help="Where to listen. Others than this machine's own need a token.",
    ),
]
TokenOption = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="What clients have to know. Default: $CAVEWALL_TOKEN.",
    ),
]


def serve(
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Which port; 0 is any that is free.")
    ] = 8000,
    view: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    token_file: TokenOption = None,
    keep_location: Annotated[
        bool,
        typer.Option("--keep-location", help="Tell where pictures were taken, in their files too."),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Answer to this name too, that of a proxy in front. May be given again.",
        ),
    ] = None,
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
    from cavewall.server.settings import read_token

    token, hosts = read_token(token_file), tuple(allow_host or ())
    settings = Settings(host, port, token, keep_location, allowed_hosts=hosts)
    message = StartMessage(wall, "", view, quiet, as_json)
    serve_wall(cavewall.open(wall, encoder), settings, message)


@dataclass(frozen=True)
class StartMessage:
    """The message once a wall is served: its name, the page to open, and the output options."""

    name: str
    page: str = ""
    view: bool = False
    quiet: bool = False
    as_json: bool = False


def serve_wall(wall: cavewall.Wall, settings: Settings, message: StartMessage) -> None:
    """Print the address and serve a wall until the process is stopped."""
    from cavewall.server import serve as run_server

    def started(address: str) -> None:
        page = address + message.page
        if message.as_json:
            print_json({"url": page, "wall": message.name})
        elif not message.quiet:
            print_line(f"{message.name} is at {page} (ctrl-C ends it)")
        if message.view:
            import webbrowser

            webbrowser.open(page)

    run_server(wall, settings, started)
