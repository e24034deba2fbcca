"""Ctrl-C as an error with a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cavewall.errors import CavewallError

__all__ = ["StoppedError", "stoppable"]


class StoppedError(CavewallError):
    """The user pressed ctrl-C."""


@contextmanager
def stoppable(kept: str) -> Iterator[None]:
    """Turn ctrl-C into StoppedError; the work can be resumed, and `kept` says what is saved."""
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(f"stopped: {kept}. Run the same command again to go on") from None
