"""Caption retrieval: the rank of a picture when the query is a caption left out of its vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.progress import CountProgress
from cavewall._internal.vectors import normalise
from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.explore.evaluation.metrics import Figure
from cavewall.search.vector_space import VectorSpace

__all__ = ["RetrievalReport", "evaluate_image_retrieval", "evaluate_retrieval"]

Floats = NDArray[np.float32]

CUTOFFS = (1, 5, 10)
_QUERIES_AT_A_TIME = 512
_TEXTS_AT_A_TIME = 2048


@dataclass(frozen=True)
class RetrievalReport:
    """Recall and MRR, averaged over the captions of each picture and then over pictures."""

    figures: dict[str, Figure]
    pictures: int
    captions: int
    too_few: int
    wall: int
    encoder: str
    version: int

    @property
    def notes(self) -> list[str]:
        if not self.too_few:
            return []
        return [f"{self.too_few:,} pictures with too few captions are not asked for"]

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {name: figure.mean for name, figure in self.figures.items()}
        for name, figure in self.figures.items():
            found |= figure.to_dict(name)
        return found | {
            "pictures": self.pictures,
            "captions": self.captions,
            "wall": self.wall,
            "encoder": self.encoder,
            "version": self.version,
            "notes": self.notes,
        }


def evaluate_retrieval(
    space: VectorSpace,
    encoder: Encoder,
    sample: int | None = None,
    seed: int = 0,
    progress: CountProgress | None = None,
    *,
    caption: int | None = None,
) -> RetrievalReport:
    """Leave-one-out retrieval: a caption is the query, the others make its picture's vector.

    Each caption in turn, with all other pictures complete; or, with `caption`, only the one of
    that number (from 1), left out of all queried pictures at once. With `sample`, only that many
    random pictures are queried; all are searched. Equal cosines are ordered by id, as in search.

    Raises:
        InputError: no picture has two captions, or a caption of that number.
    """
    captions = space.captions()
    several = _with_captions(captions, max(2, caption or 2))
    chosen = _drawn(several, sample, seed)
    owners = np.repeat(chosen, [len(captions[at]) for at in chosen])
    texts = [text for at in chosen for text in captions[at]]
    vectors = _encoded(texts, encoder, progress)
    own = _without_one(vectors, owners)
    wall = space.snapshot.vectors
    if caption is not None:
        asked = np.array([at == caption for row in chosen for at, _ in enumerate(captions[row], 1)])
        vectors, own, owners = vectors[asked], own[asked], owners[asked]
        wall = np.array(wall)
        wall[owners] = own
    ranks = _ranks(vectors, own, owners, wall, space.snapshot.ids)
    return RetrievalReport(
        _figures(ranks, owners),
        len(chosen),
        len(owners),
        len(captions) - len(several),
        len(captions),
        encoder.name,
        space.version.number,
    )


def evaluate_image_retrieval(
    image: VectorSpace,
    sample: int | None = None,
    seed: int = 0,
    progress: CountProgress | None = None,
) -> RetrievalReport:
    """Retrieval in the image space: each caption is a query for its picture.

    Nothing is left out, since image vectors do not depend on captions. All pictures with an image
    vector are searched, and those with captions are queried.

    Raises:
        InputError: no picture has an image vector and a caption.
    """
    captions = image.captions()
    with_captions = _with_captions(captions, 1)
    chosen = _drawn(with_captions, sample, seed)
    owners = np.repeat(chosen, [len(captions[at]) for at in chosen])
    texts = [text for at in chosen for text in captions[at]]
    vectors = _encoded(texts, image.texts, progress)
    wall = image.snapshot.vectors
    ranks = _ranks(vectors, wall[owners], owners, wall, image.snapshot.ids)
    return RetrievalReport(
        _figures(ranks, owners),
        len(chosen),
        len(owners),
        len(captions) - len(with_captions),
        len(captions),
        image.texts.name,
        image.version.number,
    )


def _with_captions(captions: Sequence[Sequence[str]], least: int) -> list[int]:
    found = [at for at, texts in enumerate(captions) if len(texts) >= least]
    if not found and least > 1:
        raise InputError(
            f"no picture of this wall has {least} captions: there is none to leave out"
        )
    if not found:
        raise InputError("no picture of this wall has a caption to ask with")
    return found


def _drawn(rows: list[int], sample: int | None, seed: int) -> list[int]:
    if sample is None or sample >= len(rows):
        return rows
    drawn = np.random.default_rng(seed).choice(len(rows), sample, replace=False)
    return [rows[at] for at in sorted(drawn)]


def _encoded(texts: Sequence[str], encoder: Encoder, progress: CountProgress | None) -> Floats:
    parts = []
    for start in range(0, len(texts), _TEXTS_AT_A_TIME):
        parts.append(encoder.encode(texts[start : start + _TEXTS_AT_A_TIME]))
        if progress is not None:
            progress(min(start + _TEXTS_AT_A_TIME, len(texts)), len(texts))
    return np.concatenate(parts)


def _without_one(vectors: Floats, owners: NDArray[np.intp]) -> Floats:
    """For each caption, its picture's vector computed without it."""
    _, first, group = np.unique(owners, return_index=True, return_inverse=True)
    totals = np.add.reduceat(vectors.astype(np.float64), first, axis=0)
    return np.asarray(normalise(totals[group] - vectors), np.float32)


def _ranks(
    queries: Floats, own: Floats, owners: NDArray[np.intp], wall: Floats, ids: Any
) -> NDArray[np.int64]:
    """The rank of each query's own picture, from 1."""
    order = np.asarray(pc.rank(ids, tiebreaker="first"))
    ranks = np.empty(len(queries), np.int64)
    for start in range(0, len(queries), _QUERIES_AT_A_TIME):
        part = slice(start, start + _QUERIES_AT_A_TIME)
        own_scores = np.einsum("qd,qd->q", queries[part], own[part])[:, None]
        others = queries[part] @ wall.T
        others[np.arange(len(others)), owners[part]] = -np.inf
        ahead = (others > own_scores) | (
            (others == own_scores) & (order[None] < order[owners[part]][:, None])
        )
        ranks[part] = 1 + ahead.sum(axis=1)
    return ranks


def _figures(ranks: NDArray[np.int64], owners: NDArray[np.intp]) -> dict[str, Figure]:
    """Intervals over pictures: captions of one picture are not independent."""
    _, group = np.unique(owners, return_inverse=True)
    sizes = np.bincount(group)

    def by_picture(values: NDArray[np.floating[Any]] | NDArray[np.bool_]) -> Figure:
        return Figure.from_values(np.bincount(group, values.astype(np.float64)) / sizes)

    found = {f"r_at_{k}": by_picture(ranks <= k) for k in CUTOFFS}
    return found | {"mrr": by_picture(1 / ranks)}
