"""Progress bars, shown only on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from cavewall._internal.terminal_text import pluralize

if TYPE_CHECKING:
    from cavewall._internal.progress import CountProgress, StageProgress
    from cavewall.ingest.options import Plan

__all__ = ["AddProgress", "counting", "shares"]

_LARGE_PICTURE = 2_000_000
_LARGE_COLLECTION = 2_000_000_000


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} pictures/s" if speed else "", "dim")


class AddProgress:
    """The progress bar and remarks of an `add`."""

    def __init__(self, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False, quiet=quiet)
        self._bar = Progress(
            TextColumn("adding"),
            BarColumn(),
            MofNCompleteColumn(),
            _Speed(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=quiet or not self._console.is_terminal,
        )
        self._task = self._bar.add_task("adding", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def planned(self, plan: Plan) -> None:
        self._bar.update(self._task, total=plan.pictures)
        if not plan.pictures:
            return
        message = (
            f"{pluralize(plan.pictures, 'picture')} to add, {_size(plan.stored_bytes)} to store"
        )
        large = plan.original_bytes > _LARGE_COLLECTION or (
            plan.original_bytes > _LARGE_PICTURE * plan.pictures
        )
        if large and plan.stored_bytes > plan.original_bytes:
            message += " (--link leaves large originals where they are)"
        self._console.print(message, soft_wrap=True)

    def advanced(self, pictures: int) -> None:
        self._bar.advance(self._task, pictures)

    def pruning(self, pictures: int) -> None:
        self._console.print(f"no longer in this source, and removed now: {pictures:,}")


@contextmanager
def counting(what: str, quiet: bool) -> Iterator[CountProgress]:
    """A bar that is told what is done and the total."""
    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def shares(quiet: bool) -> Iterator[StageProgress]:
    """A bar that is told what is done, and the share of it, 0 to 1."""
    console = Console(stderr=True, highlight=False, quiet=quiet)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    silent = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def _size(size: int) -> str:
    for unit in ("kB", "MB", "GB"):
        size_in_unit = size / {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
        if size_in_unit < 1000:
            return f"{size_in_unit:,.0f} {unit}"
    return f"{size / 1e12:,.1f} TB"
