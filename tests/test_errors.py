"""The exception tree, as its page draws it."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from cavewall import errors
from cavewall.errors import (
    CavewallError,
    ExpressionError,
    FilterError,
    InputError,
    OperationalError,
)


def drawn() -> dict[str, str]:
    """Class to parent, read off the drawing in the docstring."""
    parents: dict[str, str] = {}
    branch: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([│ ├└─]*)(\w+)", line)
        if found and found[2] in errors.__all__:
            branch[len(found[1]) // 4 :] = [found[2]]
            parents[found[2]] = branch[-2] if len(branch) > 1 else "Exception"
    return parents


def test_the_drawing_is_the_tree() -> None:
    real = {name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__}
    assert drawn() == real


def test_every_class_of_the_module_is_public() -> None:
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert classes == set(errors.__all__)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_can_be_caught_as_one(name: str) -> None:
    assert issubclass(getattr(errors, name), CavewallError)


def test_the_callers_mistakes_are_value_errors_and_the_environments_are_not() -> None:
    assert issubclass(InputError, ValueError)
    assert not issubclass(OperationalError, ValueError)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_says_what_it_is_about(name: str) -> None:
    assert getattr(errors, name).__doc__
    assert str(getattr(errors, name)("what and where")) == "what and where"


LOCATED = pytest.mark.parametrize("kind", [ExpressionError, FilterError])


@LOCATED
def test_an_error_of_a_text_tells_its_column(kind: type[ExpressionError | FilterError]) -> None:
    error = kind("expected a term", "dog -", 6)
    assert str(error) == "column 6: expected a term"
    assert (error.message, error.source, error.column) == ("expected a term", "dog -", 6)


@LOCATED
def test_an_error_of_a_value_has_no_column(kind: type[ExpressionError | FilterError]) -> None:
    error = kind("too deep")
    assert str(error) == "too deep"
    assert (error.message, error.source, error.column) == ("too deep", None, None)


@LOCATED
def test_such_an_error_survives_a_process_boundary(
    kind: type[ExpressionError | FilterError],
) -> None:
    error = kind("expected a term", "dog -", 6)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert str(other) == str(error)
        assert vars(other) == vars(error)
