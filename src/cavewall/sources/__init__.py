"""Sources: one reader per format, each yielding pictures and the rejects it knows of."""

from cavewall.sources.recognise import open_source
from cavewall.sources.source import Source

__all__ = ["Source", "open_source"]
