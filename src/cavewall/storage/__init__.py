"""The table `pictures` on disk or in object storage: the only place that knows Lance."""

from cavewall.storage.checkpoints import TaskCheckpoints
from cavewall.storage.existing_rows import ExistingRow, ExistingRows, captions_digest
from cavewall.storage.external_config import (
    ExternalTableConfig,
    TableColumns,
    find_table,
    is_external,
)
from cavewall.storage.external_table import ExternalStore
from cavewall.storage.facets import FacetCount, Facets
from cavewall.storage.fields import FieldSummary
from cavewall.storage.image_vectors import ImageVectors, MissingImageVectors
from cavewall.storage.pending_vectors import UNFILLED, PendingEncoder, PendingVectors
from cavewall.storage.row_details import Details
from cavewall.storage.row_updates import RowRename
from cavewall.storage.row_view import ColumnValue
from cavewall.storage.rows import NewPicture
from cavewall.storage.schema import IMAGE_VECTOR, STANDBY, VECTOR
from cavewall.storage.snapshot import PictureRows, Snapshot
from cavewall.storage.staged_fragments import StagedFragment, StagedFragments
from cavewall.storage.table import Store
from cavewall.storage.terms import SavedTerm, SavedTerms


def open_store(address: str) -> Store:
    """The wall at that address, its own table or an adopted one; raises what `Store.open` does."""
    return ExternalStore.open(address) if is_external(address) else Store.open(address)


__all__ = [
    "IMAGE_VECTOR",
    "STANDBY",
    "UNFILLED",
    "VECTOR",
    "ColumnValue",
    "Details",
    "ExistingRow",
    "ExistingRows",
    "ExternalStore",
    "ExternalTableConfig",
    "FacetCount",
    "Facets",
    "FieldSummary",
    "ImageVectors",
    "MissingImageVectors",
    "NewPicture",
    "PendingEncoder",
    "PendingVectors",
    "PictureRows",
    "RowRename",
    "SavedTerm",
    "SavedTerms",
    "Snapshot",
    "StagedFragment",
    "StagedFragments",
    "Store",
    "TableColumns",
    "TaskCheckpoints",
    "captions_digest",
    "find_table",
    "is_external",
    "open_store",
]
