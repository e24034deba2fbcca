"""Help with a query, in words: what may be wrong with it, and what to write instead.

Every sentence names the term and what to do. The thresholds were set on the 1,148 pictures of
Flickr-8k with MiniLM (docs/decisions); they are told in the wall's own scale, the mean and
deviation of the cosine between two of its pictures, so that they hold for other encoders too.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from cavewall._internal.terminal_text import truncate
from cavewall._internal.tokenize import TermPattern, term_patterns
from cavewall.index.lexical import TermWords, evidence
from cavewall.query import Keyword, Text
from cavewall.query.negation import without_negation
from cavewall.search.ranking import Ranking, SingleSpaceRanking

__all__ = ["advise"]

# Fewer pictures than this have no background to speak of.
_FEW = 20
# A term is in the background if no cosine is beyond so many deviations of two pictures' cosine:
# the lower bound where captions do not plainly say it, the upper where they hardly do.
_NEAR, _FAR = 1.0, 1.5
_SAID, _HARDLY = 0.6, 0.3
# A minus is measured on so many of the pictures that the rest of the query finds.
_FOUND = 10
_MINUS_SAID = 0.05
# A keyword that more than this share of the pictures holds hardly tells them apart.
_USUAL = 0.5
# Below these percentiles the best score says nothing: sums of cosines, and other scores.
_DRIFTED_COSINE, _DRIFTED = 75.0, 90.0
_SHOWN = 80
_NAMED = 3


def advise(ranking: Ranking) -> tuple[str, ...]:
    """Sentences on the query, whichever page of its answer is shown.

    Of several spaces, and of one that is not calibrated, only the wording is looked at.
    """
    first, *others = ranking.parts
    found = list(_of_wording(first))
    if not others and first.space.calibration is not None:
        found += _of_terms(first)
    return tuple(found)


def _of_wording(ranking: SingleSpaceRanking) -> Iterator[str]:
    rewritten = without_negation(ranking.expression)
    if rewritten is not ranking.expression:
        yield (
            f"`{_clip(ranking.expression)}` says in words what should not be there, which is "
            f"hardly heard: write `{_clip(rewritten)}`, or add --apply-negation"
        )
    yield from _of_conditions(ranking)
    yield from _of_keywords(ranking)


def _of_terms(ranking: SingleSpaceRanking) -> Iterator[str]:
    if len(ranking.space) < _FEW:
        return
    missing = [at for at in range(len(ranking.query.leaves)) if _matches_nothing(ranking, at)]
    for at in missing:
        yield (
            f"`{_clip(ranking.query.leaves[at])}` matches nothing on this wall: its best picture "
            "is no nearer than chance. Use another word for it, or leave it out"
        )
    for at, weight in enumerate(ranking.query.direction.weights):
        if weight < 0 and at not in missing and _cannot_bite(ranking, at):
            yield (
                f"`- {_clip(ranking.query.leaves[at])}` takes nothing away: the rest of the query "
                "finds the same pictures, and they do not show it. It can be left out"
            )
    percentile = None if missing else _best_percentile(ranking)
    if percentile is not None and _drifted(ranking, percentile):
        yield (
            f"`{_clip(ranking.expression)}` has drifted off the pictures: even the best of them "
            f"scores only above {percentile:.0f} % of the background. Drop a term or lower its "
            "weight, as in `0.5 * term`"
        )


def _of_conditions(ranking: SingleSpaceRanking) -> Iterator[str]:
    """What no caption holds, and so keeps everyone away or no one."""
    for sign, condition in ranking.expression.conditions:
        index = ranking.space.inverted_index
        wanted = term_patterns(condition.text)
        if index.match_phrase(wanted).any():
            continue
        effect = "and nothing answers" if sign > 0 else "and it keeps nothing away"
        unsaid = [each for each in wanted if not index.document_share(each)]
        if unsaid:
            yield f"`{_clip(condition)}`: {_unsaid(unsaid, ranking)}, {effect}"
        else:
            yield (
                f"`{_clip(condition)}`: no caption has these words one after another, {effect}. "
                "Write a has() for each word, or keyword()"
            )


def _of_keywords(ranking: SingleSpaceRanking) -> Iterator[str]:
    """Words that no caption has, or nearly every picture."""
    for leaf in ranking.query.leaves:
        if not isinstance(leaf, Keyword):
            continue
        index = ranking.space.inverted_index
        shares = {each: index.document_share(each) for each in term_patterns(leaf.text)}
        unsaid = [each for each, share in shares.items() if not share]
        if unsaid:
            yield f"`{_clip(leaf)}`: {_unsaid(unsaid, ranking)}"
        elif min(shares.values()) > _USUAL and len(ranking.space) >= _FEW:
            yield (
                f"`{_clip(leaf)}` tells pictures hardly apart: {100 * min(shares.values()):.0f} % "
                "of them have it in their captions. Use a rarer word, or leave it out"
            )


def _unsaid(wanted: list[TermPattern], ranking: SingleSpaceRanking) -> str:
    shown = " or ".join(f"`{_clip(each)}`" for each in wanted[:_NAMED])
    alike = dict.fromkeys(
        word for each in wanted[:_NAMED] for word in ranking.space.inverted_index.suggest(each)
    )
    near = f" (they have {', '.join(f'`{word}`' for word in alike)})" if alike else ""
    return f"no caption says {shown}{near}"


def _clip(value: object) -> str:
    return truncate(str(value), _SHOWN)


def _matches_nothing(ranking: SingleSpaceRanking, leaf: int) -> bool:
    """Whether a text's best picture is within the background, and no caption says it."""
    term = ranking.query.leaves[leaf]
    if not isinstance(term, Text):
        return False
    space = ranking.space
    mean, deviation = space.background.between_pictures
    distance = (float(ranking.similarities[leaf].max()) - mean) / deviation
    if distance >= _FAR:
        return False
    words = term_patterns(term.text)
    if words and space.inverted_index.match_phrase(words).any():
        return False  # one caption of five is little evidence, and no reason to call it missing
    return _said(ranking.words[leaf], ranking) < (_SAID if distance < _NEAR else _HARDLY)


def _said(term: TermWords, ranking: SingleSpaceRanking) -> float:
    """How far any picture's captions say a term, 0 to 1."""
    if not term.words:
        return 0.0
    found = evidence([term], ranking.space.words)
    return float(found.values.max() * found.certainty[0])


def _cannot_bite(ranking: SingleSpaceRanking, leaf: int) -> bool:
    """Whether the rest of the query finds the same, no nearer to the minus than chance."""
    rest = ranking.without(leaf)
    if rest is None or not (rest.query.direction.weights > 0).any():
        return False
    best = np.array([row.position for row in rest.top_k(_FOUND)], np.intp)
    if not len(best) or {row.position for row in ranking.top_k(_FOUND)} != set(best.tolist()):
        return False
    found = ranking.space.rows_at(best)
    if isinstance(ranking.query.leaves[leaf], Keyword):
        return not ranking.similarities[leaf, found].any()
    space = ranking.space
    mean, deviation = space.background.of(ranking.query.vectors[[leaf]])
    nearest = (float(ranking.similarities[leaf, found].max()) - mean[0]) / deviation[0]
    # The largest of so many draws from a normal background.
    if nearest >= NormalDist().inv_cdf(1 - 1 / (len(found) + 1)):
        return False
    term = ranking.words[leaf]
    if not term.words:
        return True
    said = evidence([term], space.words).values[0, found]
    return bool(said.max() < _MINUS_SAID)


def _best_percentile(ranking: SingleSpaceRanking) -> float | None:
    """The percentile of the best score, which a later page of the answer does not show."""
    found = ranking.percentiles(np.array([row.score for row in ranking.top_k(1)]))
    return None if found is None or not len(found) else float(found[0])


def _drifted(ranking: SingleSpaceRanking, percentile: float) -> bool:
    """Whether the best score of several terms is what the background scores too."""
    if len(ranking.query.leaves) < 2:
        return False
    least = _DRIFTED_COSINE if ranking.scores_are_cosines else _DRIFTED
    return bool((ranking.query.direction.weights > 0).any()) and percentile < least
