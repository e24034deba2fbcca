"""Reasons: from an ranking and its answer to why it is so, and what changed from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.tokenize import term_patterns, tokenize
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.lexical import TermWords, WordIndex, content_words
from cavewall.models import Hit
from cavewall.query import Keyword, Leaf, Like, Text
from cavewall.search.compile import ScoredRow
from cavewall.search.diversify import diversify
from cavewall.search.explanation import (
    Change,
    Comparison,
    Explanation,
    HitExplanation,
    RankChange,
    TermReason,
    WithoutTerm,
    WordMatch,
)
from cavewall.search.masks import unmet
from cavewall.search.ranking import Ranking, SingleSpaceRanking
from cavewall.search.request import SearchRequest

__all__ = ["compare", "explain"]

# Every term left out is a search of its own.
_MOST_LEFT_OUT = 32
# Chances below this are noise: the same bound as in `words.affinity`.
_LEAST_CHANCE = 0.05


def explain(ranking: Ranking, request: SearchRequest, hits: Sequence[Hit]) -> Explanation:
    """Why these hits are the first that answer the ranking.

    Leaving out is told of at most the 32 terms of the largest weights.
    """
    captions, words = _matches(ranking, hits)
    explained = tuple(
        HitExplanation(
            hit.image_id,
            hit.score,
            tuple(
                TermReason(
                    term.term,
                    term.weight,
                    term.contribution,
                    *captions[place][at],
                    words[place][at],
                    term.space,
                )
                for at, term in enumerate(hit.terms)
            ),
        )
        for place, hit in enumerate(hits)
    )
    return Explanation(
        str(ranking.expression), ranking.rule.name, explained, _without(ranking, request, hits)
    )


Best = list[list[tuple[str | None, float | None]]]
Words = list[list[tuple[WordMatch, ...]]]


def _uses_words(ranking: SingleSpaceRanking) -> bool:
    return ranking.rule.name == "words" and not ranking.scores_are_cosines


# The caption that matches a term best.


def _matches(ranking: Ranking, hits: Sequence[Hit]) -> tuple[Best, Words]:
    """For each hit, what is said of each of its terms, those of one space after the other's."""
    best: Best = [[] for _ in hits]
    words: Words = [[] for _ in hits]
    for part in ranking.parts:
        for place, (one, other) in enumerate(zip(*_matches_in(part, hits), strict=True)):
            best[place] += one
            words[place] += other
    return best, words


def _matches_in(ranking: SingleSpaceRanking, hits: Sequence[Hit]) -> tuple[Best, Words]:
    leaves = ranking.query.leaves
    best: Best = [[(None, None)] * len(leaves) for _ in hits]
    words: Words = [[()] * len(leaves) for _ in hits]
    # Of what is seen, captions are no reason.
    if not ranking.query.is_keywords and ranking.space.name != "image":
        best, words = (_by_words if _uses_words(ranking) else _by_cosines)(ranking, hits)
    for place, hit in enumerate(hits):
        for at, leaf in enumerate(leaves):
            if isinstance(leaf, Keyword):
                best[place][at], words[place][at] = _best_held(leaf, hit.captions)
    return best, words


def _best_held(
    keyword: Keyword, captions: Sequence[str]
) -> tuple[tuple[str | None, float | None], tuple[WordMatch, ...]]:
    """The caption that holds most of a keyword's words, and the share of them that it holds."""
    wanted = dict.fromkeys(term_patterns(keyword.text))
    best: tuple[tuple[str | None, float | None], tuple[WordMatch, ...]] = (None, None), ()
    for caption in captions:
        said = tokenize(caption)
        held = [
            WordMatch(word, str(each), 1.0)
            for each in wanted
            if (word := next(filter(each.matches, said), None)) is not None
        ]
        if len(held) > len(best[1]):
            best = (caption, len(held) / len(wanted)), tuple(held)
    return best


def _by_words(ranking: SingleSpaceRanking, hits: Sequence[Hit]) -> tuple[Best, Words]:
    """By word evidence: what the words of each caption say of the words of each term."""
    index = ranking.space.words
    best: Best = []
    words: Words = []
    for hit in hits:
        found = [_best_said(term, hit.captions, index) for term in ranking.words]
        best.append([(caption, match) for caption, match, _ in found])
        words.append([matched for _, _, matched in found])
    return best, words


def _best_said(
    term: TermWords, captions: Sequence[str], index: WordIndex
) -> tuple[str | None, float | None, tuple[WordMatch, ...]]:
    if not captions or not term.words:
        return None, None, ()
    ids = np.array([index.ids.get(word, -1) for word in term.words])
    rarity = np.where(ids >= 0, index.rarity[ids], float(index.rarity.max()))
    counts = rarity * term.agreement * (term.in_vocabulary + 1e-6)
    best: tuple[float, str | None, tuple[WordMatch, ...]] = (0.0, None, ())
    for caption in captions:
        said = [word for word in content_words(caption) if word in index.ids]
        chances = np.zeros((len(term.words), 1))
        if said:
            columns = [index.ids[word] for word in said]
            chances = (
                np.minimum(term.expansions[:, columns].toarray(), 1) * term.in_vocabulary[:, None]
            )
        match = float((counts * chances.max(axis=1)).sum() / counts.sum())
        if match > best[0]:
            best = (match, caption, _matched(term.words, said, chances))
    return best[1], best[0] if best[1] is not None else None, best[2]


def _matched(
    wanted: Sequence[str], said: Sequence[str], chances: NDArray[np.floating]
) -> tuple[WordMatch, ...]:
    """For each word of the term the caption's word that says it best, the surest first."""
    found = [
        WordMatch(said[at], word, float(row[at]))
        for word, row in zip(wanted, chances, strict=True)
        if said and row[at := int(row.argmax())] >= _LEAST_CHANCE
    ]
    return tuple(sorted(found, key=lambda match: -match.chance))


def _by_cosines(ranking: SingleSpaceRanking, hits: Sequence[Hit]) -> tuple[Best, Words]:
    """By the cosines of captions and terms; words are those that both have."""
    captions = list(dict.fromkeys(caption for hit in hits for caption in hit.captions))
    vectors = ranking.encoder.encode(captions).astype(np.float64)
    cosines = ranking.query.vectors @ vectors.T if captions else np.zeros((0, 0))
    row = {caption: at for at, caption in enumerate(captions)}
    wanted = [_said_by(leaf, ranking) for leaf in ranking.query.leaves]
    best: Best = []
    words: Words = []
    for hit in hits:
        best.append([])
        words.append([])
        for at, said in enumerate(wanted):
            if not hit.captions:
                best[-1].append((None, None))
                words[-1].append(())
                continue
            caption = max(hit.captions, key=lambda each: cosines[at, row[each]])
            best[-1].append((caption, float(cosines[at, row[caption]])))
            both = [word for word in content_words(caption) if word in said]
            words[-1].append(tuple(WordMatch(word, word, 1.0) for word in both))
    return best, words


def _said_by(leaf: Leaf, ranking: SingleSpaceRanking) -> set[str]:
    if isinstance(leaf, Text):
        return set(content_words(leaf.text))
    if not isinstance(leaf, Like):
        return set()
    version = ranking.version
    (row,) = version.details_of([version.pictures.position(leaf.image_id)])
    return {word for caption in row["captions"] or () for word in content_words(caption)}


# Leaving out.


def _without(
    ranking: Ranking, request: SearchRequest, hits: Sequence[Hit]
) -> tuple[WithoutTerm, ...]:
    weights = ranking.weights[: None if hits else 0]
    heaviest = sorted(range(len(weights)), key=lambda at: (-abs(weights[at]), at))
    # The same page, as varied, of as many hits as are shown.
    page = replace(request, k=max(1, len(hits)))
    return tuple(_left_out(ranking, at, page, hits) for at in sorted(heaviest[:_MOST_LEFT_OUT]))


def _left_out(
    ranking: Ranking, leaf: int, request: SearchRequest, hits: Sequence[Hit]
) -> WithoutTerm:
    term = str(ranking.leaves[leaf])
    weight = float(ranking.weights[leaf])
    rest = ranking.without(leaf)
    if rest is None:
        return WithoutTerm(term, weight, cancels=True)
    pictures = ranking.version.pictures
    found = diversify(rest, request)
    names = [str(pictures.ids[row.position].as_py()) for row in found]
    ranks = {name: at for at, name in enumerate(names, request.first + 1)}
    shown = [hit.image_id for hit in hits]
    moved = []
    for before, image_id in enumerate(shown, request.first + 1):
        after = ranks.get(image_id) or _rank_of(rest, pictures.position(image_id), request)
        if after != before:
            moved.append(RankChange(image_id, before, after))
    return WithoutTerm(
        term,
        weight,
        False,
        tuple(name for name in names if name not in shown),
        tuple(name for name in shown if name not in ranks),
        tuple(moved),
    )


def _rank_of(ranking: Ranking, position: int, request: SearchRequest) -> int:
    """The rank by score of a picture that is not on the page, which is no rank of the page."""
    scores = ranking.all_scores()
    rank = int((scores > scores[position]).sum()) + 1
    last = request.first + request.k
    return last + 1 if request.first < rank <= last else rank


# What changed.


def compare(before: Ranking, after: Ranking, k: int) -> Comparison:
    """What changed from the first `k` of one ranking to those of another.

    The term responsible for a picture that entered or rose is the one whose contribution grew
    most from the one ranking to the other, for one that left or fell the one whose contribution
    shrank most; each against the mean change over the pictures of both answers, because what
    every picture gains moves none. A term that a ranking does not have contributes 0 to it.
    What only one of the two lets answer, by a condition, owes it to that condition.
    """
    ranks = [_ranks(each.top_k(k)) for each in (before, after)]

    def index() -> InvertedIndex:
        return before.version.inverted_index

    positions = list(dict.fromkeys([*ranks[1], *ranks[0]]))
    names, differences = _differences(before, after, positions)
    changes: dict[str, list[Change]] = {"entered": [], "left": [], "moved": []}
    for at, position in enumerate(positions):
        was, now = ranks[0].get(position), ranks[1].get(position)
        if was == now:
            continue
        rose = was is None or (now is not None and now < was)
        column = differences[:, at]
        term = int(column.argmax() if rose else column.argmin())
        cause = names[term], float(column[term])
        if was is None or now is None:
            lacking = before if was is None else after
            condition = unmet(lacking.expression, index, position)
            cause = cause if condition is None else (condition, 0.0)
        image_id = str(before.version.pictures.ids[position].as_py())
        change = Change(image_id, was, now, *cause)
        kind = "entered" if was is None else "left" if now is None else "moved"
        changes[kind].append(change)
    return Comparison(
        str(before.expression),
        str(after.expression),
        after.rule.name,
        k,
        *(tuple(changes[kind]) for kind in ("entered", "left", "moved")),
    )


def _ranks(found: Sequence[ScoredRow]) -> dict[int, int]:
    return {place.position: at for at, place in enumerate(found, 1)}


def _differences(
    before: Ranking, after: Ranking, positions: Sequence[int]
) -> tuple[list[str], NDArray[np.float64]]:
    """By how much each term's contributions differ, (terms, positions), rows centred."""
    leaves = list(dict.fromkeys([*after.leaves, *before.leaves]))
    total = np.zeros((len(leaves), len(positions)))
    rows = np.asarray(positions, np.intp)
    for sign, ranking in ((1.0, after), (-1.0, before)):
        places = [leaves.index(leaf) for leaf in ranking.leaves]
        if len(rows):
            total[places] += sign * ranking.contributions_at(rows)
    if len(rows) > 1:
        total -= total.mean(axis=1, keepdims=True)
    return [str(leaf) for leaf in leaves], total
