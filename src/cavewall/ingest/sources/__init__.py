"""Sources: one reader per format, each yielding pictures and rejects."""

import importlib
from typing import TYPE_CHECKING, Any

from cavewall.ingest.sources.columns import FORMATS, Columns, Format, SourceColumns

if TYPE_CHECKING:
    from cavewall.ingest.sources.detect import open_source
    from cavewall.ingest.sources.source import Source

__all__ = ["FORMATS", "Columns", "Format", "Source", "SourceColumns", "open_source"]

# The readers, and what they read with, come when the first source is opened.
_HOMES = {"Source": "source", "open_source": "detect"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cavewall.ingest.sources' has no attribute {name!r}")
    return getattr(importlib.import_module(f"cavewall.ingest.sources.{_HOMES[name]}"), name)
