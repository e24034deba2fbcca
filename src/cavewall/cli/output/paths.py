"""Printing the paths of an answer for other commands: `--paths`, and NUL-separated `-0`."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from cavewall._internal.terminal_text import escape_control, truncate
from cavewall.cli.output.console import print_stderr

if TYPE_CHECKING:
    from cavewall.models import Hit, Hits

__all__ = ["print_paths"]


def print_paths(hits: Hits, null: bool) -> None:
    """Print the path of each hit on a line, as raw bytes if stdout is a pipe.

    On a terminal, paths with special characters are quoted, so that none can control it. Hits
    without a path, or with a line break in it unless NUL-separated, are reported on stderr.
    """
    shown = sys.stdout.isatty()
    sys.stdout.flush()
    for hit in hits:
        path = _path(hit, null)
        if path is None:
            continue
        if shown:
            sys.stdout.write(_quoted(path) + "\n")
        else:
            sys.stdout.buffer.write(os.fsencode(path) + (b"\0" if null else b"\n"))
    sys.stdout.flush()


def _path(hit: Hit, null: bool) -> str | None:
    path = hit.path
    if not path:
        print_stderr(f"no path is known of {truncate(hit.image_id, 120)}")
        return None
    if "\0" in path or (not null and ("\n" in path or "\r" in path)):
        print_stderr(f"left out, for its path is more than a line (-0 takes it): {truncate(path)}")
        return None
    # Must not be read as an option by the next command.
    return f"./{path}" if path.startswith("-") else path


def _quoted(path: str) -> str:
    """The path quoted for a shell."""
    if escape_control(path) == path:
        return shlex.quote(path)
    return "$'" + "".join(_escaped(each) for each in path) + "'"


def _escaped(character: str) -> str:
    if character in "'\\":
        return f"\\{character}"
    if character not in "\n\t\r" and escape_control(character) == character:
        return character
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))
