"""`wall.table`: what the table of a wall holds, beside its vectors."""

from __future__ import annotations

from cavewall.query.filters import Filter, as_filter
from cavewall.search.connection import Namespace, retried
from cavewall.storage import ColumnValue, Facets, FieldSummary
from cavewall.storage.object_store_errors import raises_storage_errors

__all__ = ["WallTable"]


@raises_storage_errors
class WallTable(Namespace):
    """The fields of a wall, their values, and the rows of its pictures."""

    @retried
    def row(self, image_id: str, *, version: int | None = None) -> tuple[ColumnValue, ...]:
        """The table's row of a picture, a value for each column.

        Raises:
            UnknownPictureError: it is not there.
        """
        return self.connection.version(version).row(image_id)

    @retried
    def fields(self, *, version: int | None = None) -> tuple[FieldSummary, ...]:
        """The fields that a filter may name on this wall, and how many pictures have each."""
        ready = self.connection.version(version)
        return ready.store.fields(ready.number)

    @retried
    def facets(
        self,
        field: str,
        where: str | Filter | None = None,
        limit: int = 20,
        *,
        version: int | None = None,
    ) -> Facets:
        """How many of the pictures that a filter is true of, or of all, have which value.

        Raises:
            FilterError: there is no such field.
        """
        ready = self.connection.version(version)
        condition = as_filter(where)
        mask = None if condition is None else ready.filter_mask(condition)
        return ready.facets(field, mask, limit)
