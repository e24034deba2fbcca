"""Importing pyarrow without pandas, for a faster start of commands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

__all__ = ["import_arrow"]


class _Absent:
    """An import finder that hides pandas."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("the command does without pandas", name=name)


def import_arrow() -> None:
    """Import pyarrow while pandas is hidden; it looks for pandas only once per process.

    If pandas is installed, Lance would make pyarrow import it, which takes half a second. Later
    imports of pandas work normally.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _Absent)
    try:
        import pyarrow

        pyarrow.scalar(0)  # triggers its search for pandas
    finally:
        sys.meta_path.remove(_Absent)
