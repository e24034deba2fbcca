"""Sources: one reader per format, each yielding pictures and the rejects it knows of."""

from cavewall.sources.layout import FORMATS, Columns, Format, Layout
from cavewall.sources.recognise import open_source
from cavewall.sources.source import Source

__all__ = ["FORMATS", "Columns", "Format", "Layout", "Source", "open_source"]
