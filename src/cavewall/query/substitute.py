"""Replacing terms inside an expression: saved terms by what they mean, pictures by other terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from cavewall.errors import ExpressionError, InputError
from cavewall.query.values import MAX_DEPTH, Expression, Function, Image, Leaf, Sum, TermRef

__all__ = ["substitute", "with_images"]


def with_images(expression: Expression, found: Mapping[Image, Leaf]) -> Expression:
    """The expression with its `image()` terms replaced; those not in `found` stay as they are."""
    match expression:
        case Image():
            return found.get(expression, expression)
        case Sum(terms):
            return Sum(tuple((weight, with_images(part, found)) for weight, part in terms))
        case Function(arguments=arguments):
            inside = tuple(with_images(each, found) for each in arguments)
            return replace(expression, arguments=inside)
        case TermRef(meaning=Expression() as meaning):
            return replace(expression, meaning=with_images(meaning, found))
    return expression


def substitute(expression: Expression, meaning_of: Callable[[str], Expression]) -> Expression:
    """The expression with the meaning of every `@name` filled in, recursively; it prints the same.

    `meaning_of` looks a name up, once per name; the result may name other saved terms.

    Raises:
        InputError: from `meaning_of`, or a name refers to itself.
        ExpressionError: the result exceeds the limits of an expression.
    """
    if not any(isinstance(leaf, TermRef) for leaf in expression.leaves()):
        return expression
    try:
        return _Substitution(meaning_of).of(expression, 0)
    except ExpressionError as fault:
        raise ExpressionError(f"`{expression}` with what it names: {fault}") from fault


class _Substitution:
    def __init__(self, meaning_of: Callable[[str], Expression]) -> None:
        self._meaning_of = meaning_of
        self._done: dict[str, TermRef] = {}
        self._open: list[str] = []

    def of(self, expression: Expression, depth: int) -> Expression:
        match expression:
            case TermRef(name, None):
                return self._term(name, depth + 1)
            case Sum(terms):
                return Sum(
                    tuple(
                        (weight, self.of(part, depth + isinstance(part, Sum)))
                        for weight, part in terms
                    )
                )
            case Function(arguments=arguments):
                inside = tuple(self.of(argument, depth + 1) for argument in arguments)
                return replace(expression, arguments=inside)
        return expression

    def _term(self, name: str, depth: int) -> TermRef:
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            raise InputError(
                f"@{name} stands for itself ({' → '.join(f'@{each}' for each in circle)}): save "
                "one of these as something else"
            )
        if depth > MAX_DEPTH:
            # Checked here, because a long chain of names would overflow Python's own stack.
            raise ExpressionError(f"nested deeper than the {MAX_DEPTH} levels allowed")
        if name not in self._done:
            meaning = self._look_up(name)
            self._open.append(name)
            self._done[name] = TermRef(name, self.of(meaning, depth))
            self._open.pop()
        return self._done[name]

    def _look_up(self, name: str) -> Expression:
        try:
            return self._meaning_of(name)
        except InputError as fault:
            if not self._open:
                raise
            raise InputError(f"in @{self._open[-1]}: {fault}") from fault
