"""The values that go in and come out: pictures, rejects, reports, hits."""

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

__all__ = ["AddReport", "Contribution", "Hit", "Hits", "Notice", "Picture", "Reject"]


@dataclass(frozen=True)
class Picture:
    """A picture and its captions.

    Sources yield the first five fields; `image` holds the bytes themselves, `path` the file or
    object to read them from. A picture that comes from a wall has the others too.
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
    """A picture that was not taken.

    `reason` begins with `missing`, `unreadable`, `outside`, `no-caption` or `duplicate`; `place`
    is its file, or where the source speaks of it; `source` is known of those kept with a wall.
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
    """Something that its owner should know of a picture that was taken, or of the whole source.

    `image_id` is empty where it is of the whole.
    """

    image_id: str
    notice: str

    def to_dict(self) -> dict[str, Any]:
        return {"image_id": self.image_id, "notice": self.notice}


@dataclass(frozen=True)
class AddReport:
    """What one `add` did. `skipped` names every picture of the source that is not on the wall.

    `moved` pictures have another id or file than before, and are not counted as added. `vanished`
    ones came from this source before and are no longer in it: they stay, or with `prune` go and
    are counted as `removed`.
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
    """What one term of a query brought to the score of one hit.

    `space` is the one in which it did, `caption` or `image`, where both were asked.
    """

    term: str
    weight: float
    contribution: float
    space: str | None = None

    def to_dict(self) -> dict[str, Any]:
        told = {"term": self.term, "weight": self.weight, "contribution": self.contribution}
        return told if self.space is None else {**told, "space": self.space}


@dataclass(frozen=True)
class Hit:
    """One answer: the contributions of `terms` sum to `score`; higher is better.

    `percentile` is the share, 0 to 100, of the wall's background that scores lower: see
    `cavewall.search.calibration`. None where the wall is too small to have one. `width` and
    `height` are the picture's, in pixels as it is shown, None where they are not known; `source`
    is the name of the source that brought it.
    """

    image_id: str
    score: float
    captions: tuple[str, ...]
    path: str | None
    terms: tuple[Contribution, ...]
    thumbnail: bytes | None = field(default=None, repr=False, compare=False)
    percentile: float | None = None
    # How the reasons are found where they are asked for; a copy in another process has none.
    reasons: Callable[[], HitExplanation] | None = field(default=None, repr=False, compare=False)
    width: int | None = None
    height: int | None = None
    source: str | None = None

    def explain(self) -> HitExplanation:
        """Why this picture is among the answers: found when it is first asked for.

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
    """The answer to one search, best first. In a notebook it shows itself as a grid.

    `explanation` is there where the search was asked for it. `where` is the filter as printed
    back, `area` the part of the map, `offset` the place, from 0, of the first hit, and `total` how
    many pictures may answer, of `pictures` that the wall has. `spaces` are those that were asked,
    of a wall with two, with their weights.
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
        """What may be wrong with the query and what to do about it, in short sentences.

        Found when it is first asked for.
        """
        return self.advised()

    def explain(self) -> Explanation:
        """Why the answer is what it is: found when it is first asked for.

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
