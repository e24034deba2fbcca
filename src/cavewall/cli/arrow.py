"""Arrow without pandas, which the command never needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

__all__ = ["import_arrow"]


class _Absent:
    """A finder of modules for which pandas is not installed."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("the command does without pandas", name=name)


def import_arrow() -> None:
    """Import pyarrow, and have it look for pandas, as it does once in a process, in vain.

    Where pandas is installed, Lance would have pyarrow import it: half a second of every command.
    Whatever else asks for pandas later finds it.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _Absent)
    try:
        import pyarrow

        pyarrow.scalar(0)  # the first look
    finally:
        sys.meta_path.remove(_Absent)
