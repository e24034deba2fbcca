"""From a source to rows on a wall: look over, read, encode, write, a window at a time."""

from cavewall.ingest.plan import Missing, Options, Plan, Progress
from cavewall.ingest.run import add

__all__ = ["Missing", "Options", "Plan", "Progress", "add"]
