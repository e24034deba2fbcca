"""The table `pictures` on disk or in object storage: the only place that knows Lance."""

from cavewall.store.adopted import AdoptedStore, Adoption, TableColumns, find_table, is_adopted
from cavewall.store.cells import Cell
from cavewall.store.details import Details
from cavewall.store.facets import FacetCount, Facets
from cavewall.store.facts import FieldSummary
from cavewall.store.finished import Finished
from cavewall.store.image_space import ImageSpace, Unseen
from cavewall.store.known import Known, KnownPictures, captions_digest
from cavewall.store.moving import Move
from cavewall.store.pieces import Piece, Pieces
from cavewall.store.rows import NewPicture
from cavewall.store.schema import IMAGE_VECTOR, STANDBY, VECTOR
from cavewall.store.snapshot import Snapshot
from cavewall.store.standby import UNFILLED, Standby, Unfilled
from cavewall.store.table import Store
from cavewall.store.terms import SavedTerm, SavedTerms


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
