"""Ctrl-C, told as an error."""

from __future__ import annotations

from cavewall.errors import CavewallError

__all__ = ["StoppedError"]


class StoppedError(CavewallError):
    """The user pressed ctrl-C."""
