"""From names to what they stand for: the saved terms in an expression get their meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cavewall.errors import ExpressionError, InputError
from cavewall.query.values import MAX_DEPTH, Expression, Function, Sum, TermRef

__all__ = ["substitute"]


def substitute(expression: Expression, meaning_of: Callable[[str], Expression]) -> Expression:
    """The expression in which every `@name` has its meaning, however deep; it prints the same.

    `meaning_of` says what a name stands for, which may name others, and is asked once for each.

    Raises:
        InputError: `meaning_of` raises it, or a name stands for itself.
        ExpressionError: what it comes to is larger than an expression may be.
    """
    if not any(isinstance(leaf, TermRef) for leaf in expression.leaves()):
        return expression
    try:
        return _Resolving(meaning_of).of(expression, 0)
    except ExpressionError as fault:
        raise ExpressionError(f"`{expression}` with what it names: {fault}") from fault


class _Resolving:
    def __init__(self, meaning_of: Callable[[str], Expression]) -> None:
        self._meaning_of = meaning_of
        self._known: dict[str, TermRef] = {}
        self._open: list[str] = []

    def of(self, expression: Expression, depth: int) -> Expression:
        match expression:
            case TermRef(name, None):
                return self._saved(name, depth + 1)
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

    def _saved(self, name: str, depth: int) -> TermRef:
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            raise InputError(
                f"@{name} stands for itself ({' → '.join(f'@{each}' for each in circle)}): save "
                "one of these as something else"
            )
        if depth > MAX_DEPTH:
            # Told before Python's own stack is: what is saved can name what is saved, and so on.
            raise ExpressionError(f"nested deeper than the {MAX_DEPTH} levels allowed")
        if name not in self._known:
            meaning = self._asked(name)
            self._open.append(name)
            self._known[name] = TermRef(name, self.of(meaning, depth))
            self._open.pop()
        return self._known[name]

    def _asked(self, name: str) -> Expression:
        try:
            return self._meaning_of(name)
        except InputError as fault:
            if not self._open:
                raise
            raise InputError(f"in @{self._open[-1]}: {fault}") from fault
