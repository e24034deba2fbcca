"""A picture of every caption: what a picture shows, found by one of the ways to say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cavewall.errors import SourceError
from cavewall.ingest.sources.source import Source
from cavewall.models import Picture, Reject

__all__ = ["each_caption"]


def each_caption(source: Source) -> Source:
    """The same source with `name#0`, `name#1` … for the captions of `name`.

    Raises:
        SourceError: its captions come only with the bytes of its pictures.
    """
    if source.look is not None:
        raise SourceError(
            f"a picture of every caption needs captions that stand in a file of captions: in "
            f"{source.name} they stand beside the pictures, or inside them"
        )
    return replace(source, pictures=_parted(source.pictures))


def _parted(pictures: Iterable[Picture | Reject]) -> Iterator[Picture | Reject]:
    for found in pictures:
        if isinstance(found, Reject) or not found.captions:
            yield found
            continue
        for number, caption in enumerate(found.captions):
            yield replace(found, image_id=f"{found.image_id}#{number}", captions=(caption,))
