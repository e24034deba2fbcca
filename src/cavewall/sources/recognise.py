"""Which reader a source asks for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cavewall.errors import SourceError
from cavewall.pictures import Picture
from cavewall.sources.captions_file import read_captions_file
from cavewall.sources.folder import read_folder
from cavewall.sources.source import Source
from cavewall.sources.tables import is_table, read_table

__all__ = ["open_source"]

_CAPTION_FILES = ("captions.txt", "captions.csv")


def open_source(source: Any, images: str | os.PathLike[str] | None = None) -> Source:
    """The reader for a captions file, a folder that holds one, a table, or pictures.

    Raises:
        SourceError: there is nothing there that can be read.
    """
    folder = None if images is None else _path(images)
    if folder is not None and not os.path.isdir(folder):  # noqa: PTH112 -- see _path
        raise SourceError(f"there is no image folder {folder}: check --images")
    if isinstance(source, str | os.PathLike):
        return _open_path(_path(source), folder)
    if is_table(source):
        return read_table(source, folder)
    if isinstance(source, Iterable):
        return Source("pictures", _pictures(source), in_files=False)
    raise SourceError(
        f"a source is a path, a table or pictures, not {type(source).__name__}: "
        "pass a captions file, a DataFrame, an Arrow table or an iterable of Picture"
    )


def _pictures(source: Iterable[Any]) -> Iterator[Picture]:
    for item in source:
        if not isinstance(item, Picture):
            raise SourceError(f"a source of pictures holds Picture values, not {item!r:.80}")
        yield item


def _path(given: str | os.PathLike[str]) -> Path:
    # Unlike its twin in pathlib, this leaves a `~name` that is nobody's as it is; and so do
    # os.path's tests say no, and nothing worse, to names that no file can have.
    return Path(os.path.expanduser(given))  # noqa: PTH111


def _open_path(path: Path, images: Path | None) -> Source:
    if not os.path.exists(path):  # noqa: PTH110 -- see _path
        raise SourceError(f"there is no source {path}: check the path")
    if path.is_dir():
        found = [path / name for name in _CAPTION_FILES if (path / name).is_file()]
        if not found:
            if images is None:
                return read_folder(path)
            raise SourceError(
                f"the folder {path} holds no {' or '.join(_CAPTION_FILES)}: a captions file "
                "begins with the line image,caption. A folder of pictures needs no --images"
            )
        path = found[0]
    return read_captions_file(path, images or _images_beside(path))


def _images_beside(captions: Path) -> Path:
    for name in ("Images", "images"):
        if (captions.parent / name).is_dir():
            return captions.parent / name
    return captions.parent
