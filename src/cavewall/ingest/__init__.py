"""From a source to rows on a wall: look over, read, encode, write, a window at a time."""

from cavewall.ingest.engine import Engine
from cavewall.ingest.options import Missing, Options, Plan, Progress
from cavewall.ingest.pipeline import add

__all__ = ["Engine", "Missing", "Options", "Plan", "Progress", "add"]
