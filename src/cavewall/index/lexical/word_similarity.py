"""Which words say which: the chance that a caption's word v says what word w says.

Two signs are weighed: how near the encoder puts the two words, and whether captions of one
picture use one *instead of* the other. Annotators who describe one picture replace words by
words of the same meaning (dog, puppy), and set words of different meaning beside each other in
one caption (dog, leash); the encoder alone cannot tell the two kinds of neighbours apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "nearest_weights", "word_similarity"]

Floats = NDArray[np.float32]

# logit P(v says w) = 6.1 (cos - 1) + .14 x + .73 (x - i) - .05 (ln(1 + n) - 4): x and i are the log
# ratios of how often captions of one picture, and one caption, hold both words, to what chance
# would give, n how many captions hold v. Fitted by logistic regression on word pairs of
# one half of a lexicon of Flickr-8k's concepts (docs/decisions/0005).
_COSINE, _ACROSS, _INSTEAD, _COMMON, _COMMON_AT = 6.1, 0.14, 0.73, 0.05, 4.0
_PRIOR_COUNT = 2.0
_LEAST_COSINE = 0.3
_LEAST_SHARE = 0.05
_SELF = 0.98
# Counts of rare words are read off their nearest words too.
_POOL, _POOL_WIDTH = 8, 0.05
# A word is understood through its nearest known words: weights e^(15 (cos - 1)).
_NEIGHBOURS, _SHARPNESS = 32, 15.0
_MOST_PER_WORD = 64
_BLOCK = 256


@dataclass(frozen=True)
class Counts:
    """Who says what: captions x words and pictures x words as sparse counts."""

    in_captions: Any
    in_pictures: Any
    captions_of: Floats  # how many captions each picture has


def word_similarity(counts: Counts, vectors: Floats) -> Any:
    """The sparse matrix (words, words), row w the chance that each word says w, itself 1."""
    return _smoothed(_direct(counts, vectors), vectors)


def nearest_weights(cosines: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The nearest known words of words given by cosines (n, words), and how much each counts."""
    count = min(_NEIGHBOURS, cosines.shape[1])
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(cosines, nearest, 1)
    return nearest, np.exp(_SHARPNESS * (near - near.max(axis=1, keepdims=True)))


def _direct(counts: Counts, vectors: Floats) -> Any:
    from scipy import sparse

    said = np.asarray(counts.in_captions.sum(axis=0), np.float32).ravel()
    total = max(counts.in_captions.shape[0], 1)
    pairs = float((counts.captions_of * (counts.captions_of - 1)).sum())
    others = pairs / max(float(counts.captions_of.sum()), 1.0)
    within = (counts.in_captions.T @ counts.in_captions).tocsr()
    across = (counts.in_pictures.T @ counts.in_pictures - within).tocsr()
    within.setdiag(0)
    common = _COMMON * (np.log1p(said)[None] - _COMMON_AT)
    rows = []
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors.T
        pool = _pool(cosines)
        expected = np.asarray(pool @ said).ravel()[:, None] * (said[None] / total)
        x = np.log((pool @ across).toarray() + _PRIOR_COUNT)
        x -= np.log(expected * others + _PRIOR_COUNT)
        i = np.log((pool @ within).toarray() + _PRIOR_COUNT) - np.log(expected + _PRIOR_COUNT)
        logit = _COSINE * (cosines - 1) + _ACROSS * x + _INSTEAD * (x - i) - common
        chance = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        chance[cosines < _LEAST_COSINE] = 0
        itself = np.arange(len(cosines))
        chance[itself, start + itself] = np.maximum(chance[itself, start + itself], _SELF)
        chance[chance < _LEAST_SHARE * chance.max(axis=1, keepdims=True)] = 0
        rows.append(sparse.csr_matrix(chance.astype(np.float32)))
    return sparse.vstack(rows).tocsr()


def _pool(cosines: Floats) -> Any:
    from scipy import sparse

    rows, words = cosines.shape
    count = min(_POOL, words)
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(cosines, nearest, 1)
    weights = np.exp((near - near.max(axis=1, keepdims=True)) / _POOL_WIDTH).astype(np.float32)
    starts = np.arange(0, rows * count + 1, count)
    return sparse.csr_matrix((weights.ravel(), nearest.ravel(), starts), shape=(rows, words))


def _smoothed(direct: Any, vectors: Floats) -> Any:
    """Rows pooled over the nearest words, scaled so that a word says itself with certainty."""
    from scipy import sparse

    rows = []
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors.T
        nearest, weights = nearest_weights(cosines)
        count = nearest.shape[1]
        starts = np.arange(0, nearest.size + 1, count)
        mix = sparse.csr_matrix(
            (weights.ravel(), nearest.ravel(), starts), shape=(len(cosines), len(vectors))
        )
        pooled = (mix @ direct).toarray()
        itself = np.arange(len(cosines))
        # Where many words share one vector, a word may not be among its own nearest.
        scale = np.maximum(pooled[itself, start + itself], _SELF)
        pooled = np.minimum(pooled / scale[:, None], 1)
        pooled[itself, start + itself] = 1
        rows.append(sparse.csr_matrix(_pruned(pooled, start + itself)))
    return sparse.vstack(rows).tocsr()


def _pruned(chances: Floats, itself: NDArray[np.intp]) -> Floats:
    chances[chances < _LEAST_SHARE] = 0
    crowded = np.flatnonzero(np.count_nonzero(chances, axis=1) > _MOST_PER_WORD)
    if len(crowded):
        ranks = -chances[crowded]
        ranks[np.arange(len(crowded)), itself[crowded]] = -2  # itself comes first among equals
        dropped = np.argpartition(ranks, _MOST_PER_WORD - 1, axis=1)[:, _MOST_PER_WORD:]
        chances[crowded[:, None], dropped] = 0
    return chances.astype(np.float32)
