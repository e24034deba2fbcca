"""The values of the public API: pictures, rejects, reports, hits."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, overload

from cavewall._internal.cache import cached_property
from cavewall._internal.object_store import AnyPath
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.query.map_area import Area
    from cavewall.search.explanation import Explanation, HitExplanation

__all__ = [
    "AddReport",
    "Contribution",
    "Hit",
    "Hits",
    "Notice",
    "Picture",
    "Reject",
]

# Callbacks of long operations, called with (done, total), or with (stage, share from 0 to 1).


@dataclass(frozen=True)
class Picture:
    """A picture and its captions.

    Sources yield the first five fields; `image` holds the bytes, `path` the file or object to read
    them from. A picture read from a wall has the other fields too.
    """

    image_id: str
    captions: tuple[str, ...] = ()
    path: AnyPath | None = None
    image: bytes | None = field(default=None, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    width: int | None = None
    height: int | None = None
    sha256: str | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    added_at: datetime | None = None


@dataclass(frozen=True)
class Reject:
    """A picture of a source that was skipped.

    `reason` begins with `missing`, `unreadable`, `outside`, `no-caption` or `duplicate`; `place`
    is its file, or its position in the source; `source` is set for rejects stored with a wall.
    """

    image_id: str
    reason: str
    place: str = ""
    source: str | None = None

    def to_dict(self) -> dict[str, Any]:
        found = {"image_id": self.image_id, "reason": self.reason, "place": self.place}
        return found if self.source is None else {**found, "source": self.source}


@dataclass(frozen=True)
class Notice:
    """A remark about a picture that was added, or about the whole source.

    `image_id` is empty if it is about the whole source.
    """

    image_id: str
    notice: str

    def to_dict(self) -> dict[str, Any]:
        return {"image_id": self.image_id, "notice": self.notice}


@dataclass(frozen=True)
class AddReport:
    """The result of one `add`. `skipped` lists every picture of the source that is not on the wall.

    `moved` pictures have another id or file than before, and are not counted as added. `vanished`
    ones came from this source before and are no longer in it: they are kept, or with `prune`
    deleted and counted as `removed`.
    """

    added: int
    updated: int
    unchanged: int
    skipped: tuple[Reject, ...]
    seconds: float
    notices: tuple[Notice, ...] = ()
    moved: int = 0
    vanished: int = 0
    removed: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": [
                {"image_id": reject.image_id, "reason": reject.reason} for reject in self.skipped
            ],
            "seconds": round(self.seconds, 3),
            "notices": [notice.to_dict() for notice in self.notices],
            "moved": self.moved,
            "vanished": self.vanished,
            "removed": self.removed,
        }


@dataclass(frozen=True)
class Contribution:
    """The contribution of one term of a query to the score of one hit.

    `space` is its vector space, `caption` or `image`, if both were searched.
    """

    term: str
    weight: float
    contribution: float
    space: str | None = None

    def to_dict(self) -> dict[str, Any]:
        found = {"term": self.term, "weight": self.weight, "contribution": self.contribution}
        return found if self.space is None else {**found, "space": self.space}


@dataclass(frozen=True)
class Hit:
    """One result of a search: the contributions of `terms` sum to `score`; higher is better.

    `percentile` is the share, 0 to 100, of the wall's background that scores lower: see
    `cavewall.search.calibration`. None if the wall is too small to have one. `width` and `height`
    are in pixels after orientation, None if unknown; `source` is the name of the source that it
    was added from.
    """

    image_id: str
    score: float
    captions: tuple[str, ...]
    path: str | None
    terms: tuple[Contribution, ...]
    thumbnail: bytes | None = field(default=None, repr=False, compare=False)
    percentile: float | None = None
    # Computes the explanation on demand; dropped by pickling.
    reasons: Callable[[], HitExplanation] | None = field(default=None, repr=False, compare=False)
    width: int | None = None
    height: int | None = None
    source: str | None = None

    def explain(self) -> HitExplanation:
        """Why this picture is among the hits; computed on demand.

        Raises:
            InputError: the hit was not made by a search, or was pickled since.
        """
        if self.reasons is None:
            raise InputError(f"the reasons of {self.image_id!r} are lost: search for it again")
        return self.reasons()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "reasons": None}

    def to_dict(self) -> dict[str, Any]:
        return {
            "image_id": self.image_id,
            "score": self.score,
            "captions": list(self.captions),
            "path": self.path,
            "terms": [term.to_dict() for term in self.terms],
            "percentile": self.percentile,
            "width": self.width,
            "height": self.height,
        }


@dataclass(frozen=True)
class Hits(Sequence[Hit]):
    """The answer to one search, best first. In a notebook it displays as a grid.

    `explanation` is set if the search requested it. `where` is the filter in normal form, `area`
    the region of the map, `offset` the rank, from 0, of the first hit, and `total` the number of
    candidates among the `pictures` of the wall. `spaces` are the vector spaces that were searched,
    with their weights, if the wall has more than one.
    """

    hits: tuple[Hit, ...]
    expression: str
    rule: str
    encoder: str
    version: int
    took_ms: float
    explanation: Explanation | None = None
    reasons: Callable[[], Explanation] | None = field(default=None, repr=False, compare=False)
    advised: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)
    where: str | None = None
    offset: int = 0
    total: int | None = None
    pictures: int | None = None
    spaces: Mapping[str, float] | None = None
    area: Area | None = None

    @cached_property
    def advice(self) -> tuple[str, ...]:
        """Possible problems of the query and what to do about them, in short sentences.

        Computed on first access.
        """
        return self.advised()

    def explain(self) -> Explanation:
        """The explanation of the answer; computed on demand.

        Raises:
            InputError: the answer was not made by a search, or was pickled since.
        """
        if self.explanation is not None:
            return self.explanation
        if self.reasons is None:
            raise InputError(f"the reasons of `{self.expression}` are lost: search for it again")
        return self.reasons()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "advice": self.advice, "reasons": None, "advised": tuple}

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_dict(self) -> dict[str, Any]:
        answer = {
            "expression": self.expression,
            "rule": self.rule,
            "encoder": self.encoder,
            "version": self.version,
            "where": self.where,
            "offset": self.offset,
            "total": self.total,
            "took_ms": round(self.took_ms, 3),
            "hits": [hit.to_dict() for hit in self.hits],
            "advice": list(self.advice),
        }
        if self.spaces is not None:
            answer["spaces"] = dict(self.spaces)
        if self.area is not None:
            answer["area"] = self.area.to_dict()
        if self.explanation is not None:
            answer["explanation"] = self.explanation.to_dict()
        return answer

    def _repr_html_(self) -> str:
        cards = "".join(_card(hit) for hit in self.hits)
        title = f"<b>{html.escape(self.expression)}</b> · rule {html.escape(self.rule)}"
        return (
            f'<div style="font-family:sans-serif"><p>{title}</p>'
            f'<div style="display:flex;flex-wrap:wrap;gap:12px">{cards}</div></div>'
        )


def _card(hit: Hit) -> str:
    if hit.thumbnail is None:
        picture = '<div style="width:180px;height:120px;background:#8883"></div>'
    else:
        data = base64.b64encode(hit.thumbnail).decode("ascii")
        picture = (
            f'<img src="data:image/jpeg;base64,{data}" alt="{html.escape(hit.image_id)}" '
            'style="width:180px;height:120px;object-fit:cover;border-radius:6px">'
        )
    caption = html.escape(hit.captions[0]) if hit.captions else ""
    return (
        f'<figure style="width:180px;margin:0">{picture}'
        f'<figcaption style="font-size:12px"><b>{hit.score:.3f}</b> {caption}</figcaption></figure>'
    )
