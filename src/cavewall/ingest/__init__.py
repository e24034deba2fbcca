"""From a source to rows on a wall: detect changes, read, encode, write."""

from cavewall.ingest.engine import Engine
from cavewall.ingest.options import IngestProgress, Missing, Options, Plan
from cavewall.ingest.pipeline import add

__all__ = ["Engine", "IngestProgress", "Missing", "Options", "Plan", "add"]
