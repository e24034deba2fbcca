"""Groups of duplicates as one picture, a row of thumbnails each."""

from __future__ import annotations

from PIL import Image

from cavewall.maintain.duplicates import Duplicates, Group
from cavewall.pictures import Hit, Hits
from cavewall.sheet import contact_sheet
from cavewall.store import Store
from cavewall.store.upkeep import Upkeep

__all__ = ["duplicates_sheet"]

_MOST_GROUPS, _MOST_PICTURES = 30, 10
_SAID = {"bytes": "the same bytes", "look": "the same look", "vector": "nearly the same vector"}


def duplicates_sheet(store: Store, duplicates: Duplicates) -> Image.Image:
    """The first thirty groups under one another, up to ten pictures of each."""
    blocks = [
        contact_sheet([_answer(store, duplicates, group)])
        for group in duplicates.groups[:_MOST_GROUPS]
    ] or [contact_sheet([_nothing(store, duplicates)])]
    sheet = Image.new(
        "RGB",
        (max(block.width for block in blocks), sum(block.height for block in blocks)),
        blocks[0].getpixel((0, 0)),
    )
    top = 0
    for block in blocks:
        sheet.paste(block, (0, top))
        top += block.height
    return sheet


def _answer(store: Store, duplicates: Duplicates, group: Group) -> Hits:
    shown = group.image_ids[:_MOST_PICTURES]
    columns = ["image_id", "thumbnail"]
    thumbnails = {row["image_id"]: row["thumbnail"] for row in Upkeep(store).found(shown, columns)}
    count = len(group.image_ids)
    more = f", {len(shown)} of {count} pictures" if count > len(shown) else f", {count} pictures"
    # The names are what tells them apart, so they stand where captions do.
    hits = tuple(
        Hit(image_id, 1.0, (image_id,), None, (), thumbnail=thumbnails.get(image_id))
        for image_id in shown
    )
    title = " · ".join(_SAID[reason] for reason in group.reasons) + more
    return _hits(store, duplicates, title, hits)


def _nothing(store: Store, duplicates: Duplicates) -> Hits:
    return _hits(store, duplicates, f"no duplicates among {duplicates.pictures:,} pictures", ())


def _hits(store: Store, duplicates: Duplicates, title: str, hits: tuple[Hit, ...]) -> Hits:
    encoder = store.metadata.encoder.name
    return Hits(hits, title, "duplicates", encoder, duplicates.version, 0.0)
