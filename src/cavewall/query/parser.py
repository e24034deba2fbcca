"""Parser of the expression language.

    expression := ["+"|"-"] factor (("+"|"-") ["+"|"-"] factor)*
    factor     := [NUMBER "*"] atom
    atom       := bare text | "quoted text" | "(" expression ")" | function "(" arguments ")"
                | "@" name

`has("…")`, a condition on the whole, is an atom without a weight, outside brackets and functions.

Signs are operators only between white space (or right after a bracket or quote), so that
`t-shirt`, `pre- and post-war` and `C++` are texts. Ambiguous input is never guessed at: the error
shows both readings.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from cavewall.errors import ExpressionError
from cavewall.query.values import (
    ARITY,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_WEIGHT,
    Expression,
    Function,
    Image,
    Keyword,
    Like,
    MustContain,
    TermRef,
    Text,
    check_terms,
    weighted_sum,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["parse", "parse_list", "parse_term", "quoted"]

_SIGNS = "+-−"
# Possessive quantifiers: a long number that is not a weight is scanned once, not once per digit.
_WEIGHT = re.compile(r"((?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+)\s*+\*")
_AUTO = re.compile(r"auto\s*\*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"([^\W\d]\w*)(\s*)\(")
# Functions of one quoted string.
_STRINGS: dict[str, Callable[[str], Expression]] = {
    "image": Image,
    "like": Like,
    "keyword": Keyword,
    "has": MustContain,
}
_FUNCTIONS = (*_STRINGS, *ARITY)
# The part of a term that an error shows: its weight, then a quoted text, a word or a function name.
_SHOWN = re.compile(r'((?:[0-9.]+\s*\*\s*)?(?:"(?:\\.|[^"\\])*"|[^\s()]*))(\(?)')


def parse(source: str) -> Expression:
    """Parse an expression.

    Raises:
        ExpressionError: with the column of the fault and what was expected there.
    """
    _check_length(source, "an expression")
    if not source.strip():
        raise ExpressionError("the expression is empty: write what to look for", source, 1)
    parser = _Parser(source)
    expression = parser.expression()
    parser.expect_end()
    with parser.located(len(source) - len(source.lstrip())):
        check_terms(expression)
    return expression


def parse_list(source: str) -> tuple[Expression, ...]:
    """Parse expressions separated by commas; each may consist of conditions alone.

    Raises:
        ExpressionError: with the column of the fault and what was expected there.
    """
    _check_length(source, "a list")
    if not source.strip():
        raise ExpressionError("the list is empty: write `dog, cat, horse`", source, 1)
    parser = _Parser(source)
    parser.functions = 1
    found = [parser.expression()]
    while parser.comma():
        found.append(parser.expression())
    parser.expect_end()
    return tuple(found)


def quoted(text: str) -> str:
    """The text in double quotes, with `"` and `\\` escaped; the inverse of `quoted_text`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _check_length(source: str, what: str) -> None:
    if len(source) > MAX_CHARACTERS:
        raise ExpressionError(
            f"{what} of {len(source):,} characters is longer than the {MAX_CHARACTERS:,} allowed",
            source,
            MAX_CHARACTERS + 1,
        )


def parse_term(source: str, in_function: bool) -> Expression:
    """Parse a text that is a single factor, inside a function or not."""
    parser = _Parser(source)
    parser.functions = int(in_function)
    expression = parser.factor()
    parser.expect_end()
    return expression


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        self.functions = 0  # open function brackets, inside which commas separate

    # The grammar, one method per rule.

    def expression(self) -> Expression:
        self.skip_space()
        start = self.at
        terms = [(self.sign(), self.factor())]
        while (operator := self.operator()) is not None:
            sign = operator * self.sign()
            terms.append((sign, self.factor()))
        with self.located(start):
            return weighted_sum(terms)

    def factor(self) -> Expression:
        self.skip_space()
        start = self.at
        if _AUTO.match(self.source, start):
            self.fail("auto is reserved for a later version: quote the text instead")
        match = _WEIGHT.match(self.source, start)
        if match is None:
            return self.atom()
        weight = float(match[1])
        if not weight <= MAX_WEIGHT:
            self.fail(f"a weight of {match[1]} is larger than the {MAX_WEIGHT:,.0f} allowed", start)
        self.at = match.end()
        atom = self.atom()
        if isinstance(atom, MustContain):
            self.fail(f"{atom} is a condition and takes no weight: write + or - before it", start)
        with self.located(start):
            return weighted_sum([(weight, atom)])

    def atom(self) -> Expression:
        self.skip_space()
        character = self.source[self.at : self.at + 1]
        if character == '"':
            return self.quoted_text()
        if character == "(":
            return self.bracket()
        if character == "@":
            return self.saved()
        name = _NAME.match(self.source, self.at)
        if name is not None and not name[2] and name[1] in _FUNCTIONS:
            return self.function(name[1])
        if name is not None and (not name[2] or name[1] in _FUNCTIONS):
            self.fail_name(name[1], bool(name[2]))
        return self.bare_text()

    def saved(self) -> Expression:
        """`@name`, a factor of its own: a text that begins with @ has to be quoted."""
        start = self.at
        ends = re.compile(r"[\s(),]" if self.functions else r"[\s()]")
        found = ends.search(self.source, start)
        self.at = len(self.source) if found is None else found.start()
        try:
            named = TermRef(self.source[start + 1 : self.at])
        except ExpressionError as fault:
            self.fail_saved(fault.message, start)
        self.skip_space()
        after = self.source[self.at : self.at + 1]
        if after == "*":
            self.fail_star()
        if after not in _SIGNS + ")" and not (after == "," and self.functions):
            self.fail_saved(f"expected + or - after {named}", start)
        return named

    def bracket(self) -> Expression:
        opening = self.at
        self.open()
        inner = self.expression()
        self.close(opening, "+, - or )")
        return inner

    def function(self, name: str) -> Expression:
        start = self.at
        if name == "has" and self.depth:
            where = "inside a function" if self.functions else "in brackets"
            self.fail(
                f"has() is a condition for the whole expression and stands at its top level, "
                f'not {where}: write `… + has("…")` at the end'
            )
        self.at += len(name)
        opening = self.at
        self.open()
        self.functions += 1
        result = self.leaf(name) if name in _STRINGS else self.call(name, start)
        self.functions -= 1
        self.close(opening, ")")
        return result

    def leaf(self, name: str) -> Expression:
        self.skip_space()
        if self.source[self.at : self.at + 1] != '"':
            inside = self.source[self.at :].partition(")")[0].strip() or "…"
            self.fail(f'{name} takes one quoted string: {name}("{inside}")', self.at)
        start = self.at
        value = self.string()
        self.skip_space()
        if self.source[self.at : self.at + 1] not in (")", ""):
            self.fail(f'{name} takes one quoted string and nothing else: {name}("…")', self.at)
        with self.located(start):
            return _STRINGS[name](value)

    def call(self, name: str, start: int) -> Expression:
        expected = ARITY[name]
        arguments = [self.expression()]
        number: float | None = None
        while self.comma():
            if name == "slerp" and len(arguments) == expected:
                number = self.number()
                break
            arguments.append(self.expression())
        if name == "slerp" and number is None:
            self.fail("slerp takes two expressions and a number from 0 to 1: slerp(a, b, 0.5)")
        with self.located(start):
            return Function(name, tuple(arguments), number)

    def number(self) -> float:
        self.skip_space()
        match = _NUMBER.match(self.source, self.at)
        if match is None:
            self.fail("expected a number from 0 to 1: slerp(a, b, 0.5)")
        number = float(match[0])
        if not 0.0 <= number <= 1.0:
            self.fail(f"slerp() goes from 0 to 1, not to {match[0]}: slerp(a, b, 0.5)")
        self.at = match.end()
        return number

    # Texts.

    def bare_text(self) -> Text:
        start = self.at
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == ")" and self.depth:
                break
            if character == "," and self.functions:
                break
            if character in "()":
                self.fail_bracket(start)
            if character in _SIGNS and self.is_operator(start):
                break
            if character == "*" and self.spaced_before(start) and self.spaced_after():
                self.fail_star()
            self.at += 1
        words = " ".join(self.source[start : self.at].split())
        if not words:
            self.fail("expected a term: a text, a quoted text, a bracket or a function", start)
        with self.located(start):
            return Text(words)

    def quoted_text(self) -> Text:
        start = self.at
        value = self.string()
        with self.located(start):
            return Text(value)

    def string(self) -> str:
        opening = self.at
        self.at += 1
        characters: list[str] = []
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == '"':
                self.at += 1
                return "".join(characters)
            if character == "\\" and self.source[self.at + 1 : self.at + 2] in ('"', "\\"):
                self.at += 1
                character = self.source[self.at]
            characters.append(character)
            self.at += 1
        self.fail('this quote is never closed: add " where the text ends', opening)

    # Signs and the white space around them.

    def operator(self) -> float | None:
        """The sign after a factor, or None at the end of the expression."""
        after = self.at
        self.skip_space()
        character = self.source[self.at : self.at + 1]
        if character in ("", ")") or (character == "," and self.functions):
            return None
        closing = self.source[after - 1]
        if character in _SIGNS and ((self.at == after and closing in ')"') or self.is_operator(0)):
            self.at += 1
            return 1.0 if character == "+" else -1.0
        self.fail(f"expected + or - after the closing {'bracket' if closing == ')' else 'quote'}")

    def sign(self) -> float:
        """The sign before a factor, 1 if there is none."""
        self.skip_space()
        character = self.source[self.at : self.at + 1]
        if character and character in _SIGNS and self.is_operator(self.at):
            self.at += 1
            return 1.0 if character == "+" else -1.0
        return 1.0

    def is_operator(self, start: int) -> bool:
        """Whether the sign here is an operator; `start` is where its text begins."""
        if not self.spaced_before(start):
            return False
        if self.spaced_after():
            return True
        sign = self.source[self.at]
        left = " ".join(self.source[start : self.at].split())
        right = _SHOWN.match(self.source[self.at + 1 :].lstrip(_SIGNS).lstrip())
        term = "" if right is None else right[1].rstrip(",") + ("(…)" if right[2] else "")
        spaced = f"{left} {sign} {term}".strip()
        self.fail(f"white space before {sign} but none after: write `{spaced}` or quote it")

    def spaced_before(self, start: int) -> bool:
        if self.at in (start, 0):
            return True
        before = self.source[self.at - 1]
        return before.isspace() or before in "()" or (before == "," and self.functions > 0)

    def spaced_after(self) -> bool:
        after = self.source[self.at + 1 : self.at + 2]
        return (
            after == "" or after.isspace() or after in "()" or (after == "," and self.functions > 0)
        )

    # Brackets and commas.

    def open(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested deeper than the {MAX_DEPTH} levels allowed")
        self.at += 1

    def close(self, opening: int, expected: str) -> None:
        self.skip_space()
        if self.at >= len(self.source):
            self.fail("this bracket is never closed: add )", opening)
        if self.source[self.at] != ")":
            self.fail(f"expected {expected}")
        self.depth -= 1
        self.at += 1

    def comma(self) -> bool:
        self.skip_space()
        if self.source[self.at : self.at + 1] != ",":
            return False
        self.at += 1
        return True

    def skip_space(self) -> None:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1

    def expect_end(self) -> None:
        self.skip_space()
        if self.at < len(self.source):
            if self.source[self.at] == ")":
                self.fail("this bracket closes nothing: remove it, or quote the text")
            self.fail("expected the end of the expression")

    # Errors.

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise ExpressionError(message, self.source, (self.at if at is None else at) + 1)

    def fail_name(self, name: str, spaced: bool) -> NoReturn:
        if spaced:
            self.fail(f'a function touches its bracket: write `{name}(…)`, or quote "{name} (…)"')
        known = ", ".join(sorted(_FUNCTIONS))
        self.fail(f'there is no function {name}; there are {known}. As a text, quote "{name}(…)"')

    def fail_bracket(self, start: int) -> NoReturn:
        rest = self.source[self.at :]
        end = rest.find(")") if rest.startswith("(") else -1
        phrase = " ".join(self.source[start : self.at + end + 1 if end >= 0 else None].split())
        if not phrase or phrase.startswith(")"):
            self.fail("this bracket closes nothing: remove it, or quote the text")
        self.fail(f"a bracket inside text: write {quoted(phrase)} with quotes, or + or - before it")

    def fail_saved(self, message: str, start: int) -> NoReturn:
        self.at = start
        try:
            phrase = self.bare_text().text
        except ExpressionError:
            phrase = "@…"
        self.fail(f"{message}. A text that begins with @ is quoted: {quoted(phrase)}", start)

    def fail_star(self) -> NoReturn:
        self.fail("a weight is a number at the start of a term: write `2 * dog`, or quote the text")

    @contextmanager
    def located(self, start: int) -> Iterator[None]:
        """Give errors of the values themselves the column where the value began."""
        try:
            yield
        except ExpressionError as fault:
            self.fail(fault.message, start)
