"""UMAP of a wall in a process of its own, to be killed: `umap_maker.py WALL`."""

from __future__ import annotations

import sys

import cavewall
from cavewall.testing import FakeEncoder

if __name__ == "__main__":
    cavewall.open(sys.argv[1], FakeEncoder()).map.build("umap")
