"""How much the tests try: a part of it in `make test`, all of it in `make test-all`."""

from __future__ import annotations

import os

__all__ = ["scaled"]

_THOROUGH = os.environ.get("CAVEWALL_TEST_PROFILE", "quick") == "thorough"


def scaled(thorough: int, quick: int | None = None) -> int:
    """How many kills, seconds or examples: all of them, or `quick`, by default a quarter."""
    if _THOROUGH:
        return thorough
    return min(thorough, max(10, thorough // 4)) if quick is None else quick
