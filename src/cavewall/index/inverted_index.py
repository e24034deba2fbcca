"""An inverted index of the captions with positions, for keywords (BM25) and phrases.

Positions count through one sequence of all words: the captions of the first picture, of the second
and so on, with a gap of one position after each caption. So two words are next to each other in a
caption exactly if their positions differ by one, and a phrase is found without looking at captions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall._internal.files import memory_map, memory_map_table, write_table
from cavewall._internal.tokenize import END, TermPattern, words_of_all

__all__ = ["InvertedIndex"]

_SATURATION, _BY_LENGTH = 1.2, 0.75  # BM25's k₁ and b
# Pictures whose captions are tokenised together: a few megabytes of words.
_BLOCK = 2048


@dataclass(frozen=True)
class InvertedIndex:
    """Arrays of V distinct words with T occurrences in the captions of N pictures.

    Word i has the occurrences `starts[i]` to `starts[i + 1]`.

    Attributes:
        words: (V,), ascending, an Arrow array.
        starts: (V + 1,).
        places: (T,) the position of each occurrence, ascending for each word.
        pictures: (T,) the picture of each occurrence.
        lengths: (N,) the number of words in the captions of each picture.
    """

    words: Any
    starts: NDArray[np.int64]
    places: NDArray[np.integer[Any]]
    pictures: NDArray[np.int32]
    lengths: NDArray[np.int32]

    @classmethod
    def from_captions(cls, captions: Sequence[Sequence[str]]) -> InvertedIndex:
        """Index the captions of every picture."""
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        numbers[END] = 0
        line = _line(captions, numbers)
        names = sorted(word for word in numbers if word != END)
        rank = np.zeros(len(numbers), np.int32)
        rank[[numbers[word] for word in names]] = np.arange(1, len(names) + 1)
        pictures = _owners(captions, line == numbers[END])
        line = rank[line]
        starts = np.cumsum(np.bincount(line, minlength=len(names) + 1))
        gaps = int(starts[0])
        places = np.argsort(line, kind="stable")[gaps:].astype(_smallest(len(line)))
        owners = pictures[places]
        lengths = np.bincount(owners, minlength=len(captions)).astype(np.int32)
        return cls(pa.array(names, pa.string()), starts - gaps, places, owners, lengths)

    def scores(self, wanted: Sequence[TermPattern]) -> NDArray[np.float32]:
        """BM25 of every picture, divided by the highest: (N,), 0 to 1.

        Σ ln(1 + (N - n + ½) / (n + ½)) · f / (f + k₁ (1 - b + b l / l̄)) over the words, for a word
        that n pictures have, f times in captions of l words; k₁ = 1.2, b = .75. A picture's
        captions are one text, and pictures without any do not count. Robertson and Zaragoza, *The
        Probabilistic Relevance Framework: BM25 and Beyond*, 2009, in the form of Lucene's
        `BM25Similarity`, whose logarithm is never negative.
        """
        total = np.zeros(len(self.lengths))
        for pattern in wanted:
            found = np.bincount(self.pictures[self._span(pattern)], minlength=len(total))
            rows = np.flatnonzero(found)
            times, count = found[rows], len(rows)
            rarity = np.log1p((self._captioned - count + 0.5) / (count + 0.5))
            total[rows] += rarity * times / (times + self._half_way[rows])
        best = total.max(initial=0.0)
        return np.asarray(total / best if best > 0 else total, np.float32)

    def match_phrase(self, phrase: Sequence[TermPattern]) -> NDArray[np.bool_]:
        """Which pictures have a caption with those words one after another: (N,)."""
        spans = [self._span(pattern) for pattern in phrase]
        # From the rarest word's occurrences, keep those that have each other word in its place.
        rarest = min(range(len(spans)), key=lambda at: spans[at].stop - spans[at].start)
        chosen = np.arange(spans[rarest].start, spans[rarest].stop)
        for at, span in enumerate(spans):
            if at != rarest and len(chosen):
                wanted = self.places[chosen].astype(np.int64) + (at - rarest)
                chosen = chosen[_among(wanted, np.sort(self.places[span]))]
        mask = np.zeros(len(self.lengths), np.bool_)
        mask[self.pictures[chosen]] = True
        return mask

    def document_share(self, pattern: TermPattern) -> float:
        """The share of the pictures with such a word, 0 to 1."""
        having = len(np.unique(self.pictures[self._span(pattern)]))
        return having / max(len(self.lengths), 1)

    def counts(self, groups: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
        """How many pictures of each group have each word: (V, count), each picture once.

        `groups` (N,) are the numbers of the pictures' groups, below `count`.
        """
        words = np.repeat(np.arange(len(self.words)), np.diff(self.starts))
        # A word's occurrences in one picture follow one another: count the first of each.
        first = np.ones(len(words), np.bool_)
        first[1:] = (words[1:] != words[:-1]) | (self.pictures[1:] != self.pictures[:-1])
        cells = words[first] * count + groups[self.pictures[first]]
        found = np.bincount(cells, minlength=len(self.words) * count)
        return found.reshape(len(self.words), count)

    def suggest(self, pattern: TermPattern, most: int = 3) -> list[str]:
        """Words of the captions that are spelled alike and begin with the same letter."""
        from difflib import get_close_matches

        low, high = self._between(pattern.word[0], True)
        return get_close_matches(pattern.word, self.words[low:high].to_pylist(), most, 0.7)

    def _span(self, pattern: TermPattern) -> slice:
        """The occurrences of a word, or of all words with that beginning."""
        low, high = self._between(*pattern)
        return slice(int(self.starts[low]), int(self.starts[high]))

    def _between(self, word: str, begins: bool) -> tuple[int, int]:
        rows = range(len(self.words))
        low = bisect_left(rows, word, key=lambda at: self.words[at].as_py())
        if not begins:
            return low, low + (low < len(rows) and self.words[low].as_py() == word)
        length = len(word)
        return low, bisect_right(rows, word, low, key=lambda at: self.words[at].as_py()[:length])

    @cached_property
    def _captioned(self) -> int:
        return int(np.count_nonzero(self.lengths))

    @cached_property
    def _half_way(self) -> NDArray[np.float64]:
        """How often a word has to occur in each picture's captions for half of its score."""
        mean = max(float(self.lengths.sum()), 1.0) / max(self._captioned, 1)
        shares = np.asarray(self.lengths / mean, np.float64)
        return _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * shares)

    def to_folder(self, folder: Path) -> None:
        """Write plain arrays, for `from_folder`."""
        write_table(folder / "words.arrow", pa.table({"word": self.words}))
        for name in ("starts", "places", "pictures", "lengths"):
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def from_folder(cls, folder: Path) -> InvertedIndex:
        """Memory-map what `to_folder` wrote."""
        words = memory_map_table(folder / "words.arrow").column("word").combine_chunks()
        names = ("starts", "places", "pictures", "lengths")
        return cls(words, *(memory_map(folder / f"{name}.npy") for name in names))


def _line(captions: Sequence[Sequence[str]], numbers: defaultdict[str, int]) -> NDArray[np.int32]:
    """The words of all captions as numbers, a gap after each caption."""
    parts = [np.empty(0, np.int32)]
    for start in range(0, len(captions), _BLOCK):
        words = words_of_all(chain.from_iterable(captions[start : start + _BLOCK]))
        parts.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
    return np.concatenate(parts)


def _owners(captions: Sequence[Sequence[str]], gap: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The picture of each position."""
    sizes = np.fromiter(map(len, captions), np.int64, len(captions))
    of_captions = np.repeat(np.arange(len(captions), dtype=np.int32), sizes)
    ends = np.flatnonzero(gap)
    return np.repeat(of_captions, np.diff(ends, prepend=-1))


def _smallest(count: int) -> type[np.integer[Any]]:
    return np.int32 if count < 2**31 else np.int64


def _among(wanted: NDArray[np.integer[Any]], there: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Which of the first are among the second, which ascend."""
    if len(there) == 0:
        return np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
    return np.asarray(there[at] == wanted)
