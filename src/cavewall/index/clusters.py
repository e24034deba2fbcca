"""Clusters of a wall's vectors by k-means, labelled by the words of their captions."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall.index.cluster_labels import label_clusters
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.kmeans import centres_of, nearest_centres

__all__ = ["Clusters"]

Floats = NDArray[np.float32]

# 2 n^¼ clusters: 19 of 8,000 pictures, 63 of a million, as many labels as a map has room for.
_TIMES, _ROOT = 2.0, 0.25
_ROUNDS = 25
# A larger sample does not move the centres.
_SAMPLED = 20_000


@dataclass(frozen=True)
class Clusters:
    """Clusters of n pictures, the largest first.

    Attributes:
        of: (n,) the cluster of each picture, uint16.
        centres: (c, d), unit rows.
        middles: (c,) the picture nearest to each centre.
        terms: up to three words for each cluster, none if its captions have none; no two clusters
            have the same words.
    """

    of: NDArray[np.uint16]
    centres: Floats
    middles: NDArray[np.int64]
    terms: tuple[tuple[str, ...], ...]

    @classmethod
    def of_vectors(
        cls, vectors: Floats, captions: InvertedIndex, older: Clusters | None = None
    ) -> Clusters:
        """Cluster unit vectors (n, d), with the captions of the same pictures.

        k-means starts from the centres of `older` clusters if their number fits, and keeps their
        order, so that a map that grows keeps its colours.
        """
        count = _count(len(vectors))
        known = None if older is None or len(older.centres) != count else older.centres
        sample = vectors[:: max(1, -(-len(vectors) // _SAMPLED))]
        if known is None:
            start = sample[np.linspace(0, len(sample) - 1, count).astype(np.intp)]
        else:
            start = np.asarray(known)
        centres = centres_of(sample, start, _ROUNDS) if count else sample
        of = nearest_centres(vectors, centres)
        sizes = np.bincount(of, minlength=count)
        order = np.arange(count) if known is not None else np.argsort(-sizes, kind="stable")
        order = order[sizes[order] > 0]
        place = np.zeros(count, np.uint16)
        place[order] = np.arange(len(order))
        found, centres = place[of], centres[order]
        terms = label_clusters(
            captions.counts(found, len(order)), np.bincount(found), captions.words
        )
        return cls(found, centres, _middles(vectors, found, centres), terms)

    def to_folder(self, folder: Path) -> None:
        """Write it as files that `from_folder` reads."""
        for name in ("of", "centres", "middles"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "terms.json").write_text(json.dumps(self.terms), "utf-8")

    @classmethod
    def from_folder(cls, folder: Path) -> Clusters:
        terms = json.loads((folder / "terms.json").read_text("utf-8"))
        of, centres, middles = (
            np.load(folder / f"{name}.npy") for name in ("of", "centres", "middles")
        )
        return cls(of, centres, middles, tuple(map(tuple, terms)))


def _count(pictures: int) -> int:
    if pictures < 4:
        return min(pictures, 1)
    return min(pictures // 2, round(_TIMES * math.pow(pictures, _ROOT)))


def _middles(vectors: Floats, of: NDArray[np.uint16], centres: Floats) -> NDArray[np.int64]:
    """The picture nearest to the centre of each cluster, (c,)."""
    found = np.empty(len(centres), np.int64)
    for group, centre in enumerate(centres):
        rows = np.flatnonzero(of == group)
        found[group] = rows[np.argmax(vectors[rows] @ centre)]
    return found
