"""The command line interface."""

from cavewall.cli.app import app, main

__all__ = ["app", "main"]
