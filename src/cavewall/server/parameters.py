"""What may be asked: each parameter once, under a name that is known, within its bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from cavewall.query import Expression
from cavewall.query.filters import Filter
from cavewall.query.map_area import Area
from cavewall.search.request import SearchRequest
from cavewall.server.problems import ProblemError

__all__ = ["MAX_K", "BoundedText", "LayoutName", "Question", "ReasonsQuestion", "Version", "only"]

MAX_K = 1000
# Longer than any expression or filter may be: those say it in a better sentence, with a column.
_TEXT = 16_384

BoundedText = Annotated[str, Field(max_length=_TEXT)]
Version = Annotated[int, Field(ge=1, le=2**53)]
LayoutName = Literal["pca", "umap"]
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
    space: Literal["caption", "image", "both"] | None = Field(
        None,
        description="By what is said of pictures, or by what they show. Default: all there is.",
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
    area: BoundedText | None = Field(
        None,
        description="Only pictures in this polygon on the map: `x1,y1,x2,y2,…`.",
        examples=["-1,-1,0,-1,0,1"],
    )
    layout: LayoutName = Field("pca", description="Of which map the area is a part.")
    min_percentile: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = Field(
        None, description="Leave out hits that score above less of the wall's background."
    )

    def request(
        self, expression: Expression, where: Filter | None, version: int | None
    ) -> SearchRequest:
        """The request of that expression and filter; raises InputError."""
        named = self.area is not None
        return SearchRequest(
            expression,
            self.k,
            self.rule,
            where,
            self.space,
            self.offset,
            version,
            self.diverse,
            self.dedupe,
            self.group_by,
            self.include_inputs,
            min_percentile=self.min_percentile,
            area=Area.from_text(self.area or "", self.layout) if named else None,
            explain=self.explain,
            thumbnails=False,
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
