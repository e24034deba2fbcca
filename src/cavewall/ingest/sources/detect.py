"""The reader for a source: by the given format, or detected."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from cavewall._internal.images import is_picture_name
from cavewall._internal.object_store import AnyPath, ObjectPath, any_path, is_object_address
from cavewall.errors import SourceError
from cavewall.ingest.sources.arrow_table import is_table, read_parquet, read_table
from cavewall.ingest.sources.bucket_folder import read_bucket_folder
from cavewall.ingest.sources.coco import coco_images, read_coco
from cavewall.ingest.sources.columns import FORMATS, Columns, SourceColumns
from cavewall.ingest.sources.delimited import read_delimited
from cavewall.ingest.sources.folder import read_folder
from cavewall.ingest.sources.imagefolder import metadata_files, read_imagefolder
from cavewall.ingest.sources.jsonl import read_jsonl
from cavewall.ingest.sources.source import Source
from cavewall.ingest.sources.textfile import TextFile
from cavewall.ingest.sources.token_file import is_token_line, read_token_file
from cavewall.models import Picture, Reject

__all__ = ["each_caption", "open_source"]

_FILE_READERS: dict[str, Callable[[AnyPath, AnyPath, Columns], Source]] = {
    "csv": read_delimited,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "token": read_token_file,
    "coco": read_coco,
}
_WITH_COLUMNS = ("csv", "jsonl", "parquet", "imagefolder")
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
# Files that describe a whole folder, with their formats.
_DESCRIPTIVE_FILES = (
    ("csv", "captions.txt"),
    ("csv", "captions.csv"),
    ("token", "*.token.txt"),
    ("token", "*.token"),
    ("coco", "captions_*.json"),
    ("coco", "annotations/captions_*.json"),
)
_USUAL_FOLDERS = ("Images", "images")
_DATASET_FOLDERS = ("Flicker8k_Dataset", "flickr30k-images", "flickr30k_images")


def open_source(
    source: Any,
    images: str | os.PathLike[str] | ObjectPath | None = None,
    layout: SourceColumns | None = None,
) -> Source:
    """The reader for a file or folder of any of the `FORMATS`, a table, or pictures.

    Raises:
        SourceError: there is nothing there that can be read.
    """
    layout = layout or SourceColumns()
    folder = None if images is None else _path(images)
    if folder is not None and not _is_folder(folder):
        raise SourceError(f"there is no image folder {folder}: check --images")
    opened = _opened(source, folder, layout)
    return each_caption(opened) if layout.each_caption else opened


def _opened(source: Any, images: AnyPath | None, layout: SourceColumns) -> Source:
    if isinstance(source, str | os.PathLike | ObjectPath):
        return _open_path(_path(source), images, layout)
    if layout.format is not None:
        raise SourceError("a format is that of a file or folder, not of a table or pictures")
    if is_table(source):
        return read_table(source, images, layout.columns)
    if isinstance(source, Iterable):
        return Source("pictures", _pictures(source), in_files=False, lasting=False)
    raise SourceError(
        f"a source is a path, a table or pictures, not {type(source).__name__}: "
        "pass a captions file, a DataFrame, an Arrow table or an iterable of Picture"
    )


def _pictures(source: Iterable[Any]) -> Iterator[Picture]:
    for item in source:
        if not isinstance(item, Picture):
            raise SourceError(f"a source of pictures holds Picture values, not {item!r:.80}")
        yield item


def each_caption(source: Source) -> Source:
    """The same source with `name#0`, `name#1` … for the captions of `name`.

    Raises:
        SourceError: its captions come only with the bytes of its pictures.
    """
    if source.look is not None:
        raise SourceError(
            f"a picture of every caption needs captions that stand in a file of captions: in "
            f"{source.name} they stand beside the pictures, or inside them"
        )
    return replace(source, pictures=_split_captions(source.pictures))


def _split_captions(pictures: Iterable[Picture | Reject]) -> Iterator[Picture | Reject]:
    for found in pictures:
        if isinstance(found, Reject) or not found.captions:
            yield found
            continue
        for number, caption in enumerate(found.captions):
            yield replace(found, image_id=f"{found.image_id}#{number}", captions=(caption,))


def _path(given: str | os.PathLike[str] | ObjectPath) -> AnyPath:
    if isinstance(given, ObjectPath) or is_object_address(os.fspath(given)):
        return any_path(given)
    if "://" in os.fspath(given) and not os.path.exists(given):  # noqa: PTH110 -- see below
        raise SourceError(
            f"{given} cannot be read: sources are files and folders here, and in buckets at s3://, "
            "gs:// and az://"
        )
    # Unlike its twin in pathlib, this leaves a `~name` that is nobody's as it is; and so do
    # os.path's tests say no, and nothing worse, to names that no file can have.
    return Path(os.path.expanduser(given))  # noqa: PTH111


def _is_folder(path: AnyPath) -> bool:
    return path.is_dir() if isinstance(path, ObjectPath) else os.path.isdir(path)  # noqa: PTH112


def _is_there(path: AnyPath) -> bool:
    return path.exists() if isinstance(path, ObjectPath) else os.path.exists(path)  # noqa: PTH110


def _open_path(path: AnyPath, images: AnyPath | None, layout: SourceColumns) -> Source:
    if not _is_there(path):
        raise SourceError(f"there is no source {path}: check the path")
    chosen, columns = layout.format, layout.columns
    if chosen is not None and chosen not in FORMATS:
        raise SourceError(f"there is no format {chosen!r}: choose one of {', '.join(FORMATS)}")
    if path.is_dir():
        found, path = _in_folder(path, chosen)
    else:
        found = chosen or _of_file(path)
    if columns != Columns() and found not in _WITH_COLUMNS:
        raise SourceError(
            f"{path} is read as {found}, which has no columns to choose: those are chosen of "
            f"{', '.join(_WITH_COLUMNS)} (--format)"
        )
    if found == "folder":
        if images is not None:
            raise SourceError(
                f"the folder {path} holds no captions.txt, captions.csv or other file of "
                "captions. A folder of pictures needs no --images"
            )
        if isinstance(path, ObjectPath):
            return read_bucket_folder(path, layout.captionless)
        return read_folder(path, layout.captionless)
    if found == "imagefolder":
        return read_imagefolder(path, images or path, columns)
    beside = coco_images(path) if found == "coco" else None
    return _FILE_READERS[found](path, images or beside or _images_beside(path), columns)


def _in_folder(folder: AnyPath, chosen: str | None) -> tuple[str, AnyPath]:
    """The format of a folder, and the file in it that describes it."""
    if chosen == "folder":
        return chosen, folder
    for found, pattern in _DESCRIPTIVE_FILES:
        if chosen not in (None, found):
            continue
        named: Iterable[AnyPath] = islice(folder.glob(pattern), 100)
        files = sorted((path for path in named if path.is_file()), key=str)
        if len(files) > 1:
            names = ", ".join(path.name for path in files)
            raise SourceError(f"the folder {folder} holds several: add one of {names}")
        if files:
            return found, files[0]
    if chosen in (None, "imagefolder") and metadata_files(folder):
        return "imagefolder", folder
    if any(folder.glob("*.lance")):
        raise SourceError(
            f"the folder {folder} holds LanceDB tables: cavewall adopt makes a wall of one"
        )
    if chosen is not None:
        raise SourceError(f"the folder {folder} holds nothing in the format {chosen}: name a file")
    return "folder", folder


def _of_file(path: AnyPath) -> str:
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if is_picture_name(path.name):
        raise SourceError(f"{path} is a single picture: add the folder that it is in")
    first, *more = [*TextFile(path).first_lines(2), ""]
    if suffix == ".json":
        is_object = first.startswith("{") and first.endswith("}")
        return "jsonl" if is_object and any(more) else "coco"
    return "token" if is_token_line(first) else "csv"


def _images_beside(captions: AnyPath) -> AnyPath:
    here, above = captions.parent, captions.parent.parent
    places = [here / name for name in (*_USUAL_FOLDERS, *_DATASET_FOLDERS)]
    places += [above / name for name in _DATASET_FOLDERS]
    return next((place for place in places if place.is_dir()), here)
