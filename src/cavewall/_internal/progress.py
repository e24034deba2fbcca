"""How long work tells how far it is: one callable for each of three shapes."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["CountProgress", "ShareProgress", "StageProgress"]

CountProgress = Callable[[int, int], None]  # how many are done, of how many
ShareProgress = Callable[[float], None]  # the share that is done, 0 to 1
StageProgress = Callable[[str, float], None]  # what is being done, and the share of it, 0 to 1
