"""Pictures in groups of near vectors, each named by the words that its captions say most."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cavewall.index.cluster_labels import names_of
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.kmeans import centres_of, nearest_centres

__all__ = ["Clusters"]

Floats = NDArray[np.float32]

# A wall of 8,000 pictures has 19 groups, one of a million 63: as many as a map has room to name.
_TIMES, _ROOT = 2.0, 0.25
_ROUNDS = 25
# More do not move the centres.
_SAMPLED = 20_000


@dataclass(frozen=True)
class Clusters:
    """Groups of n pictures, the largest first.

    Attributes:
        of: (n,) the group of each picture, uint16.
        centres: (c, d), unit rows.
        middles: (c,) the picture that is nearest to each centre.
        terms: up to three words for each group, none where its captions say nothing; no two groups
            that have any have the same.
    """

    of: NDArray[np.uint16]
    centres: Floats
    middles: NDArray[np.int64]
    terms: tuple[tuple[str, ...], ...]

    @classmethod
    def of_vectors(
        cls, vectors: Floats, captions: InvertedIndex, older: Clusters | None = None
    ) -> Clusters:
        """Those of unit vectors (n, d) and the captions of the same pictures.

        The centres of `older` groups are gone on with where their number suits, and keep their
        order: colours stay on a map that grows.
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
        terms = names_of(captions.counts(found, len(order)), np.bincount(found), captions.words)
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
    """The first of the pictures that are nearest to the centre of their group, for each group."""
    found = np.empty(len(centres), np.int64)
    for group, centre in enumerate(centres):
        rows = np.flatnonzero(of == group)
        found[group] = rows[np.argmax(vectors[rows] @ centre)]
    return found
