"""The table `pictures` on disk or in object storage: the only place that knows Lance."""

from cavewall.storage.checkpoints import Finished
from cavewall.storage.existing_rows import Known, KnownPictures, captions_digest
from cavewall.storage.external_table import (
    AdoptedStore,
    Adoption,
    TableColumns,
    find_table,
    is_adopted,
)
from cavewall.storage.facets import FacetCount, Facets
from cavewall.storage.fields import FieldSummary
from cavewall.storage.image_vectors import ImageSpace, Unseen
from cavewall.storage.pending_vectors import UNFILLED, Standby, Unfilled
from cavewall.storage.row_details import Details
from cavewall.storage.row_updates import Move
from cavewall.storage.row_view import Cell
from cavewall.storage.rows import NewPicture
from cavewall.storage.schema import IMAGE_VECTOR, STANDBY, VECTOR
from cavewall.storage.snapshot import Snapshot
from cavewall.storage.staged_fragments import Piece, Pieces
from cavewall.storage.table import Store
from cavewall.storage.terms import SavedTerm, SavedTerms


def open_store(address: str) -> Store:
    """The wall at that address, its own table or an adopted one; raises what `Store.open` does."""
    return AdoptedStore.open(address) if is_adopted(address) else Store.open(address)


__all__ = [
    "IMAGE_VECTOR",
    "STANDBY",
    "UNFILLED",
    "VECTOR",
    "AdoptedStore",
    "Adoption",
    "Cell",
    "Details",
    "FacetCount",
    "Facets",
    "FieldSummary",
    "Finished",
    "ImageSpace",
    "Known",
    "KnownPictures",
    "Move",
    "NewPicture",
    "Piece",
    "Pieces",
    "SavedTerm",
    "SavedTerms",
    "Snapshot",
    "Standby",
    "Store",
    "TableColumns",
    "Unfilled",
    "Unseen",
    "captions_digest",
    "find_table",
    "is_adopted",
    "open_store",
]
