"""The words of a wall's captions: which pictures have them, and which words mean which.

Made once for a version from all captions. Statistics of words (similarity, rarity, stability) come
from a sample of the pictures; the inverted index of words covers all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache
from cavewall._internal.files import memory_map, memory_map_table, write_table
from cavewall.index.lexical.stopwords import content_words
from cavewall.index.lexical.word_similarity import Counts, word_similarity

__all__ = ["WordIndex"]

Floats = NDArray[np.float32]
Encode = Callable[[list[str]], Floats]

# Only the most frequent words are kept: the cost of comparing words grows with their square.
_MOST_WORDS = 30_000
# Pictures that the statistics of words are counted on: more do not change them.
_MOST_COUNTED = 16_384
_BLOCK = 256
# Profiles of terms in the cache: users change one term and search again. An expression has 256 at
# most. Each takes some bytes for every picture, and so large walls keep fewer.
_MOST_TERMS, _FEWEST_TERMS = 512, 16
_PICTURES_OF_TERMS = 2**23
# Queries whose evidence is in the cache, some bytes for every term and picture: for the next page,
# another filter, the explanation, or a plus weight that the user drags.
_MOST_QUERIES, _PICTURES_OF_QUERIES = 8, 2**22


@dataclass(frozen=True)
class WordIndex:
    """Arrays of V words and N pictures.

    Attributes:
        words: the words.
        vectors: (V, d), each word's own unit vector, without context.
        shares: sparse (N, V) by rows: the share of a picture's captions with the word.
        postings: the transpose, (V, N) by rows: an inverted index.
        affinity: sparse (V, V) by rows: the chance that each word means the row's word.
        rarity: (V,) minus the logarithm of the word's mean evidence over the pictures.
        stability: (V,) how far the other captions of a picture confirm a word of one of them:
            near 1 for things that all annotators name, near 0 for remarks that one makes.
    """

    words: tuple[str, ...]
    vectors: Floats
    shares: Any
    postings: Any
    affinity: Any
    rarity: Floats
    stability: Floats
    ids: dict[str, int] = field(init=False, repr=False, compare=False)
    _terms: LRUCache[object, Any] = field(init=False, repr=False, compare=False)
    _queries: LRUCache[object, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", {word: at for at, word in enumerate(self.words)})
        affordable = max(_FEWEST_TERMS, _PICTURES_OF_TERMS // max(self.pictures, 1))
        object.__setattr__(self, "_terms", LRUCache(min(_MOST_TERMS, affordable)))
        queries = max(1, _PICTURES_OF_QUERIES // max(self.pictures, 1))
        object.__setattr__(self, "_queries", LRUCache(min(_MOST_QUERIES, queries)))

    @classmethod
    def from_captions(
        cls, captions: Sequence[Sequence[str]], encode: Encode, known: WordIndex | None = None
    ) -> WordIndex:
        """Index the captions of every picture; words that `known` has are not encoded again."""
        counts, words = _counted(captions)
        if not words:
            return cls._wordless(len(captions), encode)
        vectors = _vectors(words, encode, known)
        sample = _sampled(counts)
        affinity = word_similarity(sample, vectors)
        shares = _shares(counts)
        rarity, stability = _statistics(_shares(sample), sample, affinity)
        return cls(tuple(words), vectors, shares, shares.T.tocsr(), affinity, rarity, stability)

    @classmethod
    def _wordless(cls, pictures: int, encode: Encode) -> WordIndex:
        from scipy import sparse

        none = np.zeros(0, np.float32)
        shares = sparse.csr_matrix((pictures, 0), dtype=np.float32)
        square = sparse.csr_matrix((0, 0), dtype=np.float32)
        return cls((), encode([]), shares, shares.T.tocsr(), square, none, none)

    def cached_term(self, key: object, make: Callable[[], Any]) -> Any:
        """The profile of a term, made if it is not in the cache."""
        return self._terms.get(key, make)

    def cached_query(self, key: object, make: Callable[[], Any]) -> Any:
        """The evidence of a query, made if it is not in the cache."""
        return self._queries.get(key, make)

    @property
    def pictures(self) -> int:
        return int(self.shares.shape[0])

    def to_folder(self, folder: Path) -> None:
        """Write plain arrays, for `from_folder`."""
        write_table(folder / "words.arrow", pa.table({"word": pa.array(self.words, pa.string())}))
        for name in ("vectors", "rarity", "stability"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        for name in ("shares", "postings", "affinity"):
            matrix = getattr(self, name)
            for part in ("data", "indices", "indptr"):
                np.save(folder / f"{name}-{part}.npy", getattr(matrix, part))
        np.save(folder / "pictures.npy", np.int64(self.pictures))

    @classmethod
    def from_folder(cls, folder: Path) -> WordIndex:
        """Memory-map what `to_folder` wrote."""
        from scipy import sparse

        words = tuple(memory_map_table(folder / "words.arrow").column("word").to_pylist())

        def load(name: str) -> Any:
            return memory_map(folder / f"{name}.npy")

        def parts(name: str) -> tuple[Any, Any, Any]:
            return load(f"{name}-data"), load(f"{name}-indices"), load(f"{name}-indptr")

        count = len(words)
        pictures = int(np.load(folder / "pictures.npy"))
        return cls(
            words,
            load("vectors"),
            sparse.csr_matrix(parts("shares"), shape=(pictures, count)),
            sparse.csr_matrix(parts("postings"), shape=(count, pictures)),
            sparse.csr_matrix(parts("affinity"), shape=(count, count)),
            np.asarray(load("rarity")),
            np.asarray(load("stability")),
        )


def _counted(captions: Sequence[Sequence[str]]) -> tuple[Counts, list[str]]:
    from scipy import sparse

    ids: dict[str, int] = {}
    words: list[int] = []
    lengths: list[int] = []
    owners: list[int] = []
    for picture, texts in enumerate(captions):
        for text in texts:
            found = [ids.setdefault(word, len(ids)) for word in content_words(text)]
            words += found
            lengths.append(len(found))
            owners.append(picture)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    ones = np.ones(len(words), np.float32)
    shape = (len(lengths), len(ids))
    in_captions = sparse.csr_matrix((ones, (rows, np.asarray(words, np.int64))), shape=shape)
    owner = np.asarray(owners, np.int64)
    belongs = sparse.csr_matrix(
        (np.ones(len(owner), np.float32), (owner, np.arange(len(owner)))),
        shape=(len(captions), len(owner)),
    )
    names = list(ids)
    if len(names) > _MOST_WORDS:
        often = np.asarray(in_captions.sum(axis=0)).ravel()
        kept = np.sort(np.argsort(-often, kind="stable")[:_MOST_WORDS])
        in_captions, names = in_captions[:, kept], [names[at] for at in kept]
    captions_of = np.bincount(owner, minlength=len(captions)).astype(np.float32)
    return Counts(in_captions, (belongs @ in_captions).tocsr(), captions_of), names


def _sampled(counts: Counts) -> Counts:
    """Every kth picture, if there are more than the statistics need."""
    step = -(-len(counts.captions_of) // _MOST_COUNTED)
    if step <= 1:
        return counts
    chosen = np.zeros(len(counts.captions_of), bool)
    chosen[::step] = True
    captions = np.repeat(chosen, counts.captions_of.astype(np.int64))
    return Counts(
        counts.in_captions[captions], counts.in_pictures[chosen], counts.captions_of[chosen]
    )


def _shares(counts: Counts) -> Any:
    from scipy import sparse

    scale = sparse.diags(1 / np.maximum(counts.captions_of, 1))
    return (scale @ counts.in_pictures).tocsr().astype(np.float32)


def _vectors(words: list[str], encode: Encode, known: WordIndex | None) -> Floats:
    if known is None:
        return encode(words)
    new = [word for word in words if word not in known.ids]
    fresh = dict(zip(new, encode(new), strict=True)) if new else {}
    rows = [fresh[word] if word in fresh else known.vectors[known.ids[word]] for word in words]
    return np.stack(rows) if rows else encode([])


def _statistics(shares: Any, counts: Counts, affinity: Any) -> tuple[Floats, Floats]:
    """Rarity and stability of each word (see `WordIndex`), in blocks of words."""
    words = affinity.shape[0]
    mean = np.zeros(words, np.float32)
    confirmed = np.zeros(words, np.float32)
    columns = counts.in_pictures.tocsc()
    for start in range(0, words, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, words))
        found = np.minimum((shares @ affinity[block].T).toarray(), 1)
        mean[block] = found.mean(axis=0)
        for column, word in enumerate(block):
            begin, end = columns.indptr[word], columns.indptr[word + 1]
            pictures, times = columns.indices[begin:end], columns.data[begin:end]
            captions = counts.captions_of[pictures]
            several = captions > 1
            rest = np.maximum(found[pictures, column] * captions - 1, 0)
            rest = rest / np.maximum(captions - 1, 1)
            # A prior of two captions at .15: a word seen once is not yet known to be stable.
            total = float((times * rest)[several].sum()) + 0.15 * 2
            confirmed[word] = total / (float(times[several].sum()) + 2)
    rarity = np.maximum(-np.log(mean + 1e-5), 0.05)
    return rarity.astype(np.float32), confirmed + np.float32(0.02)
