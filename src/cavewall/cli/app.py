"""The Typer application with all commands, and its exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

import cavewall
from cavewall._internal.terminal_text import os_error_text
from cavewall.cli import maintenance
from cavewall.cli.add import add
from cavewall.cli.adopt import adopt
from cavewall.cli.evaluate import evaluate
from cavewall.cli.facets import facets
from cavewall.cli.fetch import fetch
from cavewall.cli.grid import grid
from cavewall.cli.info import info
from cavewall.cli.interrupts import StoppedError
from cavewall.cli.map import map
from cavewall.cli.options import ExpressionCommand
from cavewall.cli.output.console import print_error, print_fault
from cavewall.cli.path import path
from cavewall.cli.reencode import reencode
from cavewall.cli.rejects import rejects
from cavewall.cli.sample import sample
from cavewall.cli.search import search
from cavewall.cli.serve import serve
from cavewall.cli.similarity import similarity
from cavewall.cli.terms import terms
from cavewall.cli.tour import tour
from cavewall.errors import CavewallError

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


_COMMANDS: tuple[Callable[..., None], ...] = (
    *(add, fetch, adopt, rejects),
    *(search, path, grid, map, similarity, facets),
    *(info, sample, reencode, serve, tour),
    *maintenance.COMMANDS,
)
_OF_EXPRESSIONS = (search, path, grid, similarity)

for command in _COMMANDS:
    app.command(cls=ExpressionCommand if command in _OF_EXPRESSIONS else None)(command)
app.add_typer(terms)
app.add_typer(evaluate)


def main() -> None:
    """Run the command; errors are printed as one sentence on stderr, with exit code 1."""
    try:
        app()
    except StoppedError as stop:
        print_error(str(stop))
        sys.exit(130)
    except CavewallError as fault:
        print_fault(fault)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of the pipe has closed it; suppress the error that Python prints at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as fault:
        print_error(f"{fault.filename or 'the disk'}: {os_error_text(fault)}")
        sys.exit(1)
    except Exception as fault:
        if os.environ.get("CAVEWALL_TRACEBACK"):
            raise
        print_error(
            f"Cavewall has a fault ({type(fault).__name__}: {fault}). Please report it, with what "
            "CAVEWALL_TRACEBACK=1 and the same command print"
        )
        sys.exit(1)
