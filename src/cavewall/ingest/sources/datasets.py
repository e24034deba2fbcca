"""The datasets that can be fetched by name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cavewall._internal.object_store import AnyPath
from cavewall.errors import InputError, SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.delimited import read_delimited
from cavewall.models import Picture

__all__ = ["DATASETS", "Dataset", "dataset_named", "shortfalls"]


@dataclass(frozen=True)
class Dataset:
    """So many pictures in Kaggle's layout: `captions.txt`, and `Images/` beside it.

    `handle` is its address on Kaggle, with the version: what is in the cache is never asked for.
    """

    name: str
    handle: str
    pictures: int


DATASETS = (Dataset("flickr8k", "adityajn105/flickr8k/versions/1", 8_091),)


def dataset_named(name: str) -> Dataset:
    for dataset in DATASETS:
        if dataset.name == name:
            return dataset
    known = ", ".join(dataset.name for dataset in DATASETS)
    raise InputError(f"there is no dataset {name!r} to fetch: known are {known}")


def shortfalls(dataset: Dataset, folder: Path) -> list[str]:
    """What is missing of a dataset that was put into that folder, in sentences.

    Raises:
        SourceError: nothing there is of use.
    """
    captions, images = folder / "captions.txt", folder / "Images"
    again = f"delete {folder} and fetch {dataset.name} again"
    if not (captions.is_file() and images.is_dir()):
        raise SourceError(f"{folder} holds no captions.txt with a folder Images beside it: {again}")
    found = read_delimited(captions, images, Columns()).pictures
    named = [item for item in found if item.image_id]
    there = sum(isinstance(item, Picture) and _is_file(item.path) for item in named)
    if not there:
        raise SourceError(f"{images} holds no picture that {captions.name} names: {again}")
    short = []
    if len(named) != dataset.pictures:
        short.append(f"{captions} names {len(named):,} pictures, not {dataset.pictures:,}")
    if there < len(named):
        short.append(f"{images} holds {there:,} of the {len(named):,} pictures that are named")
    return short


def _is_file(path: AnyPath | None) -> bool:
    # Unlike its twin in pathlib, this says no to names that no file can have.
    return isinstance(path, Path) and os.path.isfile(path)  # noqa: PTH113
