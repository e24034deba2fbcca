"""Hugging Face's *imagefolder*: pictures beside a `metadata.csv`, `.jsonl` or `.parquet`.

The metadata file may stand in the folder itself or in each of the folders below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from cavewall._internal.object_store import AnyPath
from cavewall.errors import SourceError
from cavewall.ingest.sources.arrow_table import read_parquet
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.delimited import read_delimited
from cavewall.ingest.sources.jsonl import read_jsonl
from cavewall.ingest.sources.source import Source

__all__ = ["metadata_files", "read_imagefolder"]

_READERS = {
    "metadata.csv": read_delimited,
    "metadata.jsonl": read_jsonl,
    "metadata.parquet": read_parquet,
}


def metadata_files(folder: AnyPath) -> list[AnyPath]:
    """The metadata files of an imagefolder, none where it is none."""
    folders = [folder]
    if not any(_in(folder)):
        folders = sorted((path for path in folder.iterdir() if path.is_dir()), key=str)
    return [path for each in folders for path in _in(each)]


def read_imagefolder(folder: AnyPath, images: AnyPath, columns: Columns) -> Source:
    """The pictures that the metadata files name in `file_name`, their captions in `text`.

    Raises:
        SourceError: there is no metadata file, or one that cannot be read.
    """
    files = metadata_files(folder)
    if not files:
        raise SourceError(f"{folder} holds no {', '.join(_READERS)}, nor do the folders in it")
    sources = [
        _READERS[path.name](path, images, columns, below=_below(path.parent, folder))
        for path in files
    ]
    return Source(
        str(folder.resolve()),
        chain.from_iterable(source.pictures for source in sources),
        in_files=True,
        notices=tuple(notice for source in sources for notice in source.notices),
    )


def _in(folder: AnyPath) -> Iterator[AnyPath]:
    return (path for name in _READERS if (path := folder / name).is_file())


def _below(folder: AnyPath, root: AnyPath) -> str:
    return "" if folder == root else f"{folder.name}/"
