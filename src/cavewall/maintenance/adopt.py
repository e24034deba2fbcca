"""Attaching an existing LanceDB table as a wall, after checking its vectors against an encoder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cavewall._internal.vectors import mean_direction
from cavewall.encoders import Encoder
from cavewall.errors import EncoderMismatchError, InputError
from cavewall.storage import ExternalStore, ExternalTableConfig, TableColumns, find_table
from cavewall.storage.object_store_errors import is_remote

__all__ = ["AttachReport", "adopt"]

_SAMPLE = 32
# The median cosine is about 0 for another model, and 0.9 or more for joined captions or their mean.
_MIN_AGREEMENT = 0.5


@dataclass(frozen=True)
class AttachReport:
    """The attached table.

    `agreement` is the median cosine between the table's vectors and the encoder's vectors of the
    captions, on a sample; None if the table has no captions.
    """

    table: str
    pictures: int
    columns: TableColumns
    agreement: float | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "pictures": self.pictures,
            "columns": vars(self.columns),
            "agreement": self.agreement,
        }


def adopt(address: str, table: str, encoder: Encoder, **columns: str | None) -> AttachReport:
    """Make the table a wall at `address`, without copying it.

    `columns` name the table's `vector`, `image_id`, `captions` and `image`, if they are not
    detected.

    Raises:
        InputError: there is no such table, or its columns cannot be determined.
        EncoderMismatchError: its vectors are not the encoder's.
    """
    if is_remote(address):
        raise InputError(
            f"the wall of an adopted table is a folder on this machine, not {address}: the table "
            "itself may be anywhere"
        )
    found, schema = find_table(table)
    named = TableColumns.of(schema, **columns)
    config = ExternalTableConfig.new(found, encoder.identity, named)
    store = ExternalStore(address, config)
    agreement = _agreement(store, encoder)
    config.to_folder(Path(address))
    return AttachReport(found, store.count(), named, agreement)


def _agreement(store: ExternalStore, encoder: Encoder) -> float | None:
    made = encoder.identity
    snapshot = store.snapshot()
    dimension = snapshot.vectors.shape[1]
    if dimension != made.dimension:
        raise EncoderMismatchError(
            f"the table's vectors have {dimension} floats, and those of {made.name} have "
            f"{made.dimension}: name the model that made them with --encoder"
        )
    captions = store.details(store.version).captions()
    with_captions = [
        at for at, row in enumerate(snapshot.rows_of(range(len(snapshot.ids)))) if captions[row]
    ]
    sample = np.random.default_rng(0).permutation(with_captions)[:_SAMPLE]
    cosines = []
    for at in sample.tolist():
        texts = captions[snapshot.rows_of([at])[0]]
        vectors = encoder.encode([*texts, " ".join(texts)])
        both = np.stack([mean_direction(vectors[:-1]), vectors[-1]])
        cosines.append(float((both @ snapshot.vectors[at]).max()))
    if not cosines:
        return None
    agreement = float(np.median(cosines))
    if agreement < _MIN_AGREEMENT:
        raise EncoderMismatchError(
            f"the table's vectors are not those of {made.name}: on {len(cosines)} rows, what it "
            f"makes of the captions is at cosine {agreement:.2f} to them. Name the model that "
            "made them with --encoder"
        )
    return agreement
