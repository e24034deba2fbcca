"""What kinds of values there are, and which texts read as one of another kind.

A CSV file knows texts only: what all pictures have as numbers there is a number.
"""

from __future__ import annotations

import math
import re
from typing import Literal

__all__ = ["ValueKind", "number", "truth"]

ValueKind = Literal["text", "number", "boolean", "date"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?")
_INT64 = 2**63


def number(text: str) -> int | float | None:
    """The finite number that a text is, None where it is none. What int64 cannot hold is float."""
    written = _NUMBER.fullmatch(text.strip())
    if written is None:
        return None
    if not any(written.groups()) and len(text) < 20 and -_INT64 <= int(text) < _INT64:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def truth(text: str) -> bool | None:
    """The boolean that a text is, None where it is none."""
    return {"true": True, "false": False}.get(text.strip().lower())
