"""Groups of duplicates as one picture, a row of thumbnails each."""

from __future__ import annotations

from PIL import Image

from cavewall._internal.terminal_text import pluralize
from cavewall.explore.plots.contact_sheet import SheetTile, stacked_sheet
from cavewall.maintenance.duplicates import Duplicates, Group
from cavewall.storage import Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["duplicates_sheet"]

_MOST_GROUPS, _MOST_PICTURES = 30, 10
_SAID = {"bytes": "the same bytes", "look": "the same look", "vector": "nearly the same vector"}


def duplicates_sheet(store: Store, duplicates: Duplicates) -> Image.Image:
    """The first thirty groups under one another, up to ten pictures of each."""
    rows = [_row(store, group) for group in duplicates.groups[:_MOST_GROUPS]]
    left = len(duplicates.groups) - len(rows)
    if left:
        rows.append((f"and {pluralize(left, 'more group')}", []))
    among = pluralize(duplicates.pictures, "picture")
    return stacked_sheet(rows or [(f"no duplicates among {among}", [])])


def _row(store: Store, group: Group) -> tuple[str, list[SheetTile]]:
    shown = group.image_ids[:_MOST_PICTURES]
    columns = ["image_id", "thumbnail"]
    thumbnails = {
        row["image_id"]: row["thumbnail"] for row in TableAdmin(store).found(shown, columns)
    }
    count = len(group.image_ids)
    title = " · ".join(_SAID[reason] for reason in group.reasons)
    title += f", {len(shown)} of {count} pictures" if count > len(shown) else f", {count} pictures"
    # The names are what tells them apart, so they stand where captions do.
    return title, [SheetTile(thumbnails.get(image_id), image_id) for image_id in shown]
