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
from cavewall.search.hybrid import HybridRanking
from cavewall.search.ranking import SingleSpaceRanking

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


def advise(
    inquiry: SingleSpaceRanking | HybridRanking, percentile: float | None
) -> tuple[str, ...]:
    """What to tell who asked: `percentile` is that of the best score.

    Of a wall with two spaces, what captions alone tell of a term is no advice.
    """
    if isinstance(inquiry, SingleSpaceRanking) and inquiry.version.calibrated:
        return tuple(_sentences(inquiry, percentile))
    return tuple(sentence for part in inquiry.parts[:1] for sentence in _of_wording(part))


def _sentences(inquiry: SingleSpaceRanking, percentile: float | None) -> Iterator[str]:
    yield from _of_wording(inquiry)
    yield from _of_terms(inquiry, percentile)


def _of_wording(inquiry: SingleSpaceRanking) -> Iterator[str]:
    rewritten = without_negation(inquiry.expression)
    if rewritten is not inquiry.expression:
        yield (
            f"`{_clip(inquiry.expression)}` says in words what should not be there, which is "
            f"hardly heard: write `{_clip(rewritten)}`, or add --apply-negation"
        )
    yield from _of_conditions(inquiry)
    yield from _of_keywords(inquiry)


def _of_terms(inquiry: SingleSpaceRanking, percentile: float | None) -> Iterator[str]:
    if len(inquiry.version.snapshot.ids) < _FEW:
        return
    missing = [at for at in range(len(inquiry.query.leaves)) if _matches_nothing(inquiry, at)]
    for at in missing:
        yield (
            f"`{_clip(inquiry.query.leaves[at])}` matches nothing on this wall: its best picture "
            "is no nearer than chance. Use another word for it, or leave it out"
        )
    for at, weight in enumerate(inquiry.query.direction.weights):
        if weight < 0 and at not in missing and _cannot_bite(inquiry, at):
            yield (
                f"`- {_clip(inquiry.query.leaves[at])}` takes nothing away: the rest of the query "
                "finds the same pictures, and they do not show it. It can be left out"
            )
    if not missing and _drifted(inquiry, percentile):
        yield (
            f"`{_clip(inquiry.expression)}` has drifted off the pictures: even the best of them "
            f"scores only above {percentile:.0f} % of the background. Drop a term or lower its "
            "weight, as in `0.5 * term`"
        )


def _of_conditions(inquiry: SingleSpaceRanking) -> Iterator[str]:
    """What no caption holds, and so keeps everyone away or no one."""
    for sign, condition in inquiry.expression.conditions:
        index = inquiry.version.caption_index
        wanted = term_patterns(condition.text)
        if index.match_phrase(wanted).any():
            continue
        effect = "and nothing answers" if sign > 0 else "and it keeps nothing away"
        unsaid = [each for each in wanted if not index.document_share(each)]
        if unsaid:
            yield f"`{_clip(condition)}`: {_unsaid(unsaid, inquiry)}, {effect}"
        else:
            yield (
                f"`{_clip(condition)}`: no caption has these words one after another, {effect}. "
                "Write a has() for each word, or keyword()"
            )


def _of_keywords(inquiry: SingleSpaceRanking) -> Iterator[str]:
    """Words that no caption has, or nearly every picture."""
    for leaf in inquiry.query.leaves:
        if not isinstance(leaf, Keyword):
            continue
        index = inquiry.version.caption_index
        shares = {each: index.document_share(each) for each in term_patterns(leaf.text)}
        unsaid = [each for each, share in shares.items() if not share]
        if unsaid:
            yield f"`{_clip(leaf)}`: {_unsaid(unsaid, inquiry)}"
        elif min(shares.values()) > _USUAL and len(inquiry.version.snapshot.ids) >= _FEW:
            yield (
                f"`{_clip(leaf)}` tells pictures hardly apart: {100 * min(shares.values()):.0f} % "
                "of them have it in their captions. Use a rarer word, or leave it out"
            )


def _unsaid(wanted: list[TermPattern], inquiry: SingleSpaceRanking) -> str:
    shown = " or ".join(f"`{_clip(each)}`" for each in wanted[:_NAMED])
    alike = dict.fromkeys(
        word for each in wanted[:_NAMED] for word in inquiry.version.caption_index.suggest(each)
    )
    near = f" (they have {', '.join(f'`{word}`' for word in alike)})" if alike else ""
    return f"no caption says {shown}{near}"


def _clip(value: object) -> str:
    return truncate(str(value), _SHOWN)


def _matches_nothing(inquiry: SingleSpaceRanking, leaf: int) -> bool:
    """Whether a text's best picture is within the background, and no caption says it."""
    term = inquiry.query.leaves[leaf]
    if not isinstance(term, Text):
        return False
    searchable = inquiry.version
    mean, deviation = searchable.background.between_pictures
    distance = (float(inquiry.similarities[leaf].max()) - mean) / deviation
    if distance >= _FAR:
        return False
    words = term_patterns(term.text)
    if words and searchable.caption_index.match_phrase(words).any():
        return False  # one caption of five is little evidence, and no reason to call it missing
    return _said(inquiry.words[leaf], inquiry) < (_SAID if distance < _NEAR else _HARDLY)


def _said(term: TermWords, inquiry: SingleSpaceRanking) -> float:
    """How far any picture's captions say a term, 0 to 1."""
    if not term.words:
        return 0.0
    found = evidence([term], inquiry.version.words)
    return float(found.values.max() * found.certainty[0])


def _cannot_bite(inquiry: SingleSpaceRanking, leaf: int) -> bool:
    """Whether the rest of the query finds the same, no nearer to the minus than chance."""
    rest = inquiry.without(leaf)
    if rest is None or not (rest.query.direction.weights > 0).any():
        return False
    found = np.array([place.position for place in rest.top_k(_FOUND)], np.intp)
    if not len(found) or {place.position for place in inquiry.top_k(_FOUND)} != set(found.tolist()):
        return False
    if isinstance(inquiry.query.leaves[leaf], Keyword):
        return not inquiry.similarities[leaf, found].any()
    searchable = inquiry.version
    mean, deviation = searchable.background.of(inquiry.query.vectors[[leaf]])
    nearest = (float(inquiry.similarities[leaf, found].max()) - mean[0]) / deviation[0]
    # The largest of so many draws from a normal background.
    if nearest >= NormalDist().inv_cdf(1 - 1 / (len(found) + 1)):
        return False
    term = inquiry.words[leaf]
    if not term.words:
        return True
    said = evidence([term], searchable.words).values[0, found]
    return bool(said.max() < _MINUS_SAID)


def _drifted(inquiry: SingleSpaceRanking, percentile: float | None) -> bool:
    """Whether the best score of several terms is what the background scores too."""
    if percentile is None or len(inquiry.query.leaves) < 2:
        return False
    least = _DRIFTED_COSINE if inquiry.scores_are_cosines else _DRIFTED
    return bool((inquiry.query.direction.weights > 0).any()) and percentile < least
