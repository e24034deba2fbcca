"""Deletion of pictures."""

from __future__ import annotations

from collections.abc import Iterable

from cavewall.errors import UnknownPictureError
from cavewall.storage import Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["check_there", "delete"]

_NAMED = 5


def delete(store: Store, image_ids: Iterable[str]) -> int:
    """Delete pictures in one version; returns their number.

    Raises:
        UnknownPictureError: one is not on the wall; nothing is deleted.
    """
    wanted = check_there(store, image_ids)
    return TableAdmin(store).delete(wanted) if wanted else 0


def check_there(store: Store, image_ids: Iterable[str]) -> list[str]:
    """The distinct ids. Raises UnknownPictureError if one is not on the wall."""
    wanted = list(dict.fromkeys([image_ids] if isinstance(image_ids, str) else image_ids))
    if not wanted:
        return []
    there = {row["image_id"] for row in TableAdmin(store).found(wanted, ["image_id"])}
    unknown = [image_id for image_id in wanted if image_id not in there]
    if unknown:
        named = ", ".join(repr(image_id) for image_id in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        raise UnknownPictureError(
            f"not on this wall: {named}{more}. Nothing was deleted: leave them out"
        )
    return wanted
