"""Expressions from stdin, one per line: `cavewall search -`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

from cavewall.cli.output.console import print_fault, print_stderr
from cavewall.errors import EncoderMismatchError, FilterError, InputError

__all__ = ["STDIN", "answer_lines"]

STDIN = "-"
# More bytes than the longest expression in any script.
_LONGEST = 32_768


def answer_lines(answer: Callable[[str, int], None]) -> bool:
    """Call `answer` with each line of stdin and its number; errors are printed per line.

    Returns whether there were no errors.
    """
    if sys.stdin.isatty():
        print_stderr("an expression a line; ctrl-D ends")
    faulty = 0
    for number, line in _lines(sys.stdin.buffer):
        try:
            answer(line, number)
        except (FilterError, EncoderMismatchError):
            raise  # the same for every line
        except InputError as fault:
            print_fault(fault, f"line {number}: ")
            faulty += 1
        sys.stdout.flush()
    return not faulty


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The non-blank lines as they arrive, with their numbers from 1."""
    number = 0
    while line := stream.readline(_LONGEST):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(_LONGEST)
        # Invalid UTF-8 is kept, so that the parser reports it for this line only.
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape").strip()
        if text:
            yield number, text
