"""Opening the answer in the system's picture viewer: `--open`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cavewall.cli.copy_files import Copies
from cavewall.cli.output.console import print_stderr
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.models import Hits
    from cavewall.wall import Wall

__all__ = ["check_display", "open_answer"]

# Seconds after which a viewer that is still running counts as started.
_SECONDS = 2.0
_COMMANDS = {"darwin": "open", "cygwin": "cygstart"}
_INSTEAD = "--sheet FILE.png writes the answer as a picture"


def check_display() -> None:
    """Raises InputError if there is no display or viewer."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError(
            "there is no display here for --open (neither DISPLAY nor WAYLAND_DISPLAY is set): "
            + _INSTEAD
        )
    if shutil.which("xdg-open") is None:
        raise InputError(f"--open needs xdg-open, of the package xdg-utils: or {_INSTEAD}")


def open_answer(wall: Wall, hits: Hits, sheet: Path | None) -> None:
    """Open the sheet that was written, else the only picture, else a sheet of all of them.

    Always a copy under a name chosen here, never a path from the wall.
    """
    if not hits:
        return
    shown = sheet
    if shown is None:
        # Not deleted at the end: the viewer may still be starting.
        folder = Path(tempfile.mkdtemp(prefix="cavewall-"))
        shown = _one_picture(wall, hits, folder) or _sheet(hits, folder)
    _open(shown)
    print_stderr(f"opened: {shown}")


def _one_picture(wall: Wall, hits: Hits, folder: Path) -> Path | None:
    if len(hits) > 1:
        return None
    copies = Copies(folder)
    copies.take(wall, hits)
    return next(iter(copies.files.values()), None)


def _sheet(hits: Hits, folder: Path) -> Path:
    from cavewall.explore.plots.contact_sheet import contact_sheet

    path = folder / "answer.png"
    contact_sheet([hits]).save(path)
    return path


def _open(path: Path) -> None:
    """Not `typer.launch`, which would let the viewer print to stdout, into the JSON."""
    if sys.platform == "win32":
        os.startfile(path.absolute())
        return
    command = [_COMMANDS.get(sys.platform, "xdg-open"), str(path.absolute())]
    quiet = subprocess.DEVNULL
    viewer = subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        code = viewer.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise InputError(f"{command[0]} cannot show {path} (exit code {code})")
