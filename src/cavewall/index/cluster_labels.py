"""Labels of clusters: the words that are far more frequent in their captions than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.terminal_text import truncate
from cavewall.index.lexical.stopwords import content_words

__all__ = ["label_clusters"]

Counts = NDArray[np.integer[Any]]
Doubles = NDArray[np.float64]

_TERMS, _LONGEST = 3, 24
# The prior: so many pictures with the words of the average picture, added to every cluster.
_PRIOR = 10.0


def label_clusters(counts: Counts, sizes: Counts, words: Any) -> tuple[tuple[str, ...], ...]:
    """Up to three words for each of c clusters, no two with the same words.

    `counts` (V, c): pictures of each cluster with each word; `sizes` (c,): pictures of each;
    `words` (V,): the words, an Arrow array.
    """
    values = _distinction(counts, sizes)
    taken: set[frozenset[str]] = set()
    names: list[tuple[str, ...]] = []
    for group in range(len(sizes)):
        order = np.argsort(-values[:, group], kind="stable")
        order = order[values[order, group] > 0]
        names.append(_chosen(_usable(order, words), taken))
    return tuple(names)


def _distinction(counts: Counts, sizes: Counts) -> Doubles:
    """How surely a word is more frequent in a cluster than in the other pictures: (V, c).

    The z-score of the log-odds ratio with an informative Dirichlet prior, the words of the whole
    wall (Monroe, Colaresi and Quinn, *Fightin' Words*, Political Analysis 16, 2008, equations 15,
    16, 20 and 22), where pictures with a word are counted instead of its occurrences.
    """
    here = counts.astype(np.float64)
    whole = here.sum(axis=1, keepdims=True)
    pictures = float(sizes.sum())
    prior = _PRIOR * whole / max(pictures, 1.0)
    rest = whole - here
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (here + prior) / (sizes + _PRIOR - here - prior)
        outside = (rest + prior) / (pictures - sizes + _PRIOR - rest - prior)
        spread = 1 / (here + prior) + 1 / (rest + prior)
        found = np.log(inside / outside) / np.sqrt(spread)
    # A word of all pictures has infinite odds, and distinguishes nothing.
    return np.where(np.isfinite(found) & (here > 0), found, -np.inf)


def _usable(order: NDArray[np.intp], words: Any) -> Iterator[str]:
    for at in order:
        word = words[int(at)].as_py()
        if len(word) > 1 and not word.isdecimal() and content_words(word):
            yield truncate(word, _LONGEST)


def _chosen(words: Iterator[str], taken: set[frozenset[str]]) -> tuple[str, ...]:
    """The first words that are not forms of one another and whose set no other cluster has."""
    chosen: list[str] = []
    for word in words:
        if any(_same_stem(word, other) for other in chosen):
            continue
        if len(chosen) == _TERMS - 1 and frozenset([*chosen, word]) in taken:
            continue
        chosen.append(word)
        if len(chosen) == _TERMS:
            break
    while chosen and frozenset(chosen) in taken:
        chosen.pop()
    taken.add(frozenset(chosen))
    return tuple(chosen)


def _same_stem(one: str, other: str) -> bool:
    """Whether one begins with the other, as `dogs` with `dog`."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 2 and longer.startswith(shorter)
