"""The chance that a word v in a caption means the word w.

It has two sources: the cosine of the two words, and whether captions of one picture use one word
*instead of* the other. Annotators who describe the same picture replace a word by another of the
same meaning (dog, puppy), but use words of different meaning together in one caption (dog, leash).
The encoder alone cannot tell these two kinds of neighbours apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "nearest_weights", "word_similarity"]

Floats = NDArray[np.float32]

# logit P(v means w) = 6.1 (cos - 1) + .14 x + .73 (x - i) - .05 (ln(1 + n) - 4), for n captions
# with v. x and i are logarithms of how much more often than by chance both words are in two
# captions of one picture (x, "across") and in one caption (i): words that replace each other have
# a large x - i. Fitted by logistic regression on word pairs of half a lexicon of Flickr-8k's
# concepts (docs/decisions/0005).
_COSINE, _ACROSS, _INSTEAD, _COMMON, _COMMON_AT = 6.1, 0.14, 0.73, 0.05, 4.0
_PRIOR_COUNT = 2.0
_LEAST_COSINE = 0.3
_LEAST_SHARE = 0.05
_SELF = 0.98
# Counts of rare words are unreliable: each is a weighted mean over the word's nearest words.
_POOL, _POOL_WIDTH = 8, 0.05
# Every row of the result is a weighted mean of its nearest words' rows: weights e^(15 (cos - 1)).
_NEIGHBOURS, _SHARPNESS = 32, 15.0
_MOST_PER_WORD = 64
_BLOCK = 256


@dataclass(frozen=True)
class Counts:
    """Sparse counts of words, (captions, V) and (pictures, V)."""

    in_captions: Any
    in_pictures: Any
    captions_of: Floats  # how many captions each picture has


def word_similarity(counts: Counts, vectors: Floats) -> Any:
    """The sparse matrix (V, V), row w the chance that each word means w; the diagonal is 1."""
    return _smoothed(_direct(counts, vectors), vectors)


def nearest_weights(cosines: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The nearest known words by cosines (n, V), and their weights: (n, k) and (n, k)."""
    count = min(_NEIGHBOURS, cosines.shape[1])
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(cosines, nearest, 1)
    return nearest, np.exp(_SHARPNESS * (near - near.max(axis=1, keepdims=True)))


def _direct(counts: Counts, vectors: Floats) -> Any:
    """The chances by the logistic regression above, (V, V), in blocks of rows."""
    from scipy import sparse

    frequency = np.asarray(counts.in_captions.sum(axis=0), np.float32).ravel()
    total = max(counts.in_captions.shape[0], 1)
    pairs = float((counts.captions_of * (counts.captions_of - 1)).sum())
    others = pairs / max(float(counts.captions_of.sum()), 1.0)
    within = (counts.in_captions.T @ counts.in_captions).tocsr()
    across = (counts.in_pictures.T @ counts.in_pictures - within).tocsr()
    within.setdiag(0)
    common = _COMMON * (np.log1p(frequency)[None] - _COMMON_AT)
    rows = []
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors.T
        pool = _pool(cosines)
        expected = np.asarray(pool @ frequency).ravel()[:, None] * (frequency[None] / total)
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
    """Sparse (rows, V): the weights of the nearest words in a row's counts."""
    from scipy import sparse

    rows, words = cosines.shape
    count = min(_POOL, words)
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(cosines, nearest, 1)
    weights = np.exp((near - near.max(axis=1, keepdims=True)) / _POOL_WIDTH).astype(np.float32)
    starts = np.arange(0, rows * count + 1, count)
    return sparse.csr_matrix((weights.ravel(), nearest.ravel(), starts), shape=(rows, words))


def _smoothed(direct: Any, vectors: Floats) -> Any:
    """Rows averaged over the nearest words, scaled so that a word means itself with chance 1."""
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
        # If many words share one vector, a word may not be among its own nearest.
        scale = np.maximum(pooled[itself, start + itself], _SELF)
        pooled = np.minimum(pooled / scale[:, None], 1)
        pooled[itself, start + itself] = 1
        rows.append(sparse.csr_matrix(_pruned(pooled, start + itself)))
    return sparse.vstack(rows).tocsr()


def _pruned(chances: Floats, itself: NDArray[np.intp]) -> Floats:
    """Rows without small chances, with the _MOST_PER_WORD largest at most."""
    chances[chances < _LEAST_SHARE] = 0
    crowded = np.flatnonzero(np.count_nonzero(chances, axis=1) > _MOST_PER_WORD)
    if len(crowded):
        ranks = -chances[crowded]
        ranks[np.arange(len(crowded)), itself[crowded]] = -2  # itself comes first among equals
        dropped = np.argpartition(ranks, _MOST_PER_WORD - 1, axis=1)[:, _MOST_PER_WORD:]
        chances[crowded[:, None], dropped] = 0
    return chances.astype(np.float32)
