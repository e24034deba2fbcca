"""Many requests answered together: their texts encoded at once, their scores in one product."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cavewall.models import Hits
from cavewall.query import Text
from cavewall.search.hits import build_hits
from cavewall.search.planner import plan
from cavewall.search.ranking import score_batch
from cavewall.search.request import SearchRequest
from cavewall.search.wall_version import WallVersion

__all__ = ["build_many"]

# No more than the encoder's cache keeps the texts of.
_TOGETHER = 256


def build_many(requests: Sequence[SearchRequest], version: WallVersion) -> list[Hits]:
    """The hits of each request of one space on one version; raises what `plan` raises."""
    found: list[Hits] = []
    for at in range(0, len(requests), _TOGETHER):
        start, part = time.perf_counter(), requests[at : at + _TOGETHER]
        leaves = [leaf for each in part for leaf in each.expression.leaves()]
        texts = [leaf.text for leaf in leaves if isinstance(leaf, Text)]
        # Each ranking then finds its texts in the encoder's cache.
        for space in version.chosen(part[0].space):
            if len(space):
                space.texts.encode(texts)
        rankings = [plan(each, version) for each in part]
        score_batch(rankings)
        found += map(build_hits, rankings, part, [start] * len(part))
    return found
