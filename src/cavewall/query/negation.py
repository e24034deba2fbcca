"""Negation written in words, turned into minus terms.

Embeddings largely ignore *no* and *without*: a dog without a leash is encoded next to dogs on a
leash. Detected are `no`, `not`, `without`, `except` and `excluding`; the words after them, up to a
comma or a preposition, become a term of their own. Not rewritten: set phrases (`no longer`,
`no one`, `no parking`), words in -less (encoders know `shirtless`), and titles, which are
recognised by their capitals: `Gone Without a Trace`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cavewall.query import Expression, Function, Sum, TermRef, Text
from cavewall.query.values import weighted_sum

__all__ = ["without_negation"]

_NEGATION = re.compile(
    r"(?P<joint>(?:\s*,)?(?:\s+(?:but|and|with|that|which|who|has|have|having|is|are))*)\s*"
    r"\b(?P<word>no|not|without|except(?:\s+for)?|excluding)\s+(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_PHRASES = re.compile(
    r"no (?:longer|one|matter|doubt|more|less|idea|way|parking|smoking|entry|exit|trespassing|"
    r"swimming|fishing|man's|\d)|not (?:only|just|yet|far|very|quite|too|so|much|many|long|at)\b|"
    r"without (?:a )?doubt",
    re.IGNORECASE,
)
_PREPOSITIONS = (
    "in|on|at|near|by|under|over|behind|beside|through|across|during|while|with|from|into|onto|"
    "against|around|next to|in front of|as|but|that|which|who"
)
_DETERMINERS = "an?|any|the|his|her|their|its|some|one"
_END = re.compile(
    rf"\s*[,;.]|\s+(?:{_PREPOSITIONS}|is|are|was|were)\s|\s+and\s+(?:{_DETERMINERS})\s",
    re.IGNORECASE,
)
_LEAD = re.compile(
    rf"(?:(?:{_PREPOSITIONS}|wearing|having)\s+)?(?:(?:{_DETERMINERS})\s+)*", re.IGNORECASE
)
_TRAIL = re.compile(rf"(?:\s+(?:{_PREPOSITIONS}))?[\s.,;!?]*$", re.IGNORECASE)
_DETERMINER = re.compile(_DETERMINERS, re.IGNORECASE)
_QUOTES = ('"', "'", "“", "‘", "«", "`")
_OR = re.compile(r"\s*,?\s+(?:or|nor|and)\s+(?:no\s+)?|\s*,\s*(?:or|nor)\s+", re.IGNORECASE)


def without_negation(expression: Expression) -> Expression:
    """The expression with written negation as minus terms; the same object if there is none."""
    match expression:
        case Text(text):
            terms = _split(text)
            return weighted_sum(terms) if terms else expression
        case Sum(terms=parts):
            changed = [(weight, without_negation(part)) for weight, part in parts]
            if all(new is old for (_, new), (_, old) in zip(changed, parts, strict=True)):
                return expression
            return weighted_sum(_flat(changed))
        case Function(arguments=arguments):
            new = tuple(without_negation(argument) for argument in arguments)
            same = all(a is b for a, b in zip(new, arguments, strict=True))
            return expression if same else replace(expression, arguments=new)
        case TermRef(meaning=Expression() as meaning):
            negated = without_negation(meaning)
            return expression if negated is meaning else negated
    return expression


def _flat(terms: list[tuple[float, Expression]]) -> list[tuple[float, Expression]]:
    """Splice a plain plus term that became a sum into the outer sum."""
    flat: list[tuple[float, Expression]] = []
    for weight, part in terms:
        flat += part.terms if weight == 1 and isinstance(part, Sum) else [(weight, part)]
    return flat


def _split(text: str) -> list[tuple[float, Expression]]:
    """The plus term and the minus terms of a text; empty if nothing is negated."""
    found = _NEGATION.search(text)
    if found is None or _is_title(found) or _PHRASES.match(text[found.start("word") :]):
        return []
    if text[: found.start("word")].rstrip().endswith(_QUOTES):
        return []  # the quoted text of a sign
    rest = found["rest"][_length(_LEAD, found["rest"]) :]
    end = _END.search(rest)
    negated, after = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    pieces = [_TRAIL.sub("", piece[_length(_LEAD, piece) :]) for piece in _OR.split(negated)]
    after = re.sub(r"^but\s+", "", after.strip(" ,;"))
    head = f"{text[: found.start()]} {after}".strip(" ,;.")
    if not all(pieces) or any(_DETERMINER.fullmatch(piece) for piece in pieces):
        return []
    minus: list[tuple[float, Expression]] = [(-1.0, Text(piece)) for piece in pieces]
    if not head:
        return minus
    # The rest may contain a further negation.
    return [*(_split(head) or [(1.0, Text(head))]), *minus]


def _length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return 0 if found is None else found.end()


def _is_title(found: re.Match[str]) -> bool:
    """`Gone Without a Trace` and `No Country for Old Men`, but not `No dogs`."""
    if not found["word"][0].isupper() or found["word"].isupper():
        return False
    return found.start("word") > 0 or found["rest"][0].isupper()
