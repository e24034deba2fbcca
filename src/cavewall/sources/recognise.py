"""Which reader a source asks for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cavewall.errors import SourceError
from cavewall.sources.captions_file import read_captions_file
from cavewall.sources.source import Source
from cavewall.sources.tables import is_table, read_table

__all__ = ["open_source"]

_CAPTION_FILES = ("captions.txt", "captions.csv")


def open_source(source: Any, images: str | os.PathLike[str] | None = None) -> Source:
    """The reader for a captions file, a folder that holds one, a table, or pictures.

    Raises:
        SourceError: there is nothing there that can be read.
    """
    folder = None if images is None else Path(images).expanduser()
    if folder is not None and not folder.is_dir():
        raise SourceError(f"there is no image folder {folder}: check --images")
    if isinstance(source, str | os.PathLike):
        return _open_path(Path(source).expanduser(), folder)
    if is_table(source):
        return read_table(source, folder)
    if isinstance(source, Iterable):
        return Source("pictures", source, in_files=False)
    raise SourceError(
        f"a source is a path, a table or pictures, not {type(source).__name__}: "
        "pass a captions file, a DataFrame, an Arrow table or an iterable of Picture"
    )


def _open_path(path: Path, images: Path | None) -> Source:
    if not path.exists():
        raise SourceError(f"there is no source {path}: check the path")
    if path.is_dir():
        found = [path / name for name in _CAPTION_FILES if (path / name).is_file()]
        if not found:
            raise SourceError(
                f"the folder {path} holds no {' or '.join(_CAPTION_FILES)}: a captions file "
                "begins with the line image,caption"
            )
        path = found[0]
    return read_captions_file(path, images or _images_beside(path))


def _images_beside(captions: Path) -> Path:
    for name in ("Images", "images"):
        if (captions.parent / name).is_dir():
            return captions.parent / name
    return captions.parent
