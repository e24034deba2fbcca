"""Ctrl-C, told as an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cavewall.errors import CavewallError

__all__ = ["StoppedError", "stoppable"]


class StoppedError(CavewallError):
    """The user pressed ctrl-C."""


@contextmanager
def stoppable(kept: str) -> Iterator[None]:
    """Work that another run takes up where ctrl-C left it; `kept` says what is there by then."""
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(f"stopped: {kept}. Run the same command again to go on") from None
