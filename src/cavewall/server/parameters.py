"""What may be asked: each parameter once, under a name that is known, within its bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from cavewall.server.problems import ProblemError

__all__ = ["MAX_K", "BoundedText", "Question", "ReasonsQuestion", "Version", "only"]

MAX_K = 1000
# Longer than any expression or filter may be: those say it in a better sentence, with a column.
_TEXT = 16_384

BoundedText = Annotated[str, Field(max_length=_TEXT)]
Version = Annotated[int, Field(ge=1, le=2**53)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Question(BaseModel):
    """What `GET` takes in the query and `POST` in its body."""

    model_config = ConfigDict(extra="forbid")

    q: BoundedText = Field(
        description="The expression. A `+` in an address is written `%2B`.",
        examples=["dog running through sand - dog + human"],
    )
    k: int = Field(10, ge=1, le=MAX_K, description="How many pictures.")
    rule: BoundedText | None = Field(
        None, description="How terms combine. Default: the best measured."
    )
    where: BoundedText | None = Field(
        None, description="Only pictures of which it is true.", examples=["year >= 2019"]
    )
    offset: int | None = Field(
        None, ge=0, le=1_000_000, description="How many of the best to pass over."
    )
    version: Version | None = Field(
        None, description="A version of the wall. Default: the one that is ready."
    )
    literal: bool = Field(False, description="Take `q` as one text, signs and all.")
    advice: bool = Field(True, description="Say what may be wrong with the query: half the time.")
    explain: bool = Field(False, description="Say why, term by term and without each term.")
    diverse: _Share | None = Field(None, description="How much difference counts against score.")
    dedupe: bool = Field(False, description="Leave out what looks like a better hit.")
    group_by: BoundedText | None = Field(None, description="Show the best picture of each value.")
    include_inputs: bool = Field(False, description="Let `like()` pictures answer too.")
    min_percentile: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = Field(
        None, description="Leave out hits that score above less of the wall's background."
    )


class ReasonsQuestion(Question):
    """The same, of one picture or of all hits."""

    image_id: BoundedText | None = Field(None, description="The picture whose reasons are wanted.")


def only(*names: str, many: tuple[str, ...] = ()) -> Callable[[Request], None]:
    """A check that the query has these parameters alone, each once but for those of `many`."""
    names = (*names, *many)
    known = frozenset(names)

    def check(request: Request) -> None:
        given = Counter(name for name, _ in request.query_params.multi_items())
        for name, times in given.items():
            if name not in known:
                takes = f"there are {', '.join(names)}" if names else "this address takes none"
                raise ProblemError(422, f"there is no parameter {name!r}: {takes}")
            if times > 1 and name not in many:
                raise ProblemError(
                    422, f"the parameter {name!r} is there {times} times: once is it"
                )

    return check
